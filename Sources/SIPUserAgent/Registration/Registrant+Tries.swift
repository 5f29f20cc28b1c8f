import SIPMessage

/// When an account tries by itself, whatever others find out: while it is bound, and before it is not any more.
extension Registrant {
  /// The last try comes so long before the end of the binding that its answer is there in time.
  static let lastMoment: Duration = .milliseconds(500)
  /// Tries by itself begin so long before the last one, or a quarter of what was granted.
  static let shortestHurry: Duration = .seconds(10)
  static let longestHurry = RefreshPlan.margin

  /// The attempt over this route was accepted.
  mutating func vouch(for route: Int) {
    vouches.insert(route)
    ownFailures = 0
  }

  /// When the next REGISTER may leave.
  func earliestTry(now: Instant) -> Instant {
    sentAt == .origin ? now : max(now, sentAt + account.policy.minimumInterval)
  }

  /// When a bound account waits for nobody any more: while time is left for several tries. nil: it is not bound.
  var hurry: Instant? {
    guard let binding = registration.binding else { return nil }
    return binding.expiresAt - Self.lastMoment - min(max(binding.granted / 4, Self.shortestHurry), Self.longestHurry)
  }

  /// When it tries by itself next; nil: it is not bound.
  func nextTryAlone(now: Instant) -> Instant? {
    hurry.map { aligned(max($0, earliestTry(now: now))) }
  }

  /// As late before the end of the binding as that many tries fit behind it, the floor between them, of which the last
  /// comes at the last moment: a return is met as late as it can be.
  func aligned(_ instant: Instant) -> Instant {
    guard let hurry, instant >= hurry, let end = registration.binding?.expiresAt else { return instant }
    let (last, floor) = (end - Self.lastMoment, account.policy.minimumInterval)
    guard last > instant, floor > .zero else { return instant }
    return last - floor * Int((last - instant).wholeNanoseconds / floor.wholeNanoseconds)
  }

  /// The last try, where a REGISTER now would leave no time for it.
  func lastTry(after now: Instant) -> Instant? {
    guard let end = registration.binding?.expiresAt else { return nil }
    let last = end - Self.lastMoment
    guard last > now, now + account.policy.minimumInterval > last else { return nil }
    return max(last, earliestTry(now: now))
  }

  /// How long to wait after everything failed: what the peer asks for, else the back-off. An account that was configured
  /// otherwise meanwhile does not wait for the old one's failures; one that is still bound does not wait until it is
  /// not, but a quarter of what is left.
  ///
  /// - Parameter isReachable: over another flow of the account
  func delay(afterFailureOf attempt: Attempt, isReachable: Bool, chance: UInt64, now: Instant) -> Duration {
    let policy = account.policy
    if needsAnother { return policy.minimumInterval }
    if let patience = attempt.patience {
      let half = patience.wholeNanoseconds / 2
      return .nanoseconds(half + Int64(chance % UInt64(max(half, 1))))
    }
    if let retryAfter = attempt.retryAfter { return Backoff.delay(retryAfter: retryAfter, policy: policy) }
    // A step further at once, where the request itself may be at fault.
    let failures = Int(ownFailures) + (attempt.isObjectedTo ? 1 : 0)
    let delay = Backoff.delay(after: failures, policy: policy, isReachable: isReachable, chance: chance)
    guard let binding = registration.binding else { return delay }
    let soon = now + min(delay, max(policy.minimumInterval, (binding.expiresAt - now) / 4))
    return aligned(soon) - now
  }
}
