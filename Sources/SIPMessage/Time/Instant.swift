/// A point of time that only moves forward, also while the machine sleeps: nanoseconds since an origin that the shell
/// chooses (CLOCK_BOOTTIME in the daemon, anything in a simulation). Arithmetic stops at the ends instead of trapping.
///
/// Its arithmetic is inlined into other modules: it stands in the innermost loops of those that wait.
@usableFromInline package struct Instant: Hashable, Sendable, Comparable {
  @usableFromInline package var nanoseconds: UInt64

  @inlinable package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  @inlinable package static var origin: Self { Instant(nanoseconds: 0) }
  @inlinable package static var distantFuture: Self { Instant(nanoseconds: .max) }

  /// The one that comes first; nil is never.
  package static func earliest(_ left: Self?, _ right: Self?) -> Self? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }

  @inlinable package static func == (left: Self, right: Self) -> Bool { left.nanoseconds == right.nanoseconds }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  @inlinable package static func + (left: Self, right: Duration) -> Self {
    let distance = right.wholeNanoseconds
    return distance >= 0 ? left.later(by: distance.magnitude) : left.earlier(by: distance.magnitude)
  }

  @inlinable package static func - (left: Self, right: Duration) -> Self {
    let distance = right.wholeNanoseconds
    return distance >= 0 ? left.earlier(by: distance.magnitude) : left.later(by: distance.magnitude)
  }

  /// So many nanoseconds later.
  @inlinable package func later(by distance: UInt64) -> Self {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(distance)
    return overflow ? .distantFuture : Instant(nanoseconds: sum)
  }

  @inlinable func earlier(by distance: UInt64) -> Self {
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
  @inlinable package var wholeNanoseconds: Int64 {
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
