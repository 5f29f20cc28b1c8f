import SIPMessage

/// How many answers a host gets that asks over UDP and is no next hop of ours: its requests may bear the address of
/// somebody else, who would get three bytes for each one that was sent here. A token bucket each.
///
/// The table never grows: hosts whose buckets are the same one share it, and which these are nobody can tell from
/// outside. A plain value: the time is an argument, in nanoseconds.
package struct AnswerBudget: Sendable {
  package enum Host: Sendable {
    /// A proxy that looks after us asks once in some seconds; a phone that is being called, twenty times in a call.
    case stranger
    /// Our own requests go to another port of it: its pings may come from several.
    case neighbour

    /// Answers a second, and as many at once.
    var rate: UInt64 {
      switch self {
      case .stranger: 20
      case .neighbour: 500
      }
    }
  }

  /// 32 KiB.
  private static let buckets = 4_096
  private static let second: UInt64 = 1_000_000_000

  private let seed: UInt64
  /// When the bucket would be full again, in the way of GCRA: each answer moves it by what one takes.
  private var fullAt = [UInt64](repeating: 0, count: Self.buckets)

  package init(seed: UInt64) { self.seed = seed }

  /// Takes an answer out of a host's bucket. - Returns: false when nothing is left
  package mutating func take(for address: IPAddress, _ host: Host, now: UInt64) -> Bool {
    let bucket = Self.bucket(of: address.source, host, seed: seed)
    let after = max(fullAt[bucket], now) + Self.second / host.rate
    guard after <= now + Self.second else { return false }
    fullAt[bucket] = after
    return true
  }

  /// Neighbours and strangers do not share: what a second holds differs.
  private static func bucket(of address: IPAddress, _ host: Host, seed: UInt64) -> Int {
    var hash =
      switch address {
      case .v4(let value): UInt64(value)
      case .v6(let upper, _): ~upper
      }
    hash ^= seed
    // The finalizer of MurmurHash3: every bit of the address counts for every bit of the place.
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    let half = UInt64(buckets / 2)
    return Int((hash ^ hash >> 33) % half + (host == .neighbour ? half : 0))
  }
}
