import SIPTransaction

/// When to refresh a binding: inside 50–90 % of what was granted, early enough that two whole transactions fit before
/// the end (2 × Timer F = 64 s); of a short expiry the last 40 % are left for that.
package struct RefreshPlan: Sendable, Equatable {
  /// After the 2xx.
  package let earliest: Duration
  package let latest: Duration

  /// Room for two transactions that time out.
  package static let margin = TimerValues.standard.timerF * 2

  package init(granted: Duration, policy: RegistrationPolicy) {
    let margin = min(Self.margin, granted / 5 * 2)
    let latest = min(granted / 100 * policy.refreshWindowEnd, granted - margin)
    let floor = policy.minimumInterval
    self.latest = max(latest, floor)
    earliest = max(min(granted / 100 * policy.refreshWindowStart, latest), floor)
  }

  /// Where the refresh may come, no sooner than `floor`.
  package func window(since registeredAt: Instant, floor: Instant) -> ClosedRange<Instant> {
    let first = max(registeredAt + earliest, floor)
    return first...max(registeredAt + latest, first)
  }
}
