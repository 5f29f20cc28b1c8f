/// Reads TOML 1.0 (https://toml.io/en/v1.0.0) into a `ConfigurationTable` whose every key and value knows its line, so
/// that an error found long after the reading can still point at it.
///
/// It stops at the first syntax error: what follows a broken line cannot be trusted to mean what it says. It does not
/// interpret dates and times, which no key of ours takes, and it writes nothing.
///
/// ```abnf
/// toml       = expression *( newline expression )
/// expression = ws [ comment ] / ws keyval ws [ comment ] / ws table ws [ comment ]
/// table      = "[" ws key ws "]" / "[[" ws key ws "]]"
/// keyval     = key ws "=" ws val
/// key        = simple-key *( ws "." ws simple-key )
/// simple-key = 1*( ALPHA / DIGIT / "-" / "_" ) / basic-string / literal-string
/// ```
struct TOMLReader {
  /// Tables and arrays inside each other, however they are written: what reads and frees them recurses. No key of ours
  /// lies deeper than five.
  static let maximumDepth = 32

  let bytes: [UInt8]
  var position = 0
  var line = 1
  private var lineStart = 0
  /// How deep `current` lies.
  private var depth = 0
  private let root = ConfigurationTable(line: 1, origin: .header)
  private var current: ConfigurationTable

  static func read(_ bytes: [UInt8]) throws(ReadingFailure) -> ConfigurationTable {
    var reader = TOMLReader(bytes)
    try reader.document()
    return reader.root
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    current = root
    if bytes.starts(with: TextEncoding.byteOrderMark) {
      position = TextEncoding.byteOrderMark.count
      lineStart = position
    }
  }

  // MARK: - Lines

