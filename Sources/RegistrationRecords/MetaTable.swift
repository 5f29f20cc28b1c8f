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

  func set(_ key: String, _ value: String) throws(DatabaseError) {
    insert.bind(key, at: 1)
    insert.bind(value, at: 2)
    try insert.run()
  }
}
