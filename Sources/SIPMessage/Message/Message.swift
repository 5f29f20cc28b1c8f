/// A request or a response as it stood on the wire (RFC 3261 §7): its bytes, and where its parts are.
///
/// Reading finds the start line and the header fields and looks into none of them: values are parsed by whoever needs
/// them. What is wrong with a message that can still be read are its `flaws`; only what is no message throws.
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

  /// The start line, its parts as ranges of the bytes.
  private enum Beginning: Sendable {
    case request(Method, requestURI: Range<Int>)
    case response(status: Int, reason: Range<Int>)
  }

  /// What was read. A message is handed through many hands: each copy is one pointer.
  private final class Contents: Sendable {
    let beginning: Beginning
    let bytes: [UInt8]
    let header: Header
    let bodyRange: Range<Int>
    let damage: Flaws

    init(
      _ beginning: Beginning, _ bytes: [UInt8], _ header: Header, bodyRange: Range<Int>, damage: Flaws
    ) {
      self.beginning = beginning
      self.bytes = bytes
      self.header = header
      self.bodyRange = bodyRange
      self.damage = damage
    }
  }

  private let contents: Contents

  package var bytes: [UInt8] { contents.bytes }
  package var fields: [HeaderField] { contents.header.fields }
  /// The header section.
  var header: Header { contents.header }
  /// What was found wrong on the way.
  var damage: Flaws { contents.damage }

  package init(
    parsing bytes: [UInt8], as framing: Framing = .datagram, limits: Limits = .standard
  ) throws(MessageError) {
    guard bytes.count <= min(limits.messageSize, Limits.standard.messageSize) else { throw .tooLarge }
    let text = bytes.span
    var reader = LineReader()
    reader.skipEmptyLines(text)
    guard let firstLine = reader.firstLine(text), !firstLine.isEmpty else { throw .empty }
    var damage = Flaws()
    if reader.endsWithLineFeed { damage.insert(.bareLineFeed) }
    let beginning = try Self.beginning(text, firstLine, &damage)

    let mostFields = min(limits.headerFields, Limits.standard.headerFields)
    var header = Header()
    var headerHasEnded = false
    while let line = reader.nextFolded(text) {
      if line.range.isEmpty {
        headerHasEnded = true
        break
      }
      if header.fields.count >= mostFields {
        damage.insert(.tooManyFields)
      } else if let field = Self.field(text, line.range, isOneLine: line.isOneLine) {
        header.append(field)
      } else {
        damage.insert(.headerField)
      }
    }
    if !headerHasEnded { damage.insert(.unendedHeader) }

    var body = reader.position..<text.count
    switch header.contentLength(text) {
    case .missing: if framing == .stream { damage.insert(.missingContentLength) }
    case .bytes(let length):
      if length <= body.count {
        // Over UDP what comes behind is noise (§18.3).
        body = body.lowerBound..<(body.lowerBound + length)
      } else {
        damage.insert(.truncatedBody)
      }
    case .malformed: damage.insert(.contentLength)
    }
    contents = Contents(beginning, bytes, header, bodyRange: body, damage: damage)
  }

  package var body: Bytes { bytes[contents.bodyRange] }

  // MARK: Start line

  package var startLine: StartLine {
    switch contents.beginning {
    case .request(let method, let uri): .request(method, requestURI: bytes[uri])
    case .response(let status, let reason): .response(status: status, reason: bytes[reason])
    }
  }

  package var isRequest: Bool { status == nil }

  package var method: Method? {
    switch contents.beginning {
    case .request(let method, _): method
    case .response: nil
    }
  }

  package var status: Int? {
    switch contents.beginning {
    case .request: nil
    case .response(let status, _): status
    }
  }

  private static func beginning(
    _ bytes: Span<UInt8>, _ line: Range<Int>, _ damage: inout Flaws
  ) throws(MessageError) -> Beginning {
    let text = bytes.extracting(line)
    if text.count >= 4, text.extracting(0..<4).equalsIgnoringCase("SIP/") {
      return try statusLine(text, startingAt: line.lowerBound)
    }
    guard let methodEnd = text.first(0x20, in: 0..<text.count), methodEnd > 0,
      let method = try? Method(parsing: text.extracting(0..<methodEnd))
    else { throw .badStartLine }
    var uriEnd = text.count - 1
    while text[uriEnd] != 0x20 { uriEnd -= 1 }
    let version = text.extracting((uriEnd + 1)..<text.count)
    if !version.equalsIgnoringCase("SIP/2.0") {
      let isAnother = version.count >= 4 && version.extracting(0..<4).equalsIgnoringCase("SIP/")
      damage.insert(isAnother ? .version : .requestLine)
    }
    let uri = methodEnd < uriEnd ? (methodEnd + 1)..<uriEnd : uriEnd..<uriEnd
    // Exactly one SP on each side and none within (§7.1): what is lenient here would be read differently elsewhere.
    if uri.isEmpty || !text.extracting(uri).allSatisfy({ !$0.isWhiteSpace }) {
      damage.insert(.requestLine)
    }
    return .request(
      method, requestURI: (line.lowerBound + uri.lowerBound)..<(line.lowerBound + uri.upperBound))
  }

  /// - Parameter start: where the line begins in the message.
  private static func statusLine(_ line: Span<UInt8>, startingAt start: Int) throws(MessageError) -> Beginning {
    guard line.count >= 8, line.extracting(0..<8).equalsIgnoringCase("SIP/2.0 ") else { throw .badStartLine }
    let end = line.first(0x20, in: 8..<line.count) ?? line.count
    guard end == 11, let status: Int = line.extracting(8..<11).decimal(), (100...699).contains(status) else {
      throw .badStatusCode
    }
    return .response(status: status, reason: (start + min(end + 1, line.count))..<(start + line.count))
  }

  // MARK: Header fields

  /// message-header = header-name HCOLON header-value CRLF, HCOLON = *( SP / HTAB ) ":" SWS
  @inline(__always)
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
}

