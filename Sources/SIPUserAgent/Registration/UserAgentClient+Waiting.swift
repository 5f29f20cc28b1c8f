import SIPMessage

/// What is waited for, and by whom, for those who ask.
extension UserAgentClient {
  /// When somebody in line asks; nil: somebody does.
  func questionTime(_ registrant: borrowing Registrant, of number: Int) -> Instant? {
    let destination = nextHops.destinations[number]
    guard destination.asker == nil else { return nil }
    // Alone in line, it is the one that asks, and not before it may.
    let isAlone = destination.line.count <= 1
    let floor = isAlone ? registrant.earliestTry(now: .origin) : .origin
    return max(destination.nextQuestion, floor)
  }

  /// When an account that waits tries again, or somebody does that it follows; nil: it does not wait.
  func nextTry(of registrant: borrowing Registrant) -> Instant? {
    var next = registrant.registration.nextAttempt
    for route in registrant.destinations.indices where registrant.lines.contains(route) {
      next = Instant.earliest(next, questionTime(registrant, of: Int(registrant.destinations[route])))
    }
    return next
  }

  /// The next hops, and registrars beyond them, that fail everybody, in no particular order; a hop that says nothing to
  /// anybody only once.
  var silentHops: [SilentHop] {
    var dead: [Int: SilentHop] = [:]
    var silent: [SilentHop] = []
    for number in nextHops.destinations.indices {
      guard let hop = silentHop(number) else { continue }
      guard hop.registrar == nil else {
        silent.append(hop)
        continue
      }
      let place = nextHops.destinations[number].hop
      dead[place] = dead[place].map { $0.joined(by: hop) } ?? hop
    }
    return silent + dead.sorted { $0.key < $1.key }.map(\.value)
  }

  func silentHop(_ number: Int) -> SilentHop? {
    let destination = nextHops.destinations[number]
    guard let since = destination.closedSince else { return nil }
    let hop = nextHops.hops[destination.hop]
    return SilentHop(
      uri: hop.uri, registrar: hop.isShared && !hop.isDead ? destination.registrar : nil, since: since,
      waiting: destination.line.count, prober: destination.asker.flatMap { registrations[$0]?.account.name },
      nextProber: nextAsker(of: number), nextProbe: destination.nextQuestion)
  }

  /// The name of the account that asks next, if it still waits.
  func nextAsker(of number: Int) -> String? {
    guard let slot = nextHops.destinations[number].line.asker, let registrant = registrations[slot],
      let route = registrant.destinations.firstIndex(of: Int32(number)), registrant.lines.contains(route),
      registrant.stateName == .waiting
    else { return nil }
    return registrant.account.name
  }
}
