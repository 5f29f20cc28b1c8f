import SIPMessage
import SIPTransaction

/// When to refresh a binding: inside 50–90 % of what was granted, early enough that two whole transactions fit before
/// the end (2 × Timer F = 64 s); of a short expiry the last 40 % are left for that.
package struct RefreshPlan: Sendable, Equatable {
  /// Nanoseconds after the 2xx: arithmetic of 128 bits would be a good part of what a refresh costs.
  private let first: UInt64
  private let last: UInt64

  /// Room for two transactions that time out.
  package static let margin = TimerValues.standard.timerF * 2
  private static let wholeMargin = margin.wholeNanoseconds

  package init(granted: Duration, policy: RegistrationPolicy) {
    let whole = granted.wholeNanoseconds
    let margin = min(Self.wholeMargin, whole / 5 * 2)
    let latest = min(whole / 100 * Int64(policy.refreshWindowEnd), whole - margin)
    let earliest = min(whole / 100 * Int64(policy.refreshWindowStart), latest)
    let floor = policy.minimumInterval.wholeNanoseconds
    last = UInt64(max(latest, floor, 0))
    first = UInt64(max(earliest, floor, 0))
  }

  /// After the 2xx.
  package var earliest: Duration { .nanoseconds(Int64(first)) }
  package var latest: Duration { .nanoseconds(Int64(last)) }

  /// Where the refresh may come, no sooner than `floor`.
  package func window(since registeredAt: Instant, floor: Instant) -> ClosedRange<Instant> {
    let start = max(registeredAt.later(by: first), floor)
    return start...max(registeredAt.later(by: last), start)
  }
}
