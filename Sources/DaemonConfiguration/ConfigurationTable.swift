/// A value of a configuration file, with the line on which it stands. TOML and JSON both read into this.
struct ConfigurationValue {
  enum Content {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// A date or time of TOML. No key takes one, so the text is not interpreted.
    case date
    /// JSON's.
    case null
    case array([ConfigurationValue])
    case table(ConfigurationTable)
  }

  let content: Content
  let line: Int

  /// What stands there, in an operator's words.
  var kind: String {
    switch content {
    case .string: "a string"
    case .integer: "an integer"
    case .float: "a fraction"
    case .boolean: "a boolean"
    case .date: "a date or time"
    case .null: "null"
    case .array: "an array"
    case .table: "a table"
    }
  }
}

/// A table of TOML or an object of JSON: keys in the order of the file, each with its line. A class, because TOML
/// returns to a table long after it was opened; it lives only while a file is read.
final class ConfigurationTable {
  struct Entry {
    let key: String
    let line: Int
    var value: ConfigurationValue
  }

  /// How a table of TOML came to be decides what may still be added to it.
  enum Origin {
    /// By a header for a table inside it: `[a.b]` makes `a`, which may still get its own header.
    case implied
    /// By its own header, or as the element of an array of tables.
    case header
    /// By a dotted key: `a.b = 1` makes `a`.
    case dottedKey
    /// `{ … }` is complete where it stands.
    case inline
  }

  let line: Int
  var origin: Origin
  private(set) var entries: [Entry] = []
  /// Made only for tables long enough that a search would show: a file may name thousands of proxies.
  private var index: [String: Int] = [:]
  private static let indexedFrom = 24

  init(line: Int, origin: Origin) {
    self.line = line
    self.origin = origin
  }

  func contains(_ key: String) -> Bool { position(of: key) != nil }

  func entry(_ key: String) -> Entry? {
    position(of: key).map { entries[$0] }
  }

  /// The key must be new.
  func append(_ key: String, line: Int, value: ConfigurationValue) {
    entries.append(Entry(key: key, line: line, value: value))
    if entries.count == Self.indexedFrom {
      for (position, entry) in entries.enumerated() { index[entry.key] = position }
    } else if entries.count > Self.indexedFrom {
      index[key] = entries.count - 1
    }
  }

  /// The table that stands last in an array of tables; nil for any other entry. Asking it lends no array to anybody, who
  /// would make the next element cost a copy.
  func lastTable(of key: String) -> ConfigurationTable? {
    guard let position = position(of: key), case .array(let elements) = entries[position].value.content,
      case .table(let last)? = elements.last?.content
    else { return nil }
    return last
  }

  func line(of key: String) -> Int? { position(of: key).map { entries[$0].line } }

  /// The entry must be an array. Its elements are moved out and back: a copy for each would make thousands of
  /// `[[account]]` tables cost the square of their number.
  func appendElement(_ element: ConfigurationValue, to key: String) {
    guard let position = position(of: key), case .array(var elements) = entries[position].value.content else {
      preconditionFailure("\(key) is not an array")
    }
    let line = entries[position].value.line
    entries[position].value = ConfigurationValue(content: .null, line: line)
    elements.append(element)
    entries[position].value = ConfigurationValue(content: .array(elements), line: line)
  }

  private func position(of key: String) -> Int? {
    guard entries.count < Self.indexedFrom else { return index[key] }
    // By their numbers: an entry is more than its key, and would be copied to be looked at.
    return entries.indices.first { entries[$0].key == key }
  }
}

/// A file that is not TOML, or a line that is not JSON.
struct ReadingFailure: Error {
  let line: Int
  /// Counted from 1, in bytes.
  let column: Int
  let message: String
}
