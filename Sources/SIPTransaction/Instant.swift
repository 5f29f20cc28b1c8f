/// A point of time that only moves forward, also while the machine sleeps: nanoseconds since an origin that the shell
/// chooses (CLOCK_BOOTTIME in the daemon, anything in a simulation). Arithmetic stops at the ends instead of trapping.
package struct Instant: Hashable, Sendable, Comparable {
  package var nanoseconds: UInt64

  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  package static let origin = Instant(nanoseconds: 0)
  package static let distantFuture = Instant(nanoseconds: .max)

  package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  package static func + (left: Self, right: Duration) -> Self {
    let distance = right.wholeNanoseconds
    if distance >= 0 {
      let (sum, overflow) = left.nanoseconds.addingReportingOverflow(UInt64(distance))
      return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }
    let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(distance.magnitude)
    return overflow ? .origin : Instant(nanoseconds: difference)
  }

  package static func - (left: Self, right: Duration) -> Self { left + (.zero - right) }

  /// How long after `right` this is; negative when it is before.
  package static func - (left: Self, right: Self) -> Duration {
    left >= right
      ? .nanoseconds(Int64(clamping: left.nanoseconds - right.nanoseconds))
      : .zero - .nanoseconds(Int64(clamping: right.nanoseconds - left.nanoseconds))
  }
}

extension Duration {
  /// Clamped to what 64 bits hold: 292 years either way.
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carry ? (seconds < 0 ? .min : .max) : sum
  }

  /// Rounded towards zero.
  package var wholeSeconds: Int64 { components.seconds }
}
