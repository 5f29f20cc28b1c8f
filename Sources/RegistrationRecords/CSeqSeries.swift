import SIPUserAgent

/// How CSeq numbers are reserved for all accounts with one write: each process begins a series, and so do accounts that
/// come while it runs. A series is good for `IdentityOrigin.reserve` numbers of each account, from where the one before
/// it ended.
///
/// | of the table `meta` | is |
/// | --- | --- |
/// | `series` | the number of the last series |
/// | `identity_seed` | what identities are made of that have no row yet, in hexadecimal digits |
/// | `identity_cseq` | no identity without a row has used a number above this one and those of all series |
final class CSeqSeries {
  private static let reserve = Int64(IdentityOrigin.reserve)
  /// Beyond it is nothing that anybody counted.
  private static let numbers: ClosedRange<Int64> = 0...Int64(UInt32.max)
  /// Identities that came so far begin anew as others.
  private static let lastFirst = Int64(UInt32.max) / 4

  private let meta: MetaTable
  /// The last that is on the disk.
  private(set) var current: Int64
  /// By this process.
  private var isBegun = false
  /// nil: none yet, or nobody knows what was used under it.
  private var seed: [UInt8]?
  private var base: Int64
  private var isBaseStored = true

  init(_ meta: MetaTable) throws(DatabaseError) {
    self.meta = meta
    current = try Self.number("series", of: meta) ?? 0
    let base = try Self.number("identity_cseq", of: meta)
    seed = base == nil ? nil : try meta["identity_seed"].flatMap(Self.bytes)
    self.base = base ?? 0
  }

  private static func number(_ key: String, of meta: MetaTable) throws(DatabaseError) -> Int64? {
    try meta[key].flatMap { Int64($0) }.flatMap { numbers.contains($0) ? $0 : nil }
  }

  private static func bytes(_ digits: String) -> [UInt8]? {
    guard digits.utf8.count == 2 * IdentityOrigin.seedLength else { return nil }
    let bytes = stride(from: 0, to: digits.utf8.count, by: 2).map {
      UInt8(digits.dropFirst($0).prefix(2), radix: 16)
    }
    return bytes.contains(nil) ? nil : bytes.compactMap(\.self)
  }

  /// Within a transaction.
  func begin() throws(DatabaseError) {
    try meta.set("series", "\(current + 1)")
    current += 1
    isBegun = true
  }

  /// For accounts without a row: begins a series for them. Within a transaction.
  ///
  /// - Returns: nil when no number is left.
  func makeOrigin() throws(DatabaseError) -> IdentityOrigin? {
    try begin()
    var seed = seed
    if firstCSeq > Self.lastFirst || seed == nil { seed = try renewSeed() }
    guard let seed, firstCSeq <= Self.lastFirst else { return nil }
    return IdentityOrigin(seed: seed, firstCSeq: UInt32(firstCSeq))
  }

  private var firstCSeq: Int64 { base + current * Self.reserve + 1 }

  /// Nobody knows how far the CSeq of those has come that began with the old one: they begin with other identities. Within
  /// a transaction.
  @discardableResult
  func renewSeed() throws(DatabaseError) -> [UInt8] {
    var chance = SystemRandomNumberGenerator()
    let seed = (0..<IdentityOrigin.seedLength).map { _ in UInt8.random(in: .min ... .max, using: &chance) }
    var digits: [UInt8] = []
    for byte in seed { digits.append(hexadecimal: UInt64(byte), digits: 2) }
    try meta.set("identity_seed", String(decoding: digits, as: UTF8.self))
    try meta.set("identity_cseq", "0")
    self.seed = seed
    base = 0
    return seed
  }

  /// The ceiling of a row as it is now: above what was reserved by series that began after it was written, but for the
  /// one that this process began.
  ///
  /// - Returns: nil when the row makes no sense.
  func ceiling(_ stored: Int64, writtenIn series: Int64) -> UInt32? {
    guard let stored = UInt32(exactly: stored), (0...current).contains(series) else { return nil }
    return UInt32(clamping: Int64(stored) + max(current - (isBegun ? 1 : 0) - series, 0) * Self.reserve)
  }

  /// A row goes: should the account ever come back, it does so under the same identity.
  func forget(ceiling: Int64, writtenIn series: Int64) {
    let used = Int64(UInt32(clamping: ceiling)) + (current - min(max(series, 0), current)) * Self.reserve
    guard used > base else { return }
    base = used
    isBaseStored = false
  }

  /// At the end of a transaction.
  func store() throws(DatabaseError) {
    guard !isBaseStored else { return }
    try meta.set("identity_cseq", "\(base)")
    isBaseStored = true
  }
}
