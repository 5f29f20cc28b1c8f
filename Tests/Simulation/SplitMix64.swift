/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same everywhere for the same seed.
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  /// Something with this probability.
  mutating func happens(_ probability: Double) -> Bool { Double(next() >> 11) / Double(1 << 53) < probability }

  /// 0..<bound
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// Evenly from the range, in milliseconds.
  mutating func duration(_ milliseconds: ClosedRange<Int>) -> Duration {
    .milliseconds(milliseconds.lowerBound + below(milliseconds.count))
  }
}
