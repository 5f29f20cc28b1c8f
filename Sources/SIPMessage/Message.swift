/// A request or a response as it stood on the wire (RFC 3261 §7): its bytes, and where its parts are.
///
/// Reading finds the start line and the header fields and looks into none of them: values are parsed by whoever needs
/// them. What is wrong with a message that can still be answered is its `defect`; only what is no message throws.
/// An unknown header field is kept byte for byte, and so is a fold.
package struct Message: Sendable {
  package enum StartLine: Sendable {
    /// Request-Line = Method SP Request-URI SP SIP-Version CRLF
    case request(Method, requestURI: Bytes)
    /// Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF
    case response(status: Int, reason: Bytes)
  }

  /// Whether the end of the bytes is the end of the message (§18.3).
  package enum Framing: Sendable { case datagram, stream }

  /// What was read. A message is handed through many hands: each copy is one pointer.
  private final class Contents: Sendable {
    let startLine: StartLine
    let bytes: [UInt8]
    let fields: [HeaderField]
    let bodyRange: Range<Int>
    let damage: MessageDefect?

    init(
      _ startLine: StartLine, _ bytes: [UInt8], _ fields: [HeaderField], bodyRange: Range<Int>, damage: MessageDefect?
    ) {
      self.startLine = startLine
      self.bytes = bytes
      self.fields = fields
      self.bodyRange = bodyRange
      self.damage = damage
    }
  }

  private let contents: Contents

  package var startLine: StartLine { contents.startLine }
  package var bytes: [UInt8] { contents.bytes }
  package var fields: [HeaderField] { contents.fields }
  /// What was found wrong on the way, if anything: the first of all defects.
  var damage: MessageDefect? { contents.damage }

  package init(
    parsing bytes: [UInt8], as framing: Framing = .datagram, limits: Limits = .standard
  ) throws(MessageError) {
    guard bytes.count <= min(limits.messageSize, Limits.standard.messageSize) else { throw .tooLarge }
    var reader = LineReader()
    reader.skipEmptyLines(bytes.span)
    guard let firstLine = reader.next(bytes.span)?.range, !firstLine.isEmpty else { throw .empty }
    var damage: MessageDefect?
    let startLine = try Self.startLine(bytes[firstLine], &damage)

    var fields: [HeaderField] = []
    fields.reserveCapacity(16)
    var headerHasEnded = false
    while let line = reader.nextFolded(bytes.span) {
      if line.range.isEmpty {
        headerHasEnded = true
        break
      }
      guard fields.count < limits.headerFields else { throw .tooManyHeaderFields }
      if let field = Self.field(bytes.span, line.range, isOneLine: line.isOneLine) {
        fields.append(field)
      } else {
        damage = damage ?? .badRequest("Malformed Header Field")
      }
    }
    if !headerHasEnded { damage = damage ?? .badRequest("Header Section Not Ended") }

    var body = reader.position..<bytes.count
    switch Self.contentLength(bytes, fields) {
    case .missing: if framing == .stream { damage = damage ?? .badRequest("Missing Content-Length") }
    case .bytes(let length):
      if length <= body.count {
        // Over UDP what comes behind is noise (§18.3).
        body = body.lowerBound..<(body.lowerBound + length)
      } else {
        damage = damage ?? .badRequest("Content-Length Beyond Message")
      }
    case .malformed: damage = damage ?? .badRequest("Bad Content-Length")
    }
    contents = Contents(startLine, bytes, fields, bodyRange: body, damage: damage)
  }

  package var body: Bytes { bytes[contents.bodyRange] }

  // MARK: Start line

  private static func startLine(_ line: Bytes, _ damage: inout MessageDefect?) throws(MessageError) -> StartLine {
    if line.prefix(4).equalsIgnoringCase("SIP/") { return try statusLine(line) }
    guard let methodEnd = line.firstIndex(of: 0x20), let uriEnd = line.lastIndex(of: 0x20), methodEnd > line.startIndex,
      let method = try? Method(parsing: line[..<methodEnd])
    else { throw .badStartLine }
    let version = line[(uriEnd + 1)...]
    if !version.equalsIgnoringCase("SIP/2.0") {
      damage =
        version.prefix(4).equalsIgnoringCase("SIP/")
        ? MessageDefect(505, "Version Not Supported") : .badRequest("Malformed Request-Line")
    }
    let uri = methodEnd < uriEnd ? line[(methodEnd + 1)..<uriEnd] : []
    // Exactly one SP on each side and none within (§7.1): what is lenient here would be read differently elsewhere.
    if uri.isEmpty || uri.contains(where: \.isWhiteSpace) { damage = damage ?? .badRequest("Malformed Request-Line") }
    return .request(method, requestURI: uri)
  }

  private static func statusLine(_ line: Bytes) throws(MessageError) -> StartLine {
    guard line.prefix(8).equalsIgnoringCase("SIP/2.0 ") else { throw .badStartLine }
    let code = line.dropFirst(8).prefix { $0 != 0x20 }
    guard code.count == 3, let status: Int = code.decimal(), (100...699).contains(status) else { throw .badStatusCode }
    return .response(status: status, reason: line[code.endIndex...].dropFirst())
  }

  // MARK: Header fields

  /// message-header = header-name HCOLON header-value CRLF, HCOLON = *( SP / HTAB ) ":" SWS
  private static func field(_ bytes: Span<UInt8>, _ line: Range<Int>, isOneLine: Bool) -> HeaderField? {
    guard let colon = bytes.first(UInt8(ascii: ":"), in: line) else { return nil }
    var nameEnd = colon
    while nameEnd > line.lowerBound, bytes[nameEnd - 1] == 0x20 || bytes[nameEnd - 1] == 0x09 { nameEnd -= 1 }
    let written = line.lowerBound..<nameEnd
    let name = HeaderName(bytes.extracting(written))
    guard name != nil || !written.isEmpty && bytes.token(from: line.lowerBound) == nameEnd else { return nil }
    return HeaderField(
      name: name, written: written, value: bytes.trimmed((colon + 1)..<line.upperBound), isOneLine: isOneLine)
  }

  private enum ContentLength { case missing, bytes(Int), malformed }

  private static func contentLength(_ bytes: [UInt8], _ fields: [HeaderField]) -> ContentLength {
    var found = ContentLength.missing
    for field in fields where field.name == .contentLength {
      // Two of them are as good as none, also when they agree (RFC 4475 §3.3.9).
      guard case .missing = found, let length: Int = bytes[field.value].decimal() else { return .malformed }
      found = .bytes(length)
    }
    return found
  }
}

