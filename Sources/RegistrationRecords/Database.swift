import CSQLite
import Glibc

/// What SQLite answered.
struct DatabaseError: Error {
  /// A primary result code.
  let code: Int32
  let message: String

  /// The file is not what SQLite wrote, or no longer.
  var isDamage: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }

  /// Another connection has it locked.
  var isBusy: Bool { code == SQLITE_BUSY }
}

/// One connection to a database file. Used by one queue; SQLite's own mutexes are off.
final class Database {
  private static let isConfigured = csqlite_keep_no_statistics() == SQLITE_OK

  fileprivate let handle: OpaquePointer

  /// Opens a file that exists.
  init(path: String) throws(DatabaseError) {
    // Without it SQLite is slower, and no worse.
    _ = Self.isConfigured
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle else {
      let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
      sqlite3_close_v2(handle)
      throw DatabaseError(code: code & 0xFF, message: message)
    }
    self.handle = handle
  }

  deinit { sqlite3_close_v2(handle) }

  func execute(_ sql: String) throws(DatabaseError) {
    try check(sqlite3_exec(handle, sql, nil, nil, nil))
  }

  /// Gives back the pages that it holds for nobody at present.
  func releaseMemory() { sqlite3_db_release_memory(handle) }

  /// The first column of the first row.
  func integer(_ sql: String) throws(DatabaseError) -> Int64? {
    let statement = try Statement(sql, in: self)
    return try statement.step() ? statement.integer(0) : nil
  }

  func text(_ sql: String) throws(DatabaseError) -> String? {
    let statement = try Statement(sql, in: self)
    return try statement.step() ? statement.text(0) : nil
  }

  fileprivate func check(_ code: Int32) throws(DatabaseError) {
    guard code & 0xFF != SQLITE_OK else { return }
    throw DatabaseError(code: code & 0xFF, message: String(cString: sqlite3_errmsg(handle)))
  }
}

/// A prepared statement. Parameters count from 1 and columns from 0, as in SQLite.
struct Statement: ~Copyable {
  private let database: Database
  private let handle: OpaquePointer

  init(_ sql: String, in database: Database) throws(DatabaseError) {
    var handle: OpaquePointer?
    try database.check(sqlite3_prepare_v2(database.handle, sql, -1, &handle, nil))
    guard let handle else { preconditionFailure("an empty statement") }
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Runs to the next row; false at the end.
  func step() throws(DatabaseError) -> Bool {
    switch sqlite3_step(handle) & 0xFF {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw DatabaseError(code: code, message: String(cString: sqlite3_errmsg(database.handle)))
    }
  }

  /// Runs a statement that returns no rows, and makes it ready for the next values.
  func run() throws(DatabaseError) {
    defer { reset() }
    while try step() {}
  }

  /// Runs a statement that returns no rows, with values that are not copied. They stay bound, and must be bound anew
  /// before the next run.
  func run(lending lent: borrowing LentValues) throws(DatabaseError) {
    try lent.bytes.withUnsafeBufferPointer { bytes throws(DatabaseError) in
      for value in lent.values { bind(value, of: bytes) }
      try run()
    }
  }

  /// Ready for the next values, after a row.
  func reset() { sqlite3_reset(handle) }

  // MARK: - Parameters

  func bindNull(at index: Int32) { bind(nil as Int64?, at: index) }

  private func bind(_ value: LentValues.Value, of bytes: UnsafeBufferPointer<UInt8>) {
    // No bytes and no pointer to them would be NULL.
    guard let start = bytes.baseAddress else { preconditionFailure("a row without a byte") }
    let (bytes, count) = (UnsafeRawPointer(start + value.range.lowerBound), Int32(value.range.count))
    // Without a destructor: SQLITE_STATIC.
    let code =
      value.isText
      ? sqlite3_bind_text(handle, value.parameter, bytes.assumingMemoryBound(to: CChar.self), count, nil)
      : sqlite3_bind_blob(handle, value.parameter, bytes, count, nil)
    precondition(code == SQLITE_OK, "parameter \(value.parameter)")
  }

  func bind(_ value: Int64?, at index: Int32) {
    // Fails only for an index that the statement does not have.
    let code = value.map { sqlite3_bind_int64(handle, index, $0) } ?? sqlite3_bind_null(handle, index)
    precondition(code == SQLITE_OK, "parameter \(index)")
  }

  func bind(_ value: String?, at index: Int32) {
    guard let value else { return bind(nil as Int64?, at: index) }
    let code = sqlite3_bind_text(handle, index, value, Int32(value.utf8.count), Self.copied)
    precondition(code == SQLITE_OK || code == SQLITE_NOMEM, "parameter \(index)")
  }

  func bind(_ value: [UInt8]?, at index: Int32) {
    guard let value else { return bind(nil as Int64?, at: index) }
    // No bytes and no pointer to them would be NULL.
    let code =
      value.isEmpty
      ? sqlite3_bind_zeroblob(handle, index, 0)
      : sqlite3_bind_blob(handle, index, value, Int32(value.count), Self.copied)
    precondition(code == SQLITE_OK || code == SQLITE_NOMEM, "parameter \(index)")
  }

  /// SQLITE_TRANSIENT, a macro that is not imported: SQLite makes its own copy.
  private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  // MARK: - Columns

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func text(_ column: Int32) -> String { String(decoding: buffer(column), as: UTF8.self) }

  func bytes(_ column: Int32) -> [UInt8] { Array(buffer(column)) }

  /// Lends the bytes of the column, which are there until the next step.
  func withSpan<Result, Failure>(
    of column: Int32, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(buffer(column).bindMemory(to: UInt8.self).span)
  }

  /// Whether the column holds just these bytes.
  func equals(_ bytes: [UInt8], at column: Int32) -> Bool {
    let own = buffer(column)
    guard own.count == bytes.count else { return false }
    return bytes.withUnsafeBytes { bytes in
      guard let start = own.baseAddress, let other = bytes.baseAddress else { return true }
      return memcmp(start, other, own.count) == 0
    }
  }

  private func buffer(_ column: Int32) -> UnsafeRawBufferPointer {
    // The pointer first: asking for the length of another representation would convert the value.
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
  }
}
