/// The right-hand side of a key.
///
/// ```abnf
/// val          = string / boolean / array / inline-table / date-time / float / integer
/// array        = "[" [ val *( "," val ) [ "," ] ] "]"            ; new lines and comments between
/// inline-table = "{" [ keyval *( "," keyval ) ] "}"              ; on one line
/// ```
extension TOMLReader {
  mutating func value(depth: Int) throws(ReadingFailure) -> ConfigurationValue {
    let start = line
    if depth > Self.maximumDepth { throw failure(Self.tooDeep) }
    let content: ConfigurationValue.Content
    switch peek {
    case UInt8(ascii: "\""):
      content = .string(try peek(1) == 0x22 && peek(2) == 0x22 ? multilineString(quote: 0x22) : basicString())
    case UInt8(ascii: "'"):
      content = .string(try peek(1) == 0x27 && peek(2) == 0x27 ? multilineString(quote: 0x27) : literalString())
    case UInt8(ascii: "["): content = .array(try array(depth: depth))
    case UInt8(ascii: "{"): content = .table(try inlineTable(depth: depth))
    default: content = try bareValue()
    }
    return ConfigurationValue(content: content, line: start)
  }

  private mutating func array(depth: Int) throws(ReadingFailure) -> [ConfigurationValue] {
    let opened = line
    position += 1
    var elements: [ConfigurationValue] = []
    while true {
      try skipFiller()
      if take("]") { return elements }
      if peek == nil { throw failure("the array that begins on line \(opened) is not closed") }
      elements.append(try value(depth: depth + 1))
      try skipFiller()
      if take(",") { continue }
      guard take("]") else { throw failure("expected \",\" or \"]\" in the array that begins on line \(opened)") }
      return elements
    }
  }

  private mutating func inlineTable(depth: Int) throws(ReadingFailure) -> ConfigurationTable {
    let table = ConfigurationTable(line: line, origin: .inline)
    position += 1
    skipBlanks()
    if take("}") { return table }
    while true {
      try keyAndValue(into: table, depth: depth)
      skipBlanks()
      if take(",") { continue }
      guard take("}") else { throw failure("expected \",\" or \"}\" in an inline table, which ends on its line") }
      return table
    }
  }

  // MARK: - Strings

  /// ```abnf
  /// basic-string = DQUOTE *( %x20-21 / %x23-5B / %x5D-7E / HTAB / non-ascii / escaped ) DQUOTE
  /// ```
  mutating func basicString() throws(ReadingFailure) -> String {
    position += 1
    var content: [UInt8] = []
    while let byte = peek, !Self.isControl(byte) {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &content)
      default: content.append(byte)
      }
    }
    throw failure("a string ends on its line with \"")
  }

  /// ```abnf
  /// literal-string = "'" *( %x09 / %x20-26 / %x28-7E / non-ascii ) "'"
  /// ```
  mutating func literalString() throws(ReadingFailure) -> String {
    position += 1
    let start = position
    while let byte = peek, !Self.isControl(byte) {
      position += 1
      if byte == UInt8(ascii: "'") { return text(from: start, to: position - 1) }
    }
    throw failure("a string ends on its line with '")
  }

  /// Three quotes to three quotes; the first new line is not part of it, and up to two quotes may stand before the end.
  private mutating func multilineString(quote: UInt8) throws(ReadingFailure) -> String {
    let opened = line
    position += 3
    _ = skipNewline()
    var content: [UInt8] = []
    while let byte = peek {
      let start = position
      if skipNewline() {
        content.append(UInt8(ascii: "\n"))
        continue
      }
      if Self.isControl(byte) { throw failure("a control character in a string") }
      if byte == quote {
        while peek == quote, position - start < 5 { position += 1 }
        let run = position - start
        content.append(contentsOf: repeatElement(quote, count: run < 3 ? run : run - 3))
        if run >= 3 { return String(decoding: content, as: UTF8.self) }
        continue
      }
      position += 1
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        if !skipLineEnd() { try escape(into: &content) }
      } else {
        content.append(byte)
      }
    }
    throw failure("the string that begins on line \(opened) is not closed")
  }

  /// A backslash at the end of a line swallows the white space up to the next character.
  private mutating func skipLineEnd() -> Bool {
    let before = self
    skipBlanks()
    guard skipNewline() else {
      self = before
      return false
    }
    repeat { skipBlanks() } while skipNewline()
    return true
  }

  /// ```abnf
  /// escaped = "\" ( DQUOTE / "\" / "b" / "f" / "n" / "r" / "t" / "u" 4HEXDIG / "U" 8HEXDIG )
  /// ```
  private mutating func escape(into content: inout [UInt8]) throws(ReadingFailure) {
    guard let byte = peek else { throw failure("a string ends in a backslash") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "u"): try unicodeEscape(digits: 4, into: &content)
    case UInt8(ascii: "U"): try unicodeEscape(digits: 8, into: &content)
    default: throw failure("no such escape in a string; write a backslash as \\\\ or quote with '…'")
    }
  }

  private mutating func unicodeEscape(digits: Int, into content: inout [UInt8]) throws(ReadingFailure) {
    let end = position + digits
    guard end <= bytes.count, bytes[position..<end].allSatisfy(Self.isHexDigit),
      let code = UInt32(text(from: position, to: end), radix: 16), let scalar = Unicode.Scalar(code)
    else { throw failure("expected \(digits) hexadecimal digits of a Unicode character") }
    position = end
    content.append(contentsOf: String(Character(scalar)).utf8)
  }

  // MARK: - Values without quotes

  /// Anything without quotes or brackets runs to a blank, a comma, a closing bracket, a comment or the end of the line.
  private mutating func bareValue() throws(ReadingFailure) -> ConfigurationValue.Content {
    let start = position
    while let byte = peek, !Self.isControl(byte), !" \t,]}#".utf8.contains(byte) { position += 1 }
    let word = text(from: start, to: position)
    switch word {
    case "": throw failure("expected a value")
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default: break
    }
    if let integer = Self.integer(word) { return .integer(integer) }
    if let float = Self.float(word) { return .float(float) }
    if Self.looksLikeDate(word) { return try date(from: start) }
    position = start
    throw failure("expected a value; \(Self.remedy(for: word))")
  }

  private static func remedy(for word: String) -> String {
    if let quote = word.unicodeScalars.first, "“”„‘’‚«»".unicodeScalars.contains(quote) {
      return "quotes must be straight: \" or '"
    }
    if isWhole(word) { return "a whole number has 64 bits, and a text needs quotes" }
    switch word.lowercased() {
    case "true", "yes", "on": return "write true"
    case "false", "no": return "write false"
    case "off": return "write false, or \"off\" in quotes"
    default: return "a text needs quotes"
    }
  }
}
