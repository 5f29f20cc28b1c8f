/// Reads one JSON object (RFC 8259) into the same `ConfigurationTable` as TOML, strictly: a key given twice is an error
/// here, which the usual decoders let pass with whichever value they met last.
///
/// It reads one line of a file of accounts and knows that line's number; it does not read a document over several lines.
///
/// ```abnf
/// value  = false / null / true / object / array / number / string
/// object = "{" [ member *( "," member ) ] "}"
/// member = string ":" value
/// array  = "[" [ value *( "," value ) ] "]"
/// ```
struct JSONReader {
  /// Objects and arrays inside each other: what reads and frees them recurses.
  static let maximumDepth = 32

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let line: Int

  /// The bytes must be UTF-8 and hold no line feed.
  static func readObject(_ bytes: ArraySlice<UInt8>, line: Int) throws(ReadingFailure) -> ConfigurationTable {
    var reader = JSONReader(bytes: bytes, position: bytes.startIndex, line: line)
    reader.skipBlanks()
    guard reader.peek == UInt8(ascii: "{") else {
      let hint = reader.peek == UInt8(ascii: "[") ? ", one a line and no array around them" : ""
      throw reader.failure("expected an object: { … }\(hint)")
    }
    let table = try reader.object(depth: 0)
    reader.skipBlanks()
    if reader.peek != nil { throw reader.failure("expected the end of the line after the object") }
    return table
  }

  private mutating func value(depth: Int) throws(ReadingFailure) -> ConfigurationValue {
    if depth > Self.maximumDepth { throw failure("brackets nest deeper than \(Self.maximumDepth)") }
    skipBlanks()
    let content: ConfigurationValue.Content
    switch peek {
    case UInt8(ascii: "\""): content = .string(try string())
    case UInt8(ascii: "{"): content = .table(try object(depth: depth))
    case UInt8(ascii: "["): content = .array(try array(depth: depth))
    default: content = try bareValue()
    }
    return ConfigurationValue(content: content, line: line)
  }

  private mutating func object(depth: Int) throws(ReadingFailure) -> ConfigurationTable {
    let table = ConfigurationTable(line: line, origin: .inline)
    position += 1
    skipBlanks()
    if take("}") { return table }
    while true {
      skipBlanks()
      guard peek == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let key = try string()
      if table.contains(key) { throw failure("the key \"\(printable(key))\" is given twice") }
      skipBlanks()
      guard take(":") else { throw failure("expected \":\" after the key \"\(printable(key))\"") }
      table.append(key, line: line, value: try value(depth: depth + 1))
      skipBlanks()
      if take(",") { continue }
      guard take("}") else { throw failure("expected \",\" or \"}\"") }
      return table
    }
  }

  private mutating func array(depth: Int) throws(ReadingFailure) -> [ConfigurationValue] {
    position += 1
    skipBlanks()
    if take("]") { return [] }
    var elements: [ConfigurationValue] = []
    while true {
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      if take(",") { continue }
      guard take("]") else { throw failure("expected \",\" or \"]\"") }
      return elements
    }
  }

  /// ```abnf
  /// string = DQUOTE *( %x20-21 / %x23-5B / %x5D-10FFFF / "\" escape ) DQUOTE
  /// ```
  private mutating func string() throws(ReadingFailure) -> String {
    position += 1
    let start = position
    while let byte = peek, byte >= 0x20, byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
      position += 1
    }
    guard take("\"") else { throw failure("a string without its closing quote, or with a control character") }
    return String(decoding: bytes[start..<position - 1], as: UTF8.self)
  }

  private mutating func stringWithEscapes(from start: Int) throws(ReadingFailure) -> String {
    var content = Array(bytes[start..<position])
    while let byte = peek, byte >= 0x20 {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &content)
      default: content.append(byte)
      }
    }
    throw failure("a string without its closing quote, or with a control character")
  }

  private mutating func escape(into content: inout [UInt8]) throws(ReadingFailure) {
    guard let byte = peek else { throw failure("a string ends in a backslash") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xD800..<0xDC00).contains(code) {
        guard take("\\"), take("u") else { throw failure("half of a surrogate pair") }
        let low = UInt32(try hexadecimal())
        guard (0xDC00..<0xE000).contains(low) else { throw failure("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
      content.append(contentsOf: String(Character(scalar)).utf8)
    default: throw failure("no such escape in a string")
    }
  }

  private mutating func hexadecimal() throws(ReadingFailure) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("expected four hexadecimal digits")
      }
      code = code << 4 | UInt16(digit)
      position += 1
    }
    return code
  }

  /// ```abnf
  /// number = [ "-" ] ( "0" / %x31-39 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "-" / "+" ] 1*DIGIT ]
  /// ```
  private mutating func bareValue() throws(ReadingFailure) -> ConfigurationValue.Content {
    let start = position
    while let byte = peek, !" \t\r,:]}\"".utf8.contains(byte) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    switch word {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    default: break
    }
    let digits = word.hasPrefix("-") ? word.dropFirst() : word[...]
    let isNumber =
      digits.utf8.first.map(Self.isDigit) == true && digits.utf8.last.map(Self.isDigit) == true
      && digits.utf8.allSatisfy { Self.isDigit($0) || ".eE+-".utf8.contains($0) }
      && !(digits.hasPrefix("0") && digits.utf8.dropFirst().first.map(Self.isDigit) == true)
    if isNumber {
      if digits.utf8.allSatisfy(Self.isDigit), let integer = Int64(word) { return .integer(integer) }
      if let float = Double(word) { return .float(float) }
    }
    position = start
    throw failure("expected a value; a text needs quotes")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") {
      position += 1
    }
  }

  private func failure(_ message: String) -> ReadingFailure {
    ReadingFailure(line: line, column: position - bytes.startIndex + 1, message: message)
  }
}
