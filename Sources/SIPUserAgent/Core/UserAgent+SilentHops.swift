import SIPMessage

/// The next hops that fail everybody, and who asks them next, for those who want to know.
extension UserAgent {
  /// The next hops, and registrars beyond them, that fail everybody, in no particular order; a hop that says nothing to
  /// anybody only once.
  package var silentHops: [SilentHop] {
    var dead: [Int: SilentHop] = [:]
    var silent: [SilentHop] = []
    for number in client.nextHops.paths.indices {
      guard let hop = silentHop(number) else { continue }
      guard hop.registrar == nil else {
        silent.append(hop)
        continue
      }
      let place = client.nextHops.paths[number].hop
      dead[place] = dead[place].map { $0.joined(by: hop) } ?? hop
    }
    return silent + dead.sorted { $0.key < $1.key }.map(\.value)
  }

  func silentHop(_ number: Int) -> SilentHop? {
    let path = client.nextHops.paths[number]
    guard let since = path.closedSince else { return nil }
    let hop = client.nextHops.hops[path.hop]
    return SilentHop(
      uri: hop.uri, registrar: hop.isShared && !hop.isDead ? path.registrar : nil, since: since,
      waiting: path.line.count, prober: path.asker.flatMap { registrations[$0]?.account.name },
      nextProber: nextAsker(of: number), nextProbe: path.nextQuestion)
  }

  /// The name of the account that asks next, if it still waits.
  func nextAsker(of number: Int) -> String? {
    guard let slot = client.nextHops.paths[number].line.asker, let registrant = registrations[slot],
      let route = registrant.paths.firstIndex(of: Int32(number)), registrant.lines.contains(route),
      registrant.stateName == .waiting
    else { return nil }
    return registrant.account.name
  }
}
