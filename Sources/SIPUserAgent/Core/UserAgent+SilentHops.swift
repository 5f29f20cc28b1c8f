import SIPMessage

/// The next hops that fail everybody, and who asks them next, for those who want to know.
extension UserAgent {
  /// The next hops, and registrars beyond them, that fail everybody, in no particular order; a hop that says nothing to
  /// anybody only once.
  package var silentHops: [SilentHop] {
    var dead: [Int: SilentHop] = [:]
    var silent: [SilentHop] = []
    for number in client.nextHops.destinations.indices {
      guard let hop = silentHop(number) else { continue }
      guard hop.registrar == nil else {
        silent.append(hop)
        continue
      }
      let place = client.nextHops.destinations[number].hop
      dead[place] = dead[place].map { $0.joined(by: hop) } ?? hop
    }
    return silent + dead.sorted { $0.key < $1.key }.map(\.value)
  }

  func silentHop(_ number: Int) -> SilentHop? {
    let destination = client.nextHops.destinations[number]
    guard let since = destination.closedSince else { return nil }
    let hop = client.nextHops.hops[destination.hop]
    return SilentHop(
      uri: hop.uri, registrar: hop.isShared && !hop.isDead ? destination.registrar : nil, since: since,
      waiting: destination.line.count, prober: destination.asker.flatMap { registrations[$0]?.account.name },
      nextProber: nextAsker(of: number), nextProbe: destination.nextQuestion)
  }

  /// The name of the account that asks next, if it still waits.
  func nextAsker(of number: Int) -> String? {
    guard let slot = client.nextHops.destinations[number].line.asker, let registrant = registrations[slot],
      let route = registrant.destinations.firstIndex(of: Int32(number)), registrant.lines.contains(route),
      registrant.stateName == .waiting
    else { return nil }
    return registrant.account.name
  }
}
