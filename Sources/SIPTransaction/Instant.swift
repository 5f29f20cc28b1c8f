/// A point of time that only moves forward, also while the machine sleeps: nanoseconds since an origin that the shell
/// chooses (CLOCK_BOOTTIME in the daemon, anything in a simulation). Arithmetic stops at the ends instead of trapping.
package struct Instant: Hashable, Sendable, Comparable {
  package var nanoseconds: UInt64

  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  package static let origin = Instant(nanoseconds: 0)
  package static let distantFuture = Instant(nanoseconds: .max)

  /// The one that comes first; nil is never.
  package static func earliest(_ left: Self?, _ right: Self?) -> Self? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }

  package static func == (left: Self, right: Self) -> Bool { left.nanoseconds == right.nanoseconds }
  package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  package static func + (left: Self, right: Duration) -> Self {
    let distance = right.wholeNanoseconds
    return distance >= 0 ? left.later(by: distance.magnitude) : left.earlier(by: distance.magnitude)
  }

  package static func - (left: Self, right: Duration) -> Self {
    let distance = right.wholeNanoseconds
    return distance >= 0 ? left.earlier(by: distance.magnitude) : left.later(by: distance.magnitude)
  }

  /// So many nanoseconds later.
  package func later(by distance: UInt64) -> Self {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(distance)
    return overflow ? .distantFuture : Instant(nanoseconds: sum)
  }

  private func earlier(by distance: UInt64) -> Self {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(distance)
    return overflow ? .origin : Instant(nanoseconds: difference)
  }

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
    let magnitude = attoseconds.magnitude
    let (high, low) = (UInt64(truncatingIfNeeded: magnitude >> 64), UInt64(truncatingIfNeeded: magnitude))
    let divisor: UInt64 = 1_000_000_000
    // Less than two hours and a half: halved nine times, what is divided and what by are 64 bits.
    if high < 1 << 9 {
      let nanoseconds = Int64((high << 55 | low >> 9) / (divisor >> 9))
      return attoseconds < 0 ? -nanoseconds : nanoseconds
    }
    guard high < divisor else { return attoseconds < 0 ? .min : .max }
    let nanoseconds = Int64(clamping: divisor.dividingFullWidth((high, low)).quotient)
    return attoseconds < 0 ? -nanoseconds : nanoseconds
  }

  /// Rounded towards zero.
  package var wholeSeconds: Int64 { components.seconds }
}
