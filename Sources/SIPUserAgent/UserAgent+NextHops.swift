import SIPMessage
import SIPTransaction

/// Accounts and the next hops they share: who may start, who asks a hop that is silent, who waits in line for it, and
/// who comes back to a hop that answers again.
extension UserAgent {
  // MARK: Numbers

  /// The next hops of an account, one for each route; accounts with the same routes share the array.
  mutating func hopNumbers(of account: Account) -> [Int32] {
    let itinerary = Itinerary(routes: account.routes, registrar: account.registrar)
    // Accounts come in the order of their file: the next one goes the way of the last.
    if let latest = latestItinerary, latest.itinerary == itinerary { return latest.hops }
    defer { latestItinerary = itineraries[itinerary].map { (itinerary, $0) } }
    if let known = itineraries[itinerary] { return known }
    let numbers = account.routes.map { hopNumber($0.nextHop(toward: account.registrar)) }
    itineraries[itinerary] = numbers
    return numbers
  }

  private mutating func hopNumber(_ uri: URI) -> Int32 {
    if let known = hopsByURI[uri] { return known }
    let number = Int32(hops.count)
    hops.append(NextHop(uri: uri, rate: settings.registrationsPerSecond))
    hopsByURI[uri] = number
    return number
  }

  // MARK: Which way

  enum Way: Sendable, Equatable {
    case route(Int, isProbe: Bool)
    /// Every route is closed, or its line comes first: these are waited for.
    case line([Int])
  }

  /// The route that an attempt of this account begins with; nil when there is no such account.
  func way(of slot: Int32, _ purpose: Attempt.Purpose, now: Instant) -> Way? {
    guard let numbers = self[slot]?.hops else { return nil }
    var waiting: [Int] = []
    var probe: Int?
    for route in preference(of: slot, numbers) {
      let number = Int(numbers[route])
      switch (hops[number].admission(now: now), purpose) {
      case (.start, _): return .route(route, isProbe: false)
      case (.probe, .register):
        // Whoever can be bound elsewhere is not kept from it by asking a hop that has failed everybody.
        guard hops[number].isSilent else { return .route(route, isProbe: true) }
        probe = probe ?? route
      // What is removed is removed over what is known to work, or not at all.
      case (.probe, .unregister), (.wait, .unregister):
        if !hops[number].isSilent { return .route(route, isProbe: false) }
      case (.wait, .register):
        waiting.append(route)
        // It answers, or will be heard of in a moment: no reason to go another way.
        if !hops[number].isSilent { return .line(waiting) }
      }
    }
    return probe.map { .route($0, isProbe: true) } ?? .line(waiting)
  }

  /// The routes of an account, best first: where it is bound, unless a better one has been good for a while.
  private func preference(of slot: Int32, _ numbers: [Int32]) -> Preference {
    let bound = self[slot]?.registration.binding?.routeIndex
    guard let bound, numbers.indices.contains(bound) else { return Preference(count: numbers.count) }
    for better in 0..<bound where hops[Int(numbers[better])].isProven(after: settings.failbackAfter) {
      return Preference(count: numbers.count, first: better, second: bound)
    }
    return Preference(count: numbers.count, first: bound)
  }

  /// Another route for an attempt whose current one failed.
  func nextRoute(of slot: Int32, after attempt: Attempt, now: Instant) -> (Int, isProbe: Bool)? {
    guard let numbers = self[slot]?.hops else { return nil }
    var probe: Int?
    for route in preference(of: slot, numbers) where route != attempt.routeIndex && !attempt.hasTried(route) {
      switch hops[Int(numbers[route])].admission(now: now) {
      case .start: return (route, false)
      case .probe: probe = probe ?? route
      case .wait: continue
      }
    }
    return probe.map { ($0, attempt.purpose == .register) }
  }

  // MARK: What became of it

  /// Turns to a hop: what it says, or does not say, counts for all.
  mutating func engage(_ slot: Int32, route: Int, isProbe: Bool, isCounted: Bool = false, now: Instant) {
    guard let hop = self[slot]?.hops[route] else { return }
    registrants[Int(slot)]?.updateAttempt { $0.engages(Int(hop), isCounted: isCounted, now: now) }
    if isProbe { hops[Int(hop)].begins(probe: slot, now: now) }
    if isCounted { hops[Int(hop)].released(now: now) }
  }

  /// The hop lives, whatever it said.
  mutating func heard(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    guard let engagement = self[slot]?.engagement, let target = self[slot]?.currentTarget?.target
    else { return }
    registrants[Int(slot)]?.updateAttempt { $0.isHeard(now: now) }
    hops[engagement.hop].goodTarget = target
    conclude(slot, engagement, .answered, now: now, effects: &effects)
  }

  /// The attempt ends, or turns to another hop.
  mutating func conclude(_ slot: Int32, _ verdict: NextHop.Verdict, now: Instant, effects: inout [Effect]) {
    guard self[slot]?.engagement != nil,
      let engagement = registrants[Int(slot)]?.updateAttempt({ $0.disengages() }) ?? nil
    else { return }
    conclude(slot, engagement, verdict, now: now, effects: &effects)
  }

