import SIPMessage

/// What is waited for, and by whom, for those who ask.
extension UserAgent {
  /// When somebody in line asks; nil: somebody does.
  func questionTime(_ slot: Int32, of number: Int) -> Instant? {
    guard destinations[number].asker == nil, let registrant = self[slot] else { return nil }
    // Alone in line, it is the one that asks, and not before it may.
    let isAlone = destinations[number].line.count <= 1
    let floor = isAlone ? registrant.earliestTry(now: .origin) : .origin
    return max(destinations[number].nextQuestion, floor)
  }

  /// When an account that waits tries again, or somebody does that it follows; nil: it does not wait.
  func nextTry(_ slot: Int32) -> Instant? {
    guard let registrant = self[slot] else { return nil }
    var next = registrant.registration.nextAttempt
    for (route, number) in registrant.destinations.enumerated() where registrant.lines.contains(route) {
      next = Instant.earliest(next, questionTime(slot, of: Int(number)))
    }
    return next
  }

  /// The next hops, and registrars beyond them, that fail everybody, in no particular order; a hop that says nothing to
  /// anybody only once.
  package var silentHops: [SilentHop] {
    var dead: [Int: SilentHop] = [:]
    var silent: [SilentHop] = []
    for number in destinations.indices {
      guard let hop = silentHop(number) else { continue }
      guard hop.registrar == nil else {
        silent.append(hop)
        continue
      }
      dead[destinations[number].hop] = dead[destinations[number].hop].map { $0.joined(by: hop) } ?? hop
    }
    return silent + dead.sorted { $0.key < $1.key }.map(\.value)
  }

  func silentHop(_ number: Int) -> SilentHop? {
    let destination = destinations[number]
    guard let since = destination.closedSince else { return nil }
    let hop = hops[destination.hop]
    return SilentHop(
      uri: hop.uri, registrar: hop.isShared && !hop.isDead ? destination.registrar : nil, since: since,
      waiting: destination.line.count, prober: destination.asker.flatMap { self[$0]?.account.name },
      nextProber: nextAsker(of: number), nextProbe: destination.nextQuestion)
  }

  /// The name of the account that asks next, if it still waits.
  func nextAsker(of number: Int) -> String? {
    guard let slot = destinations[number].line.asker,
      let route = self[slot]?.destinations.firstIndex(of: Int32(number)), self[slot]?.lines.contains(route) == true,
      stateName(of: AccountID(index: Int(slot))) == .waiting
    else { return nil }
    return self[slot]?.account.name
  }
}
