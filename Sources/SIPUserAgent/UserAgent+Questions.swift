import SIPMessage

/// What destinations want done when their time has come: one asks, the line goes on, a displaced account comes back.
extension UserAgent {
  /// Looks at a destination when the event has been handled.
  mutating func tend(_ number: Int) {
    guard !destinations[number].isUntended else { return }
    destinations[number].isUntended = true
    untended.append(number)
  }

  mutating func hopTimerFired(_ timer: TimerID) {
    destinations[Int(timer.slot)].timer.deadline = nil
    tend(Int(timer.slot))
  }

  mutating func tendDestinations(now: Instant, effects: inout [Effect]) {
    // In the order in which they came: whose turn it is comes before the one that has just asked.
    while !untended.isEmpty {
      let numbers = untended
      untended.removeAll(keepingCapacity: true)
      for number in numbers {
        destinations[number].isUntended = false
        while work(at: number, now: now, effects: &effects) {}
        settleTimer(ofDestination: number, effects: &effects)
        passTurn(at: destinations[number].hop, now: now)
      }
    }
  }

  /// - Returns: whether there may be more to do.
  private mutating func work(at number: Int, now: Instant, effects: inout [Effect]) -> Bool {
    switch destinations[number].work(hysteresis: settings.failbackAfter, now: now) {
    case .none: return false
    case .ask: return ask(number, now: now, effects: &effects)
    case .release:
      guard let (slot, route) = nextInLine(number, isQuestion: false, now: now, effects: &effects) else { return true }
      destinations[number].releases(at: hops[destinations[number].hop].take(now: now))
      start(slot, route, .released, now: now, effects: &effects)
      return true
    case .restore:
      guard let slot = destinations[number].takeDisplaced() else { return false }
      guard let route = displacedRoute(slot, from: number) else { return true }
      registrants[Int(slot)]?.displacedFrom.remove(route)
      destinations[number].releases(at: hops[destinations[number].hop].takeMove(now: now))
      start(slot, route, .free, now: now, effects: &effects)
      return true
    }
  }

  /// One account asks whether the destination is back: one from the line, or else a displaced one whose binding
  /// outlives the answer that may not come.
  private mutating func ask(_ number: Int, now: Instant, effects: inout [Effect]) -> Bool {
    guard mayAsk(number, now: now) else { return false }
    if let (slot, route) = nextInLine(number, isQuestion: true, now: now, effects: &effects) {
      start(slot, route, .question, now: now, effects: &effects)
      return true
    }
    guard destinations[number].line.isEmpty else { return true }
    var unfit: [Int32] = []
    defer { for slot in unfit.reversed() { destinations[number].displace(slot) } }
    while unfit.count < 8, let slot = destinations[number].takeNewestDisplaced() {
      guard let route = displacedRoute(slot, from: number) else { continue }
      guard let registrant = self[slot], let binding = registrant.registration.binding,
        binding.expiresAt - now > settings.timers.timerF + .seconds(10),
        now >= registrant.sentAt + registrant.account.policy.minimumInterval
      else {
        unfit.append(slot)
        continue
      }
      registrants[Int(slot)]?.displacedFrom.remove(route)
      start(slot, route, .question, now: now, effects: &effects)
      return true
    }
    if !unfit.isEmpty { destinations[number].deferQuestion(until: now + .seconds(5)) }
    return false
  }

  /// Whether the hop can be asked now; otherwise the destination hears when it is its turn.
  private mutating func mayAsk(_ number: Int, now: Instant) -> Bool {
    let hop = destinations[number].hop
    guard !hops[hop].mayAsk(now: now) else { return true }
    if let step = hops[hop].nextStep {
      destinations[number].deferQuestion(until: step)
    } else {
      destinations[number].isQueued = true
      hops[hop].queue(number)
    }
    return false
  }

  /// The destination that has waited longest asks, if one may.
  mutating func passTurn(at hop: Int, now: Instant) {
    guard let number = hops[hop].takeTurn(now: now) else { return }
    destinations[number].turnComes(at: now)
    tend(number)
  }

  private mutating func start(
    _ slot: Int32, _ route: Int, _ role: Attempt.Engagement.Role, now: Instant, effects: inout [Effect]
  ) {
    cancelPlan(slot, now: now)
    guard update(slot, { $0.refresh() }) == true else { preconditionFailure("account \(slot) can not start") }
    begin(slot, .register, route: route, role, now: now, effects: &effects)
  }

  private mutating func settleTimer(ofDestination number: Int, effects: inout [Effect]) {
    let deadline = destinations[number].deadline(hysteresis: settings.failbackAfter)
    guard let deadline else { return destinations[number].timer.deadline = nil }
    guard destinations[number].timer.deadline != deadline else { return }
    destinations[number].timer = Registrant.ArmedTimer(generation: nextSerial(), deadline: deadline)
    effects.append(
      .setTimer(
        TimerID(kind: .nextHop, slot: Int32(number), generation: destinations[number].timer.generation), deadline))
  }
}