/// Reads lines that end with CRLF; a fold continues a line. Every byte is looked at once.
private struct LineReader {
  /// `isOneLine`: no CR and no LF is in it.
  typealias Line = (range: Range<Int>, isOneLine: Bool)

  private(set) var position = 0
  /// LF alone ends a line, as RFC 2543 allowed: so it does for whoever ends the first one like that.
  private(set) var endsWithLineFeed = false

  /// Empty lines before the start line are keep-alives (§7.5).
  mutating func skipEmptyLines(_ bytes: Span<UInt8>) {
    while bytes.contains(0x0D, at: position), bytes.contains(0x0A, at: position + 1) { position += 2 }
  }

  mutating func firstLine(_ bytes: Span<UInt8>) -> Range<Int>? {
    let start = position
    guard let line = next(bytes) else { return nil }
    guard !line.isOneLine, let end = bytes.firstLineBreak(in: line.range), bytes[end] == 0x0A else { return line.range }
    (position, endsWithLineFeed) = (start, true)
    return next(bytes)?.range
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
      if endsWithLineFeed, bytes[index] == 0x0A {
        position = index + 1
        return (start..<index, search == start)
      }
      search = index + 1
    }
    position = bytes.count
    return (start..<bytes.count, search == start)
  }

  /// A line and those that continue it by beginning with white space (§7.3.1).
  mutating func nextFolded(_ bytes: Span<UInt8>) -> Line? {
    // Nearly every line is one line.
    let start = position
    if let end = bytes.firstLineBreak(in: start..<bytes.count), bytes.contains(0x0A, at: end + 1), bytes[end] == 0x0D,
      end == start || end + 2 == bytes.count || bytes[end + 2] != 0x20 && bytes[end + 2] != 0x09
    {
      position = end + 2
      return (start..<end, true)
    }
    guard var line = next(bytes) else { return nil }
    while !line.range.isEmpty, bytes.contains(0x20, at: position) || bytes.contains(0x09, at: position),
      let more = next(bytes)
    {
      line = (line.range.lowerBound..<more.range.upperBound, false)
    }
    return line
  }
}
