import SIPMessage

/// How long before its expiry a binding was refreshed: the least, and any share of all, from 464 counters.
///
/// Milliseconds in buckets of 1 up to 32, then 16 buckets for each doubling: a figure is at most 6 % too low.
struct LeadHistogram: Sendable {
  private var counts = [UInt64](repeating: 0, count: 464)
  private(set) var total: UInt64 = 0
  private(set) var least: Duration?

  mutating func record(_ lead: Duration) {
    counts[Self.bucket(UInt32(clamping: lead.wholeNanoseconds / 1_000_000))] += 1
    total += 1
    least = min(least ?? lead, lead)
  }

  /// What so many of 100 did not exceed: the lower end of a bucket, but never below the least; nil before the first
  /// figure.
  func percentile(_ share: UInt64) -> Duration? {
    guard let least else { return nil }
    var seen: UInt64 = 0
    for (bucket, count) in counts.enumerated() {
      seen += count
      if 100 * seen >= share * total { return max(least, .milliseconds(Self.lowerEnd(of: bucket))) }
    }
    return nil
  }

  static func bucket(_ milliseconds: UInt32) -> Int {
    guard milliseconds >= 32 else { return Int(milliseconds) }
    let shift = 27 - milliseconds.leadingZeroBitCount
    return shift * 16 + Int(milliseconds >> UInt32(shift))
  }

  static func lowerEnd(of bucket: Int) -> UInt64 {
    guard bucket >= 32 else { return UInt64(bucket) }
    let shift = bucket / 16 - 1
    return UInt64(bucket - shift * 16) << UInt64(shift)
  }
}
