import SIPMessage
import SIPTransaction

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
    let retryAfter = attempt.retryAfter.map { Backoff.delay(retryAfter: $0, policy: registrant.account.policy) }
    conclude(slot, .failed(retryAfter: retryAfter), now: now, effects: &effects)
    guard !isLast, let (route, isProbe) = nextRoute(of: slot, after: attempt, now: now) else {
      return fail(slot, failure, isSilence: true, now: now, effects: &effects)
    }
    registrants[Int(slot)]?.updateAttempt { $0.turns(to: route) }
    engage(slot, route: route, isProbe: isProbe, now: now)
    locate(slot, now: now, effects: &effects)
  }

  mutating func attemptExpired(_ slot: Int32, _ attempt: Attempt, now: Instant, effects: inout [Effect]) {
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
    case .sending: break
    }
  }

  /// Everything was tried.
  ///
  /// - Parameter isSilence: no hop answered, and whoever finds that one does again tells this account
  mutating func fail(
    _ slot: Int32, _ failure: Failure, isSilence: Bool = false, now: Instant, effects: inout [Effect]
  ) {
    conclude(slot, .none, now: now, effects: &effects)
    guard let registrant = self[slot], let attempt = registrant.attempt else { return }
    guard attempt.purpose == .register else {
      effects.append(.report(id(slot), .unregisterFailed(failure)))
      endRemoval(slot, now: now, effects: &effects)
      return
    }
    counters.failedAttempts += 1
    let delay = registrant.delay(afterFailureOf: attempt, chance: random.next(), now: now)
    registrants[Int(slot)]?.attempt = nil
    registrants[Int(slot)]?.lastFailure = failure
    let end = update(slot) { $0.failed(until: now + delay) }
    if isSilence { standInLines(slot) }
    effects.append(.report(id(slot), .failed(failure, next: now + delay)))
    carryOut(end, slot, now: now, effects: &effects)
  }

  /// It will be said again: rest, and ask slowly.
  mutating func refuse(
    _ slot: Int32, _ reason: PauseReason, _ failure: Failure, now: Instant, effects: inout [Effect]
  ) {
    conclude(slot, .none, now: now, effects: &effects)
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
      if let registrant = self[slot] { counts.remove(registrant.standing) }
      registrants[Int(slot)] = nil
      addressees.forget()
      effects.append(.forget(id(slot)))
    }
  }
}