/// Reads lines that end with CRLF; a fold continues a line. Every byte is looked at once.
private struct LineReader {
  /// `isOneLine`: no CR and no LF is in it.
  typealias Line = (range: Range<Int>, isOneLine: Bool)

  private(set) var position = 0

  /// Empty lines before the start line are keep-alives (§7.5).
  mutating func skipEmptyLines(_ bytes: Span<UInt8>) {
    while bytes.contains(0x0D, at: position), bytes.contains(0x0A, at: position + 1) { position += 2 }
  }

  /// The next line without its CRLF; what has none is the last.
  mutating func next(_ bytes: Span<UInt8>) -> Line? {
    guard position < bytes.count else { return nil }
    let start = position
    var search = start
    while let index = bytes.firstLineBreak(in: search..<bytes.count) {
      if bytes[index] == 0x0D, bytes.contains(0x0A, at: index + 1) {
        position = index + 2
        return (start..<index, search == start)
      }
      search = index + 1
    }
    position = bytes.count
    return (start..<bytes.count, search == start)
  }

  /// A line and those that continue it by beginning with white space (§7.3.1).
  mutating func nextFolded(_ bytes: Span<UInt8>) -> Line? {
    guard var line = next(bytes) else { return nil }
    while !line.range.isEmpty, bytes.contains(0x20, at: position) || bytes.contains(0x09, at: position),
      let more = next(bytes)
    {
      line = (line.range.lowerBound..<more.range.upperBound, false)
    }
    return line
  }
}
