import SIPMessage

/// The nonces a server gave out, and which nonce counts each has seen (RFC 7616 §3.3, §3.4).
///
/// A ring: the oldest nonce makes room for the newest. Counts may arrive out of order within a window of 64, as in the
/// anti-replay window of RFC 4303 §3.4.3, but none twice; a retransmission is the same request and not a replay.
struct NonceTable: Sendable {
  enum Verdict { case fresh, stale, replayed }

  /// Enough for 1,000,000 accounts, several times over; an entry measures 40 bytes.
  private static let capacity: UInt64 = 1 << 22
  private static let digits = 32

  fileprivate struct Entry {
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

  struct Nonce: Equatable, Sendable {
    fileprivate var number: UInt64
    fileprivate var chance: UInt64

    fileprivate init(number: UInt64, chance: UInt64) {
      self.number = number
      self.chance = chance
    }

    /// nil: no nonce of a table.
    init?(_ text: Span<UInt8>) {
      guard text.count == NonceTable.digits, let number = UInt64(hexadecimal: text.extracting(..<16)),
        let chance = UInt64(hexadecimal: text.extracting(16...))
      else { return nil }
      self.init(number: number, chance: chance)
    }

    func append(to text: inout [UInt8]) {
      text.append(hexadecimal: number, digits: 16)
      text.append(hexadecimal: chance, digits: 16)
    }
  }

  mutating func issue(at now: Instant) -> Nonce {
    let nonce = Nonce(number: number, chance: random.next())
    let entry = Entry(chance: nonce.chance, issued: now)
    let slot = Int((number - firstValid) % Self.capacity)
    if slot < entries.count { entries[slot] = entry } else { entries.append(entry) }
    number += 1
    return nonce
  }

  /// - Parameter request: the hash that tells a request from its retransmissions.
  mutating func use(_ nonce: Nonce, count: UInt32, request: UInt64, at now: Instant) -> Verdict {
    guard let slot = slot(of: nonce), now - entries[slot].issued < lifetime else { return .stale }
    if entries[slot].lastRequest == request { return .fresh }
    guard entries[slot].admit(count) else { return .replayed }
    entries[slot].lastRequest = request
    return .fresh
  }

  /// The entry, as long as no newer one has taken its place.
  private func slot(of nonce: Nonce) -> Int? {
    guard nonce.number >= firstValid, nonce.number < number, number - nonce.number <= Self.capacity else { return nil }
    let slot = Int((nonce.number - firstValid) % Self.capacity)
    return entries[slot].chance == nonce.chance ? slot : nil
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
