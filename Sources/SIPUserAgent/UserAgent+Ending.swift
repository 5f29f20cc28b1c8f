import SIPMessage

/// How an attempt ends: the next target, a wait, a rest, or what an operator asked for meanwhile.
extension UserAgent {
  mutating func advance(
    _ slot: Int32, after failure: Failure, now: Instant, effects: inout [Effect], skippingRoute: Bool = false
  ) {
    guard let registrant = self[slot], let attempt = registrant.attempt else { return }
    registrants[Int(slot)]?.updateAttempt { $0.lastFailure = failure }
    registrants[Int(slot)]?.authenticator.beginAttempt()
    registrants[Int(slot)]?.lastFailure = failure
    let isLast = attempt.purpose == .register && registrant.registration.isEnding
    if !isLast, !skippingRoute, registrants[Int(slot)]?.updateAttempt({ $0.turnsToNextTarget() }) == true {
      return sendRegister(slot, now: now, effects: &effects)
    }
    if !isLast, turnToAlternative(slot, now: now, effects: &effects) { return }
    conclude(slot, SharedDestination.Verdict(failure), now: now, effects: &effects)
    guard !isLast, let (route, role) = nextRoute(of: slot, after: attempt, now: now) else {
      return fail(slot, failure, isUnreached: true, now: now, effects: &effects)
    }
    registrants[Int(slot)]?.updateAttempt { $0.turns(to: route) }
    engage(slot, route: route, role, now: now)
    locate(slot, now: now, effects: &effects)
  }

  mutating func attemptExpired(_ slot: Int32, _ attempt: Attempt, now: Instant, effects: inout [Effect]) {
    if attempt.hasTurn(now: now) { return sendRegister(slot, now: now, effects: &effects) }
    if attempt.phase == .sending, let transaction = attempt.transaction { transactions.abandon(transaction) }
    if attempt.purpose == .unregister {
      effects.append(.report(id(slot), .unregisterFailed(attempt.lastFailure ?? .timedOut)))
      endRemoval(slot, now: now, effects: &effects)
      return
    }
    switch attempt.phase {
    case .storing: fail(slot, .stalled("the state store does not answer"), now: now, effects: &effects)
    case .locating:
      advance(
        slot, after: .location("the lookup of the next hop does not end"), now: now, effects: &effects,
        skippingRoute: true)
    case .sending, .yielding: break
    }
  }

  /// Everything was tried.
  ///
  /// - Parameter isUnreached: another destination would have been tried, if it were known to answer
  mutating func fail(
    _ slot: Int32, _ failure: Failure, isUnreached: Bool = false, now: Instant, effects: inout [Effect]
  ) {
    conclude(slot, SharedDestination.Verdict(failure), now: now, effects: &effects)
    guard let registrant = self[slot], let attempt = registrant.attempt else { return }
    guard attempt.purpose == .register else {
      effects.append(.report(id(slot), .unregisterFailed(failure)))
      endRemoval(slot, now: now, effects: &effects)
      return
    }
    counters.failedAttempts += 1
    if attempt.followed.isEmpty { registrants[Int(slot)]?.ownFailures = min(registrant.ownFailures + 1, 64) }
    let delay = self[slot]?.delay(afterFailureOf: attempt, chance: random.next(), now: now) ?? .zero
    registrants[Int(slot)]?.attempt = nil
    registrants[Int(slot)]?.lastFailure = failure
    let end = update(slot) { $0.failed(until: now + delay) }
    wait(slot, after: attempt, isUnreached: isUnreached, now: now)
    effects.append(.report(id(slot), .failed(failure, next: max(nextTry(slot) ?? now + delay, now))))
    carryOut(end, slot, now: now, effects: &effects)
  }

  /// Whoever was told when to come again comes then; whoever failed as others do follows whoever asks.
  private mutating func wait(_ slot: Int32, after attempt: Attempt, isUnreached: Bool, now: Instant) {
    if attempt.retryAfter == nil {
      standInLines(slot, after: attempt, isUnreached: isUnreached, now: now)
    } else {
      registrants[Int(slot)]?.lines = RouteFlags()
    }
  }

  /// It will be said again: rest, and ask slowly.
  mutating func refuse(
    _ slot: Int32, _ reason: PauseReason, _ failure: Failure, now: Instant, effects: inout [Effect]
  ) {
    conclude(slot, .good, now: now, effects: &effects)
    guard let registrant = self[slot], let attempt = registrant.attempt else { return }
    guard attempt.purpose == .register else {
      fail(slot, failure, now: now, effects: &effects)
      return
    }
    counters.failedAttempts += 1
    let probe = registrant.rest(after: attempt, reason).map { now + $0 }
    registrants[Int(slot)]?.attempt = nil
    registrants[Int(slot)]?.lastFailure = failure
    let end = update(slot) { $0.refused(reason, probe: probe) }
    effects.append(.report(id(slot), .paused(reason, failure, probe: probe)))
    carryOut(end, slot, now: now, effects: &effects)
  }

  mutating func endRemoval(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    conclude(slot, .none, now: now, effects: &effects)
    registrants[Int(slot)]?.attempt = nil
    let end = update(slot) { $0.unregistered() }
    carryOut(end, slot, now: now, effects: &effects)
  }

  /// What an operator asked for while a REGISTER was in flight, or what an un-REGISTER was for.
  mutating func carryOut(
    _ end: Registration.EndAction?, _ slot: Int32, now: Instant, effects: inout [Effect]
  ) {
    switch end {
    case .some(.none), nil: break
    case .unregister: begin(slot, .unregister, now: now, effects: &effects)
    case .register: begin(slot, .register, now: now, effects: &effects)
    case .rest:
      store(slot, effects: &effects)
      effects.append(.report(id(slot), .paused(.byOperator, nil, probe: nil)))
    case .stopped:
      store(slot, effects: &effects)
      effects.append(.stopped(id(slot)))
    case .forget:
      if let registrant = self[slot] {
        counts.remove(registrant.standing)
        leave(registrant.destinations)
      }
      registrants[Int(slot)] = nil
      addressees.forget()
      effects.append(.forget(id(slot)))
    }
  }
}
