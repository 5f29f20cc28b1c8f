/// A key of the configuration: one enumeration for each kind of table.
protocol ConfigurationKey: RawRepresentable<String>, CaseIterable, Sendable, Equatable {
  /// What other programs and people call it.
  static var foreign: ForeignKeys<Self> { get }
}

/// The errors found so far, and what is no error but better asked. Shared by everything that reads one configuration.
final class ErrorList {
  var errors = ConfigurationErrors()
  var warnings = ConfigurationErrors()

  /// What comes now is only counted: no more need be done for its words.
  var isFull: Bool { errors.errors.count >= ConfigurationErrors.kept }
}

/// Bytes of a text: the longest path of Linux (PATH_MAX), and what is understood of a realm. A header field with much more
/// fits into no request.
let longestText = 4_096

/// One table of the configuration with typed access to its keys. A value of the wrong type, out of its range or with a
/// control character is reported where it stands and reads as absent, so that the reading goes on and finds the next
/// error too.
struct Section<Key: ConfigurationKey> {
  let file: String
  /// As in `ConfigurationError.place`.
  let place: String
  let line: Int
  let list: ErrorList
  /// Those that are there, in the order of the file.
  private(set) var keys: [Key] = []
  /// Of each of them; apart, so that to look for a key touches no value.
  private var values: [ConfigurationValue] = []

  init(_ table: ConfigurationTable, file: String, place: String, list: ErrorList) {
    self.file = file
    self.place = place
    self.line = table.line
    self.list = list
    keys.reserveCapacity(table.entries.count)
    values.reserveCapacity(table.entries.count)
    for entry in table.entries {
      if let key = Key(rawValue: entry.key) {
        keys.append(key)
        values.append(entry.value)
      } else {
        let hint = list.isFull ? nil : Key.hint(for: entry.key)
        report(
          "unknown key \"\(printable(entry.key, limit: 40))\"\(hint.map { "; \($0)" } ?? "")", line: entry.line)
      }
    }
  }

  subscript(key: Key) -> ConfigurationValue? { keys.firstIndex(of: key).map { values[$0] } }

  func report(_ message: String, line: Int? = nil) {
    list.errors.append(ConfigurationError(file: file, line: line ?? self.line, place: place, message: message))
  }

  /// Nothing is wrong, and yet it is hardly what was meant.
  func warn(_ message: String, line: Int? = nil) {
    list.warnings.append(ConfigurationError(file: file, line: line ?? self.line, place: place, message: message))
  }

  /// `expires must be a number of seconds, not a string`.
  func report(_ key: Key, mustBe expected: String, not found: ConfigurationValue) {
    report("\(key.rawValue) must be \(expected), not \(found.kind)", line: found.line)
  }

  func string(_ key: Key, mustBe expected: String = "a string") -> String? {
    guard let value = self[key] else { return nil }
    guard case .string(let text) = value.content else {
      report(key, mustBe: expected, not: value)
      return nil
    }
    return checked(text, key, line: value.line)
  }

  /// One string or an array of strings.
  func strings(_ key: Key) -> [String]? {
    guard let value = self[key] else { return nil }
    switch value.content {
    case .string(let text): return checked(text, key, line: value.line).map { [$0] }
    case .array(let elements):
      return elements.compactMap { element in
        guard case .string(let text) = element.content else {
          report(key, mustBe: "a string or an array of strings", not: element)
          return nil
        }
        return checked(text, key, line: element.line)
      }
    case .integer, .float, .boolean, .date, .null, .table:
      report(key, mustBe: "a string or an array of strings", not: value)
      return nil
    }
  }

  func boolean(_ key: Key) -> Bool? {
    guard let value = self[key] else { return nil }
    guard case .boolean(let flag) = value.content else {
      report(key, mustBe: "true or false", not: value)
      return nil
    }
    return flag
  }

  func integer<Number: FixedWidthInteger>(_ key: Key, in range: ClosedRange<Number>) -> Number? {
    guard let value = self[key] else { return nil }
    guard case .integer(let integer) = value.content else {
      report(key, mustBe: "a whole number", not: value)
      return nil
    }
    guard let number = Number(exactly: integer), range.contains(number) else {
      report(
        "\(key.rawValue) must be between \(range.lowerBound) and \(range.upperBound), not \(integer)", line: value.line)
      return nil
    }
    return number
  }

