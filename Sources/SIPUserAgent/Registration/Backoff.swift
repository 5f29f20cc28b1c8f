import SIPMessage

/// How long to wait after everything failed (RFC 5626 §4.5): min(maximum, base × 2ⁿ) × 50…100 %.
package enum Backoff {
  /// - Parameters:
  ///   - failures: in a row, 1…; any number is safe
  ///   - isReachable: over another flow; then there is less haste: three times the base, as 90 s are of 30 s
  ///   - chance: 64 random bits
  package static func delay(
    after failures: Int, policy: RegistrationPolicy, isReachable: Bool = false, chance: UInt64
  ) -> Duration {
    let exponent = min(max(failures, 1) - 1, 32)
    let longest = policy.retryMaximum.wholeNanoseconds
    let (grown, overflow) = (policy.retryBase.wholeNanoseconds * (isReachable ? 3 : 1))
      .multipliedReportingOverflow(by: 1 << exponent)
    let full = overflow ? longest : min(grown, longest)
    let half = full / 2
    return .nanoseconds(half + Int64(chance % UInt64(max(half, 1) + 1)))
  }

  /// What a Retry-After asks for, within bounds: never sooner than the floor between REGISTERs, never later than the cap.
  package static func delay(retryAfter seconds: UInt32, policy: RegistrationPolicy) -> Duration {
    min(max(.seconds(Int64(seconds)), policy.minimumInterval), policy.retryAfterMaximum)
  }
}
