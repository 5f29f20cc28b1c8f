import SIPMessage
import SIPUserAgent

/// Renewals as rows of the table `renewal`, one for each batch: a refresh is 20 bytes and no row of its own.
///
/// ```abnf
/// entries = *entry
/// entry   = key remaining granted count   ; 8, 4, 4 and 4 bytes, the highest first; milliseconds
/// ```
///
/// Nothing is ever rewritten: when the last binding of a batch has ended, each account in it has been refreshed since or
/// has lapsed, and the row goes.
enum RenewalRow {
  static let table = """
    CREATE TABLE renewal (
      batch INTEGER PRIMARY KEY NOT NULL, ends_at INTEGER NOT NULL, saved_at INTEGER NOT NULL,
      saved_instant INTEGER NOT NULL, boot INTEGER NOT NULL, entries BLOB NOT NULL
    ) STRICT
    """
  static let insert = "INSERT INTO renewal VALUES (?, ?, ?, ?, ?, ?)"
  static let select = "SELECT * FROM renewal ORDER BY batch"
  /// The oldest few: more than come with each write.
  static let delete =
    "DELETE FROM renewal WHERE batch IN (SELECT batch FROM renewal ORDER BY batch LIMIT 8) AND ends_at < ?"
  static let entrySize = 20

  static func bind(
    _ renewals: [Renewal], batch: Int64, _ reading: StateTimes.Reading, to statement: borrowing Statement
  ) {
    var entries: [UInt8] = []
    entries.reserveCapacity(renewals.count * entrySize)
    var last: UInt32 = 0
    for renewal in renewals {
      let remaining = milliseconds(renewal.expiresAt - reading.now)
      last = max(last, remaining)
      entries.append(bigEndian: renewal.key)
      entries.append(bigEndian: remaining)
      entries.append(bigEndian: milliseconds(renewal.expiresAt - renewal.registeredAt))
      entries.append(bigEndian: renewal.nonceCount)
    }
    let times = StateTimes(registeredAt: nil, expiresAt: nil, reading: reading)
    statement.bind(batch, at: 1)
    statement.bind(times.savedAt + Int64(last), at: 2)
    statement.bind(times.savedAt, at: 3)
    statement.bind(times.savedInstant, at: 4)
    statement.bind(times.boot, at: 5)
    statement.bind(entries, at: 6)
  }

  /// What is longer than 49 days is taken as that: earlier, never later.
  private static func milliseconds(_ duration: Duration) -> UInt32 {
    UInt32(clamping: duration.wholeNanoseconds / 1_000_000)
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}
