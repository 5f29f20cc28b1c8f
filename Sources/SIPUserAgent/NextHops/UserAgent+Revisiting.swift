import SIPMessage

/// What paths want done when their time has come: one asks, the line goes on, a displaced account comes back.
extension UserAgent {
  mutating func revisitPaths() {
    divert()
    while client.nextHops.hasToRevisit {
      for number in client.nextHops.takeToRevisit() {
        while work(at: number) {}
        client.nextHops.settleTimer(of: number, &client.turn)
        client.nextHops.passTurn(at: client.nextHops.paths[number].hop, now: client.now)
      }
    }
  }

  /// Those who waited for what turned out to be closed.
  private mutating func divert() {
    while let (number, line) = client.nextHops.diverted.popLast() {
      for slot in line { lend(slot) { $0.divert(&$1, from: number) } }
    }
  }

  /// - Returns: whether there may be more to do.
  private mutating func work(at number: Int) -> Bool {
    switch client.nextHops.paths[number].work(hysteresis: client.settings.failbackAfter, now: client.now) {
    case .none: return false
    case .ask: return ask(number)
    case .release:
      guard let (slot, route) = nextInLine(number, isQuestion: false) else { return true }
      pace(number, .waiting)
      start(slot, route, .released)
      return true
    case .bringBack:
      guard let slot = client.nextHops.paths[number].takeDisplaced() else { return false }
      guard let route = displacedRoute(slot, from: number) else { return true }
      pace(number, .moves)
      start(slot, route, .free, comesBack: true)
      return true
    }
  }

  /// The line of a path goes on in its turn.
  private mutating func pace(_ number: Int, _ lane: NextHop.Lane) {
    let instant = client.nextHops.take(lane, toward: Int32(number), now: client.now)
    client.nextHops.paths[number].releases(at: instant)
  }

  /// Displaced accounts that are looked at for one whose binding outlives a question.
  private static let displacedLookedAt = 8

  /// One account asks whether the path is back: one from the line, or else a displaced one whose binding
  /// outlives the answer that may not come.
  private mutating func ask(_ number: Int) -> Bool {
    guard client.nextHops.mayAsk(number, now: client.now) else { return false }
    if let (slot, route) = nextInLine(number, isQuestion: true) {
      start(slot, route, .question)
      return true
    }
    guard client.nextHops.paths[number].line.isEmpty else { return true }
    var unfit: [Int32] = []
    defer { for slot in unfit.reversed() { client.nextHops.paths[number].displace(slot) } }
    while unfit.count < Self.displacedLookedAt, let slot = client.nextHops.paths[number].takeNewestDisplaced() {
      guard let route = displacedRoute(slot, from: number) else { continue }
      guard mayAskElsewhere(slot) else {
        unfit.append(slot)
        continue
      }
      start(slot, route, .question, comesBack: true)
      return true
    }
    if !unfit.isEmpty { client.nextHops.paths[number].deferQuestion(until: client.now + .seconds(5)) }
    return false
  }

  /// Its binding outlives the question, and it has not asked a moment ago.
  private func mayAskElsewhere(_ slot: Int32) -> Bool {
    guard let registrant = registrations[slot], let binding = registrant.registration.binding else { return false }
    return binding.expiresAt - client.now > client.settings.timers.timerF + .seconds(10)
      && client.now >= registrant.sentAt + registrant.account.policy.minimumInterval
  }

  /// - Parameter comesBack: from another route, to one that it was displaced from
  private mutating func start(
    _ slot: Int32, _ route: Int, _ role: Attempt.Engagement.Role, comesBack: Bool = false
  ) {
    lend(slot) { client, registrant in
      if comesBack { registrant.displacedFrom.remove(route) }
      client.cancelPlan(registrant)
      guard registrant.registration.refresh() else {
        preconditionFailure("account \(registrant.id.index) can not start")
      }
      client.begin(&registrant, route: route, role)
    }
  }

  /// The first in line that still waits. One that sent a moment ago is given its time by itself, and so is one that has a
  /// last try before its binding ends, where a question now would cost it that.
  private mutating func nextInLine(_ number: Int, isQuestion: Bool) -> (slot: Int32, route: Int)? {
    while let slot = client.nextHops.paths[number].takeFromLine(isQuestion: isQuestion) {
      if let route = lend(slot, { $0.leaveLine(&$1, of: number, isQuestion: isQuestion) }) ?? nil {
        return (slot, route)
      }
    }
    return nil
  }

  /// nil: it is back already, or busy, and says so itself when it is displaced again.
  private mutating func displacedRoute(_ slot: Int32, from number: Int) -> Int? {
    lend(slot) { _, registrant -> Int? in
      guard let route = registrant.paths.firstIndex(of: Int32(number)), registrant.displacedFrom.contains(route)
      else { return nil }
      guard case .registered = registrant.registration.state, let bound = registrant.registration.binding?.routeIndex,
        bound > route
      else {
        registrant.displacedFrom.remove(route)
        return nil
      }
      return route
    } ?? nil
  }
}