  private mutating func conclude(
    _ slot: Int32, _ engagement: Attempt.Engagement, _ verdict: NextHop.Verdict, now: Instant,
    effects: inout [Effect]
  ) {
    let change = hops[engagement.hop].concluded(verdict, by: slot, engagement, now: now)
    for dismissed in hops[engagement.hop].dismissLine() { leaveLine(dismissed, of: engagement.hop) }
    if !hops[engagement.hop].isQuiet { tend(engagement.hop) }
    switch change {
    case .none: break
    case .closed:
      divertLine(of: engagement.hop, now: now, effects: &effects)
      effects.append(.reportHop(hops[engagement.hop].uri, .silent(self[slot]?.lastFailure ?? .timedOut)))
    case .opened(let silence):
      guard let silence else { break }
      effects.append(
        .reportHop(hops[engagement.hop].uri, .answers(after: silence, waiting: hops[engagement.hop].line.count)))
    }
  }

  // MARK: Lines

  /// Nothing was sent: the account waits for whoever asks.
  mutating func postpone(_ slot: Int32, _ routes: [Int], now: Instant, effects: inout [Effect]) {
    guard let policy = self[slot]?.account.policy else { return }
    registrants[Int(slot)]?.attempt = nil
    for route in routes { standInLine(slot, route) }
    // The line moves it on long before that.
    let end = update(slot) { $0.postponed(until: now + policy.retryMaximum) }
    carryOut(end, slot, now: now, effects: &effects)
  }

  /// An attempt failed on every way: those that are silent are waited for.
  mutating func standInLines(_ slot: Int32) {
    guard let numbers = self[slot]?.hops else { return }
    for (route, hop) in numbers.enumerated() where hops[Int(hop)].isClosed || hops[Int(hop)].failures > 0 {
      standInLine(slot, route)
    }
  }

  /// A hop turns out to be silent: who waited to hear so goes another way, no faster than first registrations do.
  private mutating func divertLine(of hop: Int, now: Instant, effects: inout [Effect]) {
    for slot in hops[hop].takeLine() {
      guard let registrant = self[slot], let route = registrant.hops.firstIndex(of: Int32(hop)),
        registrant.lines.contains(route)
      else { continue }
      let other = registrant.hops.first { !hops[Int($0)].isSilent }
      guard let other, registrant.registration.state.name == .waiting else {
        hops[hop].wait(slot)
        continue
      }
      registrants[Int(slot)]?.lines.remove(route)
      let turn = startRate.take(hops[Int(other)].uri, now: now)
      _ = update(slot) { $0.reconsider(at: turn) }
      settleTimer(slot, effects: &effects)
    }
  }

  private mutating func standInLine(_ slot: Int32, _ route: Int) {
    guard let hop = self[slot]?.hops[route], self[slot]?.lines.contains(route) == false else { return }
    registrants[Int(slot)]?.lines.insert(route)
    hops[Int(hop)].wait(slot)
    tend(Int(hop))
  }

  private mutating func leaveLine(_ slot: Int32, of hop: Int) {
    guard let route = self[slot]?.hops.firstIndex(of: Int32(hop)) else { return }
    registrants[Int(slot)]?.lines.remove(route)
  }

  /// Bound through a less preferred route: the better ones want it back.
  mutating func displace(_ slot: Int32, boundAt route: Int) {
    guard route > 0, let numbers = self[slot]?.hops else { return }
    for better in 0..<min(route, numbers.count) where self[slot]?.displacedFrom.contains(better) == false {
      registrants[Int(slot)]?.displacedFrom.insert(better)
      hops[Int(numbers[better])].displace(slot)
      tend(Int(numbers[better]))
    }
  }

  // MARK: Work

  /// Looks at a hop when the event has been handled.
  mutating func tend(_ hop: Int) {
    if !untended.contains(hop) { untended.append(hop) }
  }

  mutating func hopTimerFired(_ timer: TimerID, now: Instant, effects: inout [Effect]) {
    hops[Int(timer.slot)].timer.deadline = nil
    tend(Int(timer.slot))
  }

  mutating func tendHops(now: Instant, effects: inout [Effect]) {
    while let hop = untended.popLast() {
      while work(at: hop, now: now, effects: &effects) {}
      settleTimer(ofHop: hop, effects: &effects)
    }
  }

  /// - Returns: whether there may be more to do.
  private mutating func work(at hop: Int, now: Instant, effects: inout [Effect]) -> Bool {
    switch hops[hop].work(hysteresis: settings.failbackAfter, now: now) {
    case .none: return false
    case .probe: return probe(hop, now: now, effects: &effects)
    case .release:
      guard let (slot, route) = nextInLine(hop, now: now, effects: &effects) else { return true }
      start(slot, route, isProbe: false, isCounted: true, now: now, effects: &effects)
      return true
    case .restore:
      guard let slot = hops[hop].takeDisplaced() else { return false }
      guard let route = displacedRoute(slot, from: hop) else { return true }
      registrants[Int(slot)]?.displacedFrom.remove(route)
      hops[hop].restored(now: now)
      start(slot, route, isProbe: false, isCounted: false, now: now, effects: &effects)
      return true
    }
  }