  /// A number of seconds, or a string such as `"90 s"`, `"30 min"`, `"1 h 30 min"`.
  ///
  /// - Parameter other: what else the caller takes, for the error.
  func duration(_ key: Key, in range: ClosedRange<Duration>, or other: String = "") -> Duration? {
    guard let value = self[key] else { return nil }
    var found: Duration?
    switch value.content {
    case .integer(let seconds): found = .seconds(seconds)
    case .string(let text): found = Duration(configured: text)
    case .float, .boolean, .date, .null, .array, .table: break
    }
    guard let found else {
      report(key, mustBe: "\(other)a number of seconds, or a time such as \"30 min\"", not: value)
      return nil
    }
    guard range.contains(found) else {
      report(
        "\(key.rawValue) must be between \(range.lowerBound.configured) and \(range.upperBound.configured), "
          + "not \(found.configured)", line: value.line)
      return nil
    }
    return found
  }

  /// One of a few words.
  func word<Word: RawRepresentable<String> & CaseIterable>(_ key: Key, as type: Word.Type = Word.self) -> Word? {
    guard let value = self[key], let text = string(key) else { return nil }
    if let word = Word(rawValue: text) { return word }
    let known = Word.allCases.map { "\"\($0.rawValue)\"" }
    report("\(key.rawValue) must be \(alternatives(known)), not \"\(printable(text, limit: 40))\"", line: value.line)
    return nil
  }

  /// No text of a configuration may hold a control character: most of them end up in a header field, where a line break
  /// would start the next one, or on a terminal.
  func checked(_ text: String, _ key: Key, line: Int) -> String? {
    if text.utf8.count > longestText {
      report("\(key.rawValue) must be \(longestText) bytes long at most, not \(text.utf8.count)", line: line)
      return nil
    }
    // Nearly all of them are plain.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    guard let bad = text.unicodeScalars.first(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }) else {
      return text
    }
    let code = String(bad.value, radix: 16, uppercase: true)
    report(
      "\(key.rawValue) contains a control character (U+\(String(repeating: "0", count: 4 - code.count))\(code))",
      line: line)
    return nil
  }
}

extension Duration {
  /// The largest time a key may ask for: anything longer is a slip of the keyboard.
  static let configurationLimit = Duration.seconds(366 * 86_400)

  /// Bytes of a time in words: two of each unit, with room to spare. The sum of so few cannot overflow.
  private static let longestConfigured = 64

  /// ```abnf
  /// time = 1*( 1*DIGIT *SP unit *SP )
  /// unit = "ms" / "s" / "min" / "h" / "d"
  /// ```
  init?(configured text: String) {
    guard text.utf8.count <= Self.longestConfigured else { return nil }
    var rest = text.utf8[...]
    var total = Duration.zero
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(digits.count).drop { $0 == 0x20 }
      let unit = rest.prefix { (0x61...0x7A).contains($0) }
      rest = rest.dropFirst(unit.count).drop { $0 == 0x20 }
      // Nine digits of days are far beyond any limit and far from an overflow.
      guard digits.count <= 9, let number = Int64(Substring(digits)) else { return nil }
      switch String(unit) {
      case "ms": total += .milliseconds(number)
      case "s", "sec": total += .seconds(number)
      case "m", "min": total += .seconds(number * 60)
      case "h": total += .seconds(number * 3_600)
      case "d": total += .seconds(number * 86_400)
      default: return nil
      }
    }
    guard !text.isEmpty else { return nil }
    self = total
  }

  /// As an operator would write it: the largest unit that leaves a whole number.
  var configured: String {
    let (seconds, attoseconds) = components
    if attoseconds != 0 { return "\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000) ms" }
    for (unit, length) in [("d", Int64(86_400)), ("h", 3_600), ("min", 60)] where seconds != 0 && seconds % length == 0
    {
      return "\(seconds / length) \(unit)"
    }
    return "\(seconds) s"
  }
}
