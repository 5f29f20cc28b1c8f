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

  private let meta: MetaTable
  /// The last that is on the disk.
  private(set) var current: Int64
  /// By this process.
  private var isBegun = false
  private var seed: [UInt8]?
  private var base: Int64
  private var isBaseStored = true

  init(_ meta: MetaTable) throws(DatabaseError) {
    self.meta = meta
    current = max(try meta.integer("series") ?? 0, 0)
    base = max(try meta.integer("identity_cseq") ?? 0, 0)
    seed = try meta["identity_seed"].flatMap(Self.bytes)
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
  func makeOrigin() throws(DatabaseError) -> IdentityOrigin {
    try begin()
    let first = base + current * Self.reserve + 1
    if seed == nil || first > Int64(UInt32.max) / 4 { try renewSeed() }
    return IdentityOrigin(seed: seed ?? [], firstCSeq: UInt32(clamping: base + current * Self.reserve + 1))
  }

  /// Rows were lost: who had one begins with another identity, since how far its CSeq had come nobody knows. Within a
  /// transaction.
  func renewSeed() throws(DatabaseError) {
    var chance = SystemRandomNumberGenerator()
    let seed = (0..<IdentityOrigin.seedLength).map { _ in UInt8.random(in: .min ... .max, using: &chance) }
    var digits: [UInt8] = []
    for byte in seed { digits.append(hexadecimal: UInt64(byte), digits: 2) }
    try meta.set("identity_seed", String(decoding: digits, as: UTF8.self))
    try meta.set("identity_cseq", "0")
    self.seed = seed
    base = 0
  }

  /// The ceiling of a row as it is now: above what was reserved by series that began after it was written, but for the
  /// one that this process began.
  func ceiling(_ stored: Int64, writtenIn series: Int64) -> UInt32? {
    guard let stored = UInt32(exactly: stored) else { return nil }
    return UInt32(clamping: Int64(stored) + max(current - (isBegun ? 1 : 0) - series, 0) * Self.reserve)
  }

  /// A row goes: should the account ever come back, it does so under the same identity.
  func forget(ceiling: Int64, writtenIn series: Int64) {
    let used = Int64(UInt32(clamping: ceiling)) + max(current - series, 0) * Self.reserve
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

/// The table `meta`: what there is once.
final class MetaTable {
  static let table = "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID"

  private let select: Statement
  private let insert: Statement

  init(in database: Database) throws(DatabaseError) {
    select = try Statement("SELECT value FROM meta WHERE key = ?", in: database)
    insert = try Statement("INSERT OR REPLACE INTO meta VALUES (?, ?)", in: database)
  }

  subscript(key: String) -> String? {
    get throws(DatabaseError) {
      select.bind(key, at: 1)
      defer { select.reset() }
      return try select.step() ? select.text(0) : nil
    }
  }

  func integer(_ key: String) throws(DatabaseError) -> Int64? { try self[key].flatMap { Int64($0) } }

  func set(_ key: String, _ value: String) throws(DatabaseError) {
    insert.bind(key, at: 1)
    insert.bind(value, at: 2)
    try insert.run()
  }
}
