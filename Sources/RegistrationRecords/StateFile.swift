import CSQLite
import SIPUserAgent
import ShardCore

/// The open state file: its form, and the statements that read and write it.
///
/// Every commit is on the disk before it returns (WAL, synchronous=FULL): a CSeq ceiling that was acknowledged must
/// survive a power cut, or a number might be used twice. Batches pay for that, not records.
final class StateFile {
  static let name = "state.sqlite"
  /// What SQLite has committed and not yet moved into the file.
  static let logName = "state.sqlite-wal"
  /// "sreg": which program's file this is.
  private static let application: Int64 = 0x7372_6567
  private static let version: Int64 = 3

  enum Failure: Error {
    /// It cannot be used, now or later: to be set aside.
    case unusable(reason: String)
    /// It may be used later: the disk is full, the directory cannot be written, the device fails.
    case unavailable(reason: String)
    /// Another program has it open; going on without it would cost every account its identity.
    case inUse

    var reason: String {
      switch self {
      case .inUse: "another program has the state file open"
      case .unusable(let reason), .unavailable(let reason): reason
      }
    }

    init(_ error: DatabaseError) {
      self =
        error.isDamage
        ? .unusable(reason: error.message) : error.isBusy ? .inUse : .unavailable(reason: error.message)
    }
  }

  /// It was made just now.
  let isNew: Bool
  private let database: Database
  private var rows: RowWriter
  private let delete: Statement
  private let meta: MetaTable
  private let series: StoredSeries
  private let insertRenewals: Statement
  private let deleteRenewals: Statement
  /// Of the renewals written last.
  private var lastBatch: Int64