  private mutating func document() throws(ReadingFailure) {
    if TextEncoding.isUTF16(bytes[...]) { throw ReadingFailure(line: 1, column: 1, message: TextEncoding.isUTF16) }
    if let bad = invalidUTF8(bytes[...]) {
      throw ReadingFailure(line: bad.line, column: bad.column, message: TextEncoding.isNotUTF8)
    }
    while true {
      skipBlanks()
      switch peek {
      case nil: return
      case UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "["): try header()
      default: try keyAndValue(into: current, depth: depth)
      }
      try endOfLine()
    }
  }

  private mutating func header() throws(ReadingFailure) {
    let opened = line
    position += 1
    let isElement = take("[")
    let path = try key(above: 0)
    depth = path.count
    guard take("]") else { throw failure("expected \"]\" after the table's name") }
    if isElement, !take("]") { throw failure("expected \"]]\" after the name of an array of tables") }
    var table = root
    for name in path.dropLast() { table = try open(name, in: table, line: opened) }
    let name = path[path.count - 1]
    current = try isElement ? appendElement(name, to: table, line: opened) : define(name, in: table, line: opened)
  }

  /// A step of a header's path: into a table, into the last element of an array of tables, or into a table implied.
  private func open(
    _ name: String, in table: ConfigurationTable, line: Int
  ) throws(ReadingFailure) -> ConfigurationTable {
    guard let entry = table.entry(name) else {
      let made = ConfigurationTable(line: line, origin: .implied)
      table.append(name, line: line, value: ConfigurationValue(content: .table(made), line: line))
      return made
    }
    switch entry.value.content {
    case .table(let found) where found.origin != .inline: return found
    case .array(let elements):
      if case .table(let last)? = elements.last?.content, last.origin == .header { return last }
    default: break
    }
    throw ReadingFailure(line: line, column: 1, message: "\(Self.shown(name)) is already a value (line \(entry.line))")
  }

  private func define(
    _ name: String, in table: ConfigurationTable, line: Int
  ) throws(ReadingFailure) -> ConfigurationTable {
    guard let entry = table.entry(name) else {
      let made = ConfigurationTable(line: line, origin: .header)
      table.append(name, line: line, value: ConfigurationValue(content: .table(made), line: line))
      return made
    }
    if case .table(let found) = entry.value.content, found.origin == .implied {
      found.origin = .header
      return found
    }
    throw ReadingFailure(
      line: line, column: 1,
      message: "[\(printable(name, limit: Self.shownLength))] is already defined (line \(entry.line))")
  }

  private func appendElement(
    _ name: String, to table: ConfigurationTable, line: Int
  ) throws(ReadingFailure) -> ConfigurationTable {
    let made = ConfigurationTable(line: line, origin: .header)
    let element = ConfigurationValue(content: .table(made), line: line)
    guard let firstLine = table.line(of: name) else {
      table.append(name, line: line, value: ConfigurationValue(content: .array([element]), line: line))
      return made
    }
    guard table.lastTable(of: name)?.origin == .header else {
      throw ReadingFailure(
        line: line, column: 1, message: "\(Self.shown(name)) is not an array of tables (line \(firstLine))")
    }
    table.appendElement(element, to: name)
    return made
  }

  /// - Parameter depth: of the table.
  mutating func keyAndValue(into table: ConfigurationTable, depth: Int) throws(ReadingFailure) {
    let keyLine = line
    let path = try key(above: depth)
    guard take("=") else {
      throw failure("expected \"=\" after the key \(Self.shown(path.joined(separator: ".")))")
    }
    skipBlanks()
    var target = table
    for name in path.dropLast() {
      guard let entry = target.entry(name) else {
        let made = ConfigurationTable(line: keyLine, origin: .dottedKey)
        target.append(name, line: keyLine, value: ConfigurationValue(content: .table(made), line: keyLine))
        target = made
        continue
      }
      guard case .table(let found) = entry.value.content, found.origin == .dottedKey else {
        throw ReadingFailure(
          line: keyLine, column: 1, message: "\(Self.shown(name)) is already defined (line \(entry.line))")
      }
      target = found
    }
    let name = path[path.count - 1]
    if let entry = target.entry(name) {
      throw ReadingFailure(
        line: keyLine, column: 1, message: "the key \(Self.shown(name)) is already set (line \(entry.line))")
    }
    target.append(name, line: keyLine, value: try value(depth: depth + path.count))
  }

  /// - Parameter depth: of the table in which it stands.
  private mutating func key(above depth: Int) throws(ReadingFailure) -> [String] {
    var path: [String] = []
    repeat {
      if depth + path.count == Self.maximumDepth { throw failure(Self.tooDeep) }
      skipBlanks()
      switch peek {
      case UInt8(ascii: "\""): path.append(try basicString())
      case UInt8(ascii: "'"): path.append(try literalString())
      default:
        let start = position
        while let byte = peek, Self.isBareKey(byte) { position += 1 }
        if start == position { throw failure("expected a key\(peek == UInt8(ascii: ";") ? Self.commentHint : "")") }
        path.append(text(from: start, to: position))
      }
      skipBlanks()
    } while take(".")
    return path
  }

  private mutating func endOfLine() throws(ReadingFailure) {
    skipBlanks()
    try skipComment()
    if peek != nil, !skipNewline() { throw failure("expected the end of the line") }
  }

  // MARK: - Words

  static let tooDeep = "tables and arrays nest deeper than \(maximumDepth)"
  private static let commentHint = "; a comment begins with \"#\""
  private static let shownLength = 60

  /// A name in quotes, as far as it is good to be shown.
  private static func shown(_ name: String) -> String { "\"\(printable(name, limit: shownLength))\"" }

  // MARK: - Bytes

  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  func peek(_ ahead: Int) -> UInt8? { position + ahead < bytes.count ? bytes[position + ahead] : nil }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func skipBlanks() {
    while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { position += 1 }
  }

  /// LF or CR LF; a CR alone ends no line.
  mutating func skipNewline() -> Bool {
    let length: Int
    switch peek {
    case UInt8(ascii: "\n"): length = 1
    case UInt8(ascii: "\r") where peek(1) == UInt8(ascii: "\n"): length = 2
    default: return false
    }
    position += length
    line += 1
    lineStart = position
    return true
  }

  mutating func skipComment() throws(ReadingFailure) {
    guard peek == UInt8(ascii: "#") else { return }
    while let byte = peek, byte != UInt8(ascii: "\n") {
      if byte == UInt8(ascii: "\r"), peek(1) == UInt8(ascii: "\n") { return }
      if Self.isControl(byte) { throw failure("a control character in a comment") }
      position += 1
    }
  }

  /// What may stand between the elements of an array: blanks, comments, new lines.
  mutating func skipFiller() throws(ReadingFailure) {
    repeat {
      skipBlanks()
      try skipComment()
    } while skipNewline()
  }

  func failure(_ message: String) -> ReadingFailure {
    ReadingFailure(line: line, column: position - lineStart + 1, message: message)
  }

  func text(from start: Int, to end: Int) -> String {
    String(decoding: bytes[start..<end], as: UTF8.self)
  }

  static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && byte != UInt8(ascii: "\t")) || byte == 0x7F
  }

  private static func isBareKey(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
