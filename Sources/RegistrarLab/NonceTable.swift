import SIPTransaction

/// The nonces a server gave out, and which nonce counts each has seen (RFC 7616 §3.3, §3.4).
///
/// A ring: the oldest nonce makes room for the newest. Counts may arrive out of order within a window of 64, as in the
/// anti-replay window of RFC 4303 §3.4.3, but none twice; a retransmission is the same request and not a replay.
struct NonceTable: Sendable {
  enum Verdict { case fresh, stale, replayed }

  /// Enough for 1,000,000 accounts, several times over; an entry measures 48 bytes.
  private static let capacity: UInt64 = 1 << 22
  private static let digits = 32

  fileprivate struct Entry {
    var number: UInt64
    var chance: UInt64
    var issued: Instant
    var lastRequest: UInt64 = 0
    var seen: UInt64 = 0
    var highestCount: UInt32 = 0
  }

  let lifetime: Duration
  private var entries: [Entry] = []
  /// Of the next nonce.
  private var number: UInt64 = 0
  /// Nonces below this number are void.
  private var firstValid: UInt64 = 0
  private var random: SplitMix

  init(lifetime: Duration, seed: UInt64) {
    self.lifetime = lifetime
    random = SplitMix(state: seed)
  }

  mutating func voidAll() {
    firstValid = number
    entries = []
  }

  mutating func issue(at now: Instant) -> [UInt8] {
    let entry = Entry(number: number, chance: random.next(), issued: now)
    let slot = Int((number - firstValid) % Self.capacity)
    if slot < entries.count { entries[slot] = entry } else { entries.append(entry) }
    number += 1
    var text: [UInt8] = []
    text.reserveCapacity(Self.digits)
    text.append(hexadecimal: entry.number)
    text.append(hexadecimal: entry.chance)
    return text
  }

  /// - Parameter request: the hash that tells a request from its retransmissions.
  mutating func use(_ nonce: [UInt8], count: UInt32, request: UInt64, at now: Instant) -> Verdict {
    guard let slot = slot(of: nonce), now - entries[slot].issued < lifetime else { return .stale }
    if entries[slot].lastRequest == request { return .fresh }
    guard entries[slot].admit(count) else { return .replayed }
    entries[slot].lastRequest = request
    return .fresh
  }

  private func slot(of nonce: [UInt8]) -> Int? {
    guard nonce.count == Self.digits, let number = UInt64(hexadecimal: nonce[..<16]),
      let chance = UInt64(hexadecimal: nonce[16...]), number >= firstValid
    else { return nil }
    let slot = (number - firstValid) % Self.capacity
    guard slot < entries.count, entries[Int(slot)].number == number, entries[Int(slot)].chance == chance else {
      return nil
    }
    return Int(slot)
  }
}

extension NonceTable.Entry {
  /// Whether the count is new; counts begin with 1.
  fileprivate mutating func admit(_ count: UInt32) -> Bool {
    guard count > 0 else { return false }
    if count > highestCount {
      let distance = UInt64(count - highestCount)
      seen = distance < 64 ? seen << distance | 1 : 1
      highestCount = count
      return true
    }
    let distance = UInt64(highestCount - count)
    guard distance < 64, seen >> distance & 1 == 0 else { return false }
    seen |= 1 << distance
    return true
  }
}

/// SplitMix64: repeatable chance from a seed. Good enough to tell nonces apart; nobody is kept out by it.
struct SplitMix: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