  /// One account asks whether the hop is back: one from the line, or else a displaced one whose binding outlives the
  /// answer that may not come.
  private mutating func probe(_ hop: Int, now: Instant, effects: inout [Effect]) -> Bool {
    if let (slot, route) = nextInLine(hop, now: now, effects: &effects) {
      start(slot, route, isProbe: true, isCounted: false, now: now, effects: &effects)
      return true
    }
    var unfit: [Int32] = []
    defer { for slot in unfit.reversed() { hops[hop].displace(slot) } }
    while unfit.count < 8, let slot = hops[hop].takeNewestDisplaced() {
      guard let route = displacedRoute(slot, from: hop) else { continue }
      guard let registrant = self[slot], let binding = registrant.registration.binding,
        binding.expiresAt - now > settings.timers.timerF + .seconds(10),
        now >= registrant.sentAt + registrant.account.policy.minimumInterval
      else {
        unfit.append(slot)
        continue
      }
      registrants[Int(slot)]?.displacedFrom.remove(route)
      start(slot, route, isProbe: true, isCounted: false, now: now, effects: &effects)
      return true
    }
    hops[hop].deferProbe(until: now + .seconds(5))
    return false
  }

  /// The first in line that still waits. One that sent a moment ago is given its time by itself.
  private mutating func nextInLine(
    _ hop: Int, now: Instant, effects: inout [Effect]
  ) -> (slot: Int32, route: Int)? {
    while let slot = hops[hop].takeFromLine() {
      guard let registrant = self[slot], let route = registrant.hops.firstIndex(of: Int32(hop)),
        registrant.lines.contains(route)
      else { continue }
      registrants[Int(slot)]?.lines.remove(route)
      guard registrant.registration.state.name == .waiting else { continue }
      let earliest = registrant.sentAt == .origin ? now : registrant.sentAt + registrant.account.policy.minimumInterval
      guard now < earliest else { return (slot, route) }
      _ = update(slot) { $0.reconsider(at: earliest) }
      settleTimer(slot, effects: &effects)
    }
    return nil
  }

  /// nil: it is back already, or busy, and says so itself when it is displaced again.
  private mutating func displacedRoute(_ slot: Int32, from hop: Int) -> Int? {
    guard let registrant = self[slot], let route = registrant.hops.firstIndex(of: Int32(hop)),
      registrant.displacedFrom.contains(route)
    else { return nil }
    guard case .registered = registrant.registration.state, let bound = registrant.registration.binding?.routeIndex,
      bound > route
    else {
      registrants[Int(slot)]?.displacedFrom.remove(route)
      return nil
    }
    return route
  }

  private mutating func start(
    _ slot: Int32, _ route: Int, isProbe: Bool, isCounted: Bool, now: Instant, effects: inout [Effect]
  ) {
    cancelPlan(slot, now: now)
    guard update(slot, { $0.refresh() }) == true else { preconditionFailure("account \(slot) can not start") }
    begin(slot, .register, route: route, isProbe: isProbe, isCounted: isCounted, now: now, effects: &effects)
  }

  private mutating func settleTimer(ofHop hop: Int, effects: inout [Effect]) {
    let deadline = hops[hop].deadline(hysteresis: settings.failbackAfter)
    guard let deadline else { return hops[hop].timer.deadline = nil }
    guard hops[hop].timer.deadline != deadline else { return }
    hops[hop].timer = Registrant.ArmedTimer(generation: nextSerial(), deadline: deadline)
    effects.append(
      .setTimer(TimerID(kind: .nextHop, slot: Int32(hop), generation: hops[hop].timer.generation), deadline))
  }
}

/// Accounts with the same routes to the same registrar.
struct Itinerary: Hashable, Sendable {
  var routes: [RouteSet]
  var registrar: URI
}

/// The numbers of an account's routes: one or two that come first, then the others in their order.
private struct Preference: Sequence, IteratorProtocol {
  private let count: Int
  private let first: Int
  private let second: Int
  /// How many of the first two have been given.
  private var given = 0
  private var index = 0

  init(count: Int, first: Int = 0, second: Int? = nil) {
    self.count = count
    self.first = first
    self.second = second ?? first
  }

  mutating func next() -> Int? {
    given += 1
    if given == 1 { return first }
    if given == 2, second != first { return second }
    while index == first || index == second { index += 1 }
    defer { index += 1 }
    return index < count ? index : nil
  }
}

/// A few routes of one account, of `Account.maximumRoutes`.
struct RouteFlags: Sendable {
  private var bits: UInt32 = 0

  func contains(_ route: Int) -> Bool { bits & (1 << UInt32(route)) != 0 }
  mutating func insert(_ route: Int) { bits |= 1 << UInt32(route) }
  mutating func remove(_ route: Int) { bits &= ~(1 << UInt32(route)) }
}
