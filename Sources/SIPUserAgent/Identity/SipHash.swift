/// SipHash-2-4 (Aumasson and Bernstein, 2012): a hash under a key of 128 bits. Who does not have the key can not tell the
/// next value from all that came before, nor make many texts that share one.
struct SipHash: Sendable {
  /// Drawn by chance, once for the life of a process.
  struct Key: Sendable {
    let low: UInt64
    let high: UInt64
  }

  private var (v0, v1, v2, v3): (UInt64, UInt64, UInt64, UInt64)
  /// The bytes that do not fill a word yet, the first one lowest.
  private var tail: UInt64 = 0
  private var count = 0

  init(_ key: Key) {
    v0 = key.low ^ 0x736f_6d65_7073_6575
    v1 = key.high ^ 0x646f_7261_6e64_6f6d
    v2 = key.low ^ 0x6c79_6765_6e65_7261
    v3 = key.high ^ 0x7465_6462_7974_6573
  }

  mutating func add(_ bytes: Span<UInt8>) {
    for index in bytes.indices { add(bytes[index]) }
  }

  /// With its length before it: two texts in a row are not those of another cut.
  mutating func add(apart bytes: ArraySlice<UInt8>) {
    var count = UInt64(bytes.count)
    for _ in 0..<8 {
      add(UInt8(truncatingIfNeeded: count))
      count >>= 8
    }
    add(bytes.span)
  }

  private mutating func add(_ byte: UInt8) {
    tail |= UInt64(byte) << UInt64(8 * (count & 7))
    count += 1
    guard count & 7 == 0 else { return }
    compress(tail)
    tail = 0
  }

  /// Of everything that was added.
  consuming func value() -> UInt64 {
    compress(tail | UInt64(truncatingIfNeeded: count) << 56)
    v2 ^= 0xFF
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }

  private mutating func compress(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  private mutating func round() {
    v0 &+= v1
    v1 = Self.rotated(v1, 13) ^ v0
    v0 = Self.rotated(v0, 32)
    v2 &+= v3
    v3 = Self.rotated(v3, 16) ^ v2
    v0 &+= v3
    v3 = Self.rotated(v3, 21) ^ v0
    v2 &+= v1
    v1 = Self.rotated(v1, 17) ^ v2
    v2 = Self.rotated(v2, 32)
  }

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
}
