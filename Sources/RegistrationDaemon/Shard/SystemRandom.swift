import Glibc

/// The kernel's random numbers (getentropy), fetched 256 bytes at a time: branches, tags, Call-IDs and client nonces
/// must not be guessed.
struct SystemRandom: RandomNumberGenerator, Sendable {
  private static let words = 32
  private var pool: [UInt64] = []

  mutating func next() -> UInt64 {
    if pool.isEmpty {
      pool = [UInt64](repeating: 0, count: Self.words)
      let status = pool.withUnsafeMutableBytes { getentropy($0.baseAddress!, $0.count) }
      precondition(status == 0, "the kernel has no random numbers")
    }
    return pool.removeLast()
  }
}
