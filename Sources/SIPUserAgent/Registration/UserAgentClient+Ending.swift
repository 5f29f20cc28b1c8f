import SIPMessage
import SIPTransaction

/// How an attempt ends: the next target, a wait, a rest, or what an operator asked for meanwhile.
extension UserAgentClient {
  mutating func advance(_ registrant: inout Registrant, after failure: Failure, skippingRoute: Bool = false) {
    guard registrant.registration.isInFlight else { return }
    registrant.updateAttempt { $0.lastFailure = failure }
    registrant.authenticator.beginAttempt()
    registrant.lastFailure = failure
    let isLast = !registrant.isUnregistering && registrant.registration.isEnding
    if !isLast, !skippingRoute, registrant.updateAttempt({ $0.turnsToNextTarget() }) == true {
      return sendRegister(&registrant)
    }
    if !isLast, turnToAlternative(&registrant) { return }
    conclude(&registrant, RegistrarPath.Verdict(failure))
    guard !isLast, let (route, role) = nextHops.nextRoute(of: registrant, now: now) else {
      return fail(&registrant, failure, isUnreached: true)
    }
    registrant.updateAttempt { $0.turns(to: route) }
    engage(&registrant, route: route, role)
    locate(&registrant)
  }

  mutating func attemptExpired(_ registrant: inout Registrant) {
    guard let attempt = registrant.registration.attempt else { return }
    if attempt.hasTurn(now: now) { return sendRegister(&registrant) }
    if attempt.phase == .sending, let transaction = attempt.transaction { transactions.abandon(transaction) }
    if attempt.isUnregistering {
      turn.report(registrant.id, .unregisterFailed(attempt.lastFailure ?? .timedOut))
      return endRemoval(&registrant)
    }
    switch attempt.phase {
    case .storing: fail(&registrant, .stalled("the state store does not answer"))
    case .locating:
      advance(&registrant, after: .location("the lookup of the next hop does not end"), skippingRoute: true)
    case .beginning, .sending, .yielding: break
    }
  }

  /// Everything was tried.
  ///
  /// - Parameter isUnreached: another path would have been tried, if it were known to answer
  mutating func fail(_ registrant: inout Registrant, _ failure: Failure, isUnreached: Bool = false) {
    conclude(&registrant, RegistrarPath.Verdict(failure))
    guard let attempt = registrant.registration.attempt else { return }
    guard !attempt.isUnregistering else {
      turn.report(registrant.id, .unregisterFailed(failure))
      return endRemoval(&registrant)
    }
    counters.failedAttempts += 1
    if attempt.followed.isEmpty { registrant.ownFailures = min(registrant.ownFailures + 1, 64) }
    let delay = registrant.delay(
      afterFailureOf: attempt, isReachable: flows.isBoundElsewhere(registrant), chance: turn.chance.next(), now: now)
    registrant.lastFailure = failure
    let until = now + delay
    let end = registrant.ends { $0.failed(until: until) }
    wait(&registrant, after: attempt, isUnreached: isUnreached)
    turn.report(registrant.id, .failed(failure, next: max(nextTry(of: registrant) ?? until, now)))
    carryOut(end, &registrant)
  }

  /// Whoever was told when to come again comes then; whoever failed as others do follows whoever asks.
  private mutating func wait(_ registrant: inout Registrant, after attempt: Attempt, isUnreached: Bool) {
    if attempt.retryAfter == nil {
      standInLines(&registrant, after: attempt, isUnreached: isUnreached)
    } else {
      registrant.lines = RouteFlags()
    }
  }

  /// It will be said again: rest, and ask slowly.
  mutating func refuse(_ registrant: inout Registrant, _ reason: PauseReason, _ failure: Failure) {
    conclude(&registrant, .good)
    guard let attempt = registrant.registration.attempt else { return }
    guard !attempt.isUnregistering else { return fail(&registrant, failure) }
    counters.failedAttempts += 1
    let probe = registrant.rest(after: attempt, reason).map { now + $0 }
    registrant.lastFailure = failure
    let end = registrant.ends { $0.refused(reason, probe: probe) }
    turn.report(registrant.id, .paused(reason, failure, probe: probe))
    carryOut(end, &registrant)
  }

  mutating func endRemoval(_ registrant: inout Registrant) {
    conclude(&registrant, .none)
    let end = registrant.ends { $0.unregistered() }
    carryOut(end, &registrant)
  }

  /// What an operator asked for while a REGISTER was in flight, or what an un-REGISTER was for.
  mutating func carryOut(_ end: Registration.EndAction, _ registrant: inout Registrant) {
    switch end {
    case .none: break
    case .unregister, .register: begin(&registrant)
    case .rest:
      store(&registrant)
      turn.report(registrant.id, .paused(.byOperator, nil, probe: nil))
    case .stopped:
      store(&registrant)
      turn.effects.append(.stopped(registrant.id))
    case .forget:
      forget(&registrant)
      turn.effects.append(.forget(registrant.id))
    }
  }

  /// Its number is free when it has been given back.
  mutating func forget(_ registrant: inout Registrant) {
    nextHops.leave(registrant.paths)
    registrant.isForgotten = true
  }
}