  /// - Parameter checking: look through the whole file for damage, which takes a second for a million accounts.
  init(in directory: borrowing StateDirectory, checking: Bool) throws(Failure) {
    do {
      try directory.makeFile(Self.name)
    } catch {
      throw .unavailable(reason: error.reason)
    }
    do {
      database = try Database(path: "\(directory.path)/\(Self.name)")
      // One process only, as the lock says: no shared memory file, and no other reader to wait for.
      try database.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA busy_timeout=2000; PRAGMA synchronous=FULL")
      isNew = try database.integer("SELECT count(*) FROM sqlite_schema") == 0
      if !isNew { try Self.check(database, whole: checking) }
      _ = try database.text("PRAGMA journal_mode=WAL")
      if isNew { try Self.create(in: database) } else { try Self.upgrade(database) }
      rows = try RowWriter(in: database)
      delete = try Statement(StateRow.delete, in: database)
      meta = try MetaTable(in: database)
      series = try StoredSeries(meta)
      insertRenewals = try Statement(RenewalRow.insert, in: database)
      deleteRenewals = try Statement(RenewalRow.delete, in: database)
      lastBatch = try database.integer("SELECT max(batch) FROM renewal") ?? 0
      directory.synchronize()
    } catch let error as DatabaseError {
      throw Failure(error)
    } catch let error as Failure {
      throw error
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private static func check(_ database: Database, whole: Bool) throws {
    let application = try database.integer("PRAGMA application_id") ?? 0
    guard application == Self.application else {
      throw Failure.unusable(reason: "it is not a state file of sipregd")
    }
    let version = try database.integer("PRAGMA user_version") ?? 0
    guard (1...Self.version).contains(version) else {
      throw Failure.unusable(reason: "it has version \(version), this sipregd knows version \(Self.version)")
    }
    guard whole else { return }
    let verdict = try database.text("PRAGMA quick_check(1)") ?? ""
    guard verdict == "ok" else { throw Failure.unusable(reason: verdict) }
  }

  private static func create(in database: Database) throws {
    try database.execute(
      """
      BEGIN IMMEDIATE;
      \(StateRow.table);
      \(RenewalRow.table);
      \(MetaTable.table);
      PRAGMA application_id = \(application);
      PRAGMA user_version = \(version);
      COMMIT
      """)
  }

  /// Version 1 wrote the whole record at every refresh, and version 2 reserved CSeq numbers in every row.
  private static func upgrade(_ database: Database) throws(DatabaseError) {
    let former = try database.integer("PRAGMA user_version") ?? version
    guard former < version else { return }
    let renewals = "ALTER TABLE account ADD COLUMN renewals_in INTEGER NOT NULL DEFAULT 0; \(RenewalRow.table);"
    try database.execute(
      """
      BEGIN IMMEDIATE;
      \(former < 2 ? renewals : "")
      ALTER TABLE account ADD COLUMN series INTEGER NOT NULL DEFAULT 0;
      PRAGMA user_version = \(version);
      COMMIT
      """)
  }

  // MARK: - Reading

  /// - Returns: how many rows made no sense.
  func load(
    _ reading: StateTimes.Reading, _ each: (String, consuming RegistrationRecord) -> Void
  ) throws(DatabaseError) -> Int {
    var renewals = Renewals()
    let selectRenewals = try Statement(RenewalRow.select, in: database)
    while try selectRenewals.step() { renewals.add(selectRenewals) }
    let select = try Statement(StateRow.select, in: database)
    var senseless: [String] = []
    var places = StateRow.Places()
    let numbers = series.series
    while try select.step() {
      if let record = StateRow.read(select, reading, renewals, numbers, &places) {
        each(select.text(0), consume record)
      } else {
        senseless.append(select.text(0))
      }
    }
    if !senseless.isEmpty {
      try transaction { () throws(DatabaseError) in
        series.renewSeed()
        for name in senseless { try remove(name) }
        try series.store()
      }
    }
    return senseless.count
  }

  func lastPorts() throws(DatabaseError) -> [UInt16] {
    let text = try meta["ports"] ?? ""
    return text.split(separator: " ").compactMap { UInt16($0) }
  }

  /// Its cache, two megabytes: what is written seldom is read anew.
  func releaseMemory() { database.releaseMemory() }

  // MARK: - Writing

  /// Reserves CSeq numbers for every account that has a row. Once, before they are read.
  func beginSeries() throws(DatabaseError) {
    try transaction { () throws(DatabaseError) in
      series.update { $0.begin() }
      try series.store()
    }
  }

  /// For accounts that have none.
  func makeOrigin() throws(DatabaseError) -> IdentityOrigin? {
    try transaction { () throws(DatabaseError) in
      var chance = SystemRandomNumberGenerator()
      let origin = series.update { $0.makeOrigin(using: &chance) }
      try series.store()
      return origin
    }
  }

  func write(_ changes: some Sequence<StateChange>, _ reading: StateTimes.Reading) throws(DatabaseError) {
    try transaction { () throws(DatabaseError) in
      for change in changes { try write(change, reading) }
      try series.store()
    }
  }

  /// The first that can be written after a failure. Rows that could not be read meanwhile are replaced, and accounts went
  /// on from memory: what was used under the seed is not known any more.
  func recover(_ changes: [StateChange], _ reading: StateTimes.Reading) throws(DatabaseError) {
    try transaction { () throws(DatabaseError) in
      for change in changes { try write(change, reading) }
      series.renewSeed()
      try series.store()
    }
  }

  private func remove(_ name: String) throws(DatabaseError) {
    delete.bind(name, at: 1)
    defer { delete.reset() }
    if try delete.step() {
      let (ceiling, written) = (delete.integer(0), delete.integer(1))
      series.update { $0.forget(ceiling: ceiling, writtenIn: written) }
    }
  }

  /// All of it or nothing. After a failure the file has to be opened anew.
  private func transaction<Result>(_ body: () throws(DatabaseError) -> Result) throws(DatabaseError) -> Result {
    try database.execute("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try database.execute("COMMIT")
      return result
    } catch {
      // Most failures have rolled back already; then this says so, and nothing is lost by it.
      try? database.execute("ROLLBACK")
      throw error
    }
  }

  private func write(_ change: StateChange, _ reading: StateTimes.Reading) throws(DatabaseError) {
    switch change {
    case .records(let records):
      try rows.write(records, renewalsIn: lastBatch, series: series.series.current, reading)
    case .forgotten(let name):
      try remove(name)
    case .renewals(let renewals):
      lastBatch += 1
      RenewalRow.bind(renewals, batch: lastBatch, reading, to: insertRenewals)
      try insertRenewals.run()
      deleteRenewals.bind(reading.wall, at: 1)
      try deleteRenewals.run()
    case .ports(let ports):
      try meta.set("ports", ports.map(String.init).joined(separator: " "))
    }
  }
}
