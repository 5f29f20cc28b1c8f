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
    // In whole nanoseconds: arithmetic of 128 bits would be a good part of what a refresh costs.
    let whole = granted.wholeNanoseconds
    let margin = min(Self.margin.wholeNanoseconds, whole / 5 * 2)
    let latest = min(whole / 100 * Int64(policy.refreshWindowEnd), whole - margin)
    let earliest = min(whole / 100 * Int64(policy.refreshWindowStart), latest)
    let floor = policy.minimumInterval.wholeNanoseconds
    self.latest = .nanoseconds(max(latest, floor))
    self.earliest = .nanoseconds(max(earliest, floor))
  }

  /// Where the refresh may come, no sooner than `floor`.
  package func window(since registeredAt: Instant, floor: Instant) -> ClosedRange<Instant> {
    let first = max(registeredAt + earliest, floor)
    return first...max(registeredAt + latest, first)
  }
}
