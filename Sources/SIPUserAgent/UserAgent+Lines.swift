import SIPMessage

/// Accounts that wait for a destination, and those that would rather be bound through another.
extension UserAgent {
  /// Nothing was sent: the account waits for whoever asks, until its binding ends soon.
  mutating func postpone(_ slot: Int32, _ routes: [Int], now: Instant, effects: inout [Effect]) {
    guard let registrant = self[slot] else { return }
    registrants[Int(slot)]?.attempt = nil
    for route in routes {
      let number = Int(registrant.destinations[route])
      closeWithHop(number, now: now)
      // Who has asked since it fails comes after those who have not.
      let hasAsked = destinations[number].closedSince.map { registrant.sentAt >= $0 } ?? false
      standInLine(slot, route, hasAsked: hasAsked, now: now)
    }
    // The line moves it on long before that.
    let latest = now + registrant.account.policy.retryMaximum
    let until = registrant.nextTryAlone(now: now).map { min($0, latest) } ?? latest
    let end = update(slot) { $0.postponed(until: until) }
    carryOut(end, slot, now: now, effects: &effects)
  }

  /// The binding ends soon, and nobody has found a way: the account tries by itself, in its turn under the rate.
  mutating func beginAlone(_ slot: Int32, route: Int, now: Instant, effects: inout [Effect]) {
    guard let number = self[slot]?.destinations[route] else { return }
    let turn = self[slot]?.hasTurn == true ? now : hops[destinations[Int(number)].hop].take(now: now)
    registrants[Int(slot)]?.hasTurn = turn > now
    guard turn > now else {
      return begin(slot, .register, route: route, .free, now: now, effects: &effects)
    }
    registrants[Int(slot)]?.attempt = nil
    let end = update(slot) { $0.postponed(until: turn) }
    carryOut(end, slot, now: now, effects: &effects)
    settleTimer(slot, effects: &effects)
  }

  /// What was good until now is asked only when it is its turn at a hop that says nothing to anybody.
  private mutating func closeWithHop(_ number: Int, now: Instant) {
    let hop = destinations[number].hop
    guard case .open = destinations[number].state, hops[hop].isDead else { return }
    destinations[number].closesWithHop(now: now)
    hops[hop].closes(isSilent: false)
  }

  /// An attempt failed on every way: those that fail others, too, are waited for.
  mutating func standInLines(_ slot: Int32, after attempt: Attempt, isUnreached: Bool, now: Instant) {
    guard let routes = self[slot]?.destinations.indices else { return }
    for route in routes {
      let isUntried = route != attempt.routeIndex && !attempt.hasTried(route)
      if isUntried ? isUnreached : attempt.followed.contains(route) {
        standInLine(slot, route, hasAsked: !isUntried, now: now)
      }
    }
  }

  /// A destination turns out to be dead: who waited to hear so goes another way, no faster than first registrations do.
  mutating func divertLine(of number: Int, now: Instant, effects: inout [Effect]) {
    for slot in destinations[number].takeLine() {
      guard let registrant = self[slot], let route = registrant.destinations.firstIndex(of: Int32(number)),
        registrant.lines.contains(route)
      else { continue }
      registrants[Int(slot)]?.lines.remove(route)
      let other = registrant.destinations.first { !destinations[Int($0)].isFailing }
      guard let other, registrant.registration.state.name == .waiting else {
        standInLine(slot, route, hasAsked: registrant.registration.failures > 0, now: now)
        continue
      }
      let turn = startRate.take(hop(of: other), now: now)
      _ = update(slot) { $0.reconsider(at: turn) }
      settleTimer(slot, effects: &effects)
    }
  }

  private mutating func standInLine(_ slot: Int32, _ route: Int, hasAsked: Bool, now: Instant) {
    guard let number = (self[slot]?.destinations[route]).map(Int.init), self[slot]?.lines.contains(route) == false
    else { return }
    registrants[Int(slot)]?.lines.insert(route)
    destinations[number].wait(
      slot, end: self[slot]?.registration.binding?.expiresAt, isWitness: vouches(slot, for: route),
      hasAsked: hasAsked, now: now)
    tend(number)
  }

  /// Bound through a less preferred route: the better ones want it back.
  mutating func displace(_ slot: Int32, boundAt route: Int) {
    guard route > 0, let numbers = self[slot]?.destinations else { return }
    for better in 0..<min(route, numbers.count) where self[slot]?.displacedFrom.contains(better) == false {
      registrants[Int(slot)]?.displacedFrom.insert(better)
      destinations[Int(numbers[better])].displace(slot)
      tend(Int(numbers[better]))
    }
  }

  /// The first in line that still waits. One that sent a moment ago is given its time by itself, and so is one that has a
  /// last try before its binding ends, where a question now would cost it that.
  mutating func nextInLine(
    _ number: Int, isQuestion: Bool, now: Instant, effects: inout [Effect]
  ) -> (slot: Int32, route: Int)? {
    while let slot = destinations[number].takeFromLine(isQuestion: isQuestion) {
      guard let registrant = self[slot], let route = registrant.destinations.firstIndex(of: Int32(number)),
        registrant.lines.contains(route)
      else { continue }
      registrants[Int(slot)]?.lines.remove(route)
      guard registrant.registration.state.name == .waiting else { continue }
      let lastTry = isQuestion ? registrant.lastTry(after: now) : nil
      let earliest = lastTry ?? registrant.earliestTry(now: now)
      // Whoever can be bound elsewhere is not kept from it by asking where everybody has failed.
      let isElsewhere = destinations[number].isFailing && registrant.destinations.contains { isWell($0) }
      guard now < earliest || isElsewhere else { return (slot, route) }
      _ = update(slot) { $0.reconsider(at: earliest) }
      settleTimer(slot, effects: &effects)
    }
    return nil
  }

  private func isWell(_ number: Int32) -> Bool {
    switch destinations[Int(number)].state {
    case .opening, .open: true
    case .unknown, .closed: false
    }
  }

  /// nil: it is back already, or busy, and says so itself when it is displaced again.
  mutating func displacedRoute(_ slot: Int32, from number: Int) -> Int? {
    guard let registrant = self[slot], let route = registrant.destinations.firstIndex(of: Int32(number)),
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
}
