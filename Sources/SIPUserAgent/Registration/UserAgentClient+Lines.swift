import SIPMessage

/// Accounts that wait for a path, and those that would rather be bound through another.
extension UserAgentClient {
  // MARK: What an attempt says of its path

  /// An attempt turns to the path of a route.
  mutating func engage(_ registrant: inout Registrant, route: Int, _ role: Attempt.Engagement.Role) {
    let number = Int(registrant.paths[route])
    let now = now
    registrant.updateAttempt { $0.engages(number, role, now: now) }
    if role != .free {
      nextHops.engage(
        number, role, slot: registrant.slot, isWitness: registrant.vouches.contains(route), now: now)
    }
  }

  /// The attempt ends, or turns to another path.
  mutating func conclude(_ registrant: inout Registrant, _ verdict: RegistrarPath.Verdict) {
    guard let (engagement, route) = registrant.updateAttempt({ $0.disengages() }) ?? nil else { return }
    let isGood = verdict == .good
    // Who is bound over another way is known to be well, too.
    let isWitness = !isGood && (registrant.vouches.contains(route) || registrant.registration.isBound)
    let conclusion = nextHops.conclude(
      engagement,
      NextHops.Testimony(
        slot: registrant.slot, verdict: verdict, isWitness: isWitness,
        failedBefore: isGood ? nil : registrant.failure(before: engagement.since),
        goodTarget: isGood ? registrant.goodTarget : nil, passed: isGood ? registrant.passedTargets : []), &turn)
    if conclusion.isOwn { registrant.vouches.remove(route) }
    if verdict == .refused, !nextHops.paths[engagement.path].isFailing { wentDownWithOthers(&registrant) }
    if conclusion.follows { registrant.updateAttempt { $0.followed.insert(route) } }
    if conclusion.change == .closed {
      nextHops.closed(engagement.path, registrant.lastFailure ?? .timedOut, &turn)
    }
  }

  /// Failures in a row that may be chance.
  private static let chances = 3

  /// What goes down with a connection of many before the first registration, while others are answered, says little of the
  /// account: it comes again soon, a few times, and not after the back-off of one that fails by itself.
  private func wentDownWithOthers(_ registrant: inout Registrant) {
    guard registrant.registration.failures < Self.chances, !registrant.registration.isBound else { return }
    let patience = registrant.account.policy.minimumInterval * 2
    registrant.updateAttempt { $0.patience = patience }
  }

  // MARK: Waiting

  /// Nothing was sent: the account waits for whoever asks, until its binding ends soon.
  mutating func postpone(_ registrant: inout Registrant, _ routes: [Int]) {
    // The line moves it on long before that.
    let latest = now + registrant.account.policy.retryMaximum
    let until = registrant.nextTryAlone(now: now).map { min($0, latest) } ?? latest
    for route in routes {
      let number = Int(registrant.paths[route])
      nextHops.closeWithHop(number, now: now)
      // Who has asked since it fails comes after those who have not.
      let hasAsked = nextHops.paths[number].closedSince.map { registrant.sentAt >= $0 } ?? false
      standInLine(&registrant, route, hasAsked: hasAsked)
    }
    let end = registrant.ends { $0.postponed(until: until) }
    carryOut(end, &registrant)
  }

  /// The binding ends soon, and nobody has found a way: the account tries by itself, in its turn under the rate.
  mutating func beginAlone(_ registrant: inout Registrant, route: Int) {
    let leavesAt = registrant.hasTurn ? now : nextHops.take(.waiting, toward: registrant.paths[route], now: now)
    registrant.hasTurn = leavesAt > now
    guard leavesAt > now else { return begin(&registrant, route: route, .free) }
    let end = registrant.ends { $0.postponed(until: leavesAt) }
    carryOut(end, &registrant)
  }

  /// An attempt failed on every way: those that fail others, too, are waited for.
  mutating func standInLines(_ registrant: inout Registrant, after attempt: Attempt, isUnreached: Bool) {
    for route in registrant.paths.indices {
      let isUntried = route != attempt.routeIndex && !attempt.hasTried(route)
      if isUntried ? isUnreached : attempt.followed.contains(route) {
        standInLine(&registrant, route, hasAsked: !isUntried)
      }
    }
  }

  /// A path turns out to be dead: who waited to hear so goes another way, no faster than first registrations do.
  mutating func divert(_ registrant: inout Registrant, from number: Int) {
    guard let route = registrant.paths.firstIndex(of: Int32(number)), registrant.lines.contains(route) else {
      return
    }
    registrant.lines.remove(route)
    let other = registrant.paths.first { !nextHops.paths[Int($0)].isFailing }
    guard let other, registrant.stateName == .waiting else {
      return standInLine(&registrant, route, hasAsked: registrant.registration.failures > 0)
    }
    _ = registrant.registration.reconsider(at: nextHops.take(.first, toward: other, now: now))
  }

  private mutating func standInLine(_ registrant: inout Registrant, _ route: Int, hasAsked: Bool) {
    guard !registrant.lines.contains(route) else { return }
    let number = Int(registrant.paths[route])
    registrant.lines.insert(route)
    nextHops.paths[number].wait(
      registrant.slot, end: registrant.registration.binding?.expiresAt, isWitness: registrant.vouches.contains(route),
      hasAsked: hasAsked, now: now)
    nextHops.revisit(number)
  }

  /// It is its turn. - Returns: the route to the path; nil when it waits no longer, or for a time of its own.
  mutating func leaveLine(_ registrant: inout Registrant, of number: Int, isQuestion: Bool) -> Int? {
    guard let route = registrant.paths.firstIndex(of: Int32(number)), registrant.lines.contains(route) else {
      return nil
    }
    registrant.lines.remove(route)
    guard registrant.stateName == .waiting else { return nil }
    let lastTry = isQuestion ? registrant.lastTry(after: now) : nil
    let earliest = lastTry ?? registrant.earliestTry(now: now)
    // Whoever can be bound elsewhere is not kept from it by asking where everybody has failed.
    let isElsewhere =
      nextHops.paths[number].isFailing && registrant.paths.contains { nextHops.isWell($0) }
    guard now < earliest || isElsewhere else { return route }
    _ = registrant.registration.reconsider(at: earliest)
    return nil
  }

  /// Bound through a less preferred route: the better ones want it back.
  mutating func displace(_ registrant: inout Registrant, boundAt route: Int) {
    guard route > 0 else { return }
    for better in 0..<min(route, registrant.paths.count) where !registrant.displacedFrom.contains(better) {
      registrant.displacedFrom.insert(better)
      let number = Int(registrant.paths[better])
      nextHops.paths[number].displace(registrant.slot)
      nextHops.revisit(number)
    }
  }
}
