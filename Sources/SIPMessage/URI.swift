/// A URI (RFC 3261 §19.1, §25.1), byte for byte as written; its parts are looked at, not copied.
///
///     SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]
///     userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"
///
/// Equality and hash are by bytes; `isEquivalent(to:)` is the comparison of §19.1.4. A URI of another scheme than
/// sip and sips is kept and not looked into.
package struct URI: Sendable {
  package enum Scheme: Sendable { case sip, sips, tel, other }

  package let text: Bytes
  package let scheme: Scheme
  package let host: Host?
  package let port: UInt16?
  /// 0-based ranges in `text`; empty where there is none.
  private let userRange: Range<Int>?
  private let passwordRange: Range<Int>?
  private let parameterRange: Range<Int>
  private let headerRange: Range<Int>?

  package init(_ text: String) throws(SyntaxError) { try self.init(parsing: Bytes(text)) }

  package init(parsing text: Bytes) throws(SyntaxError) {
    let bytes = text.span
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")).map({ $0 - text.startIndex }), colon > 0, bytes[0].isAlpha
    else {
      throw SyntaxError("URI")
    }
    for index in 0..<bytes.count where !bytes[index].isURICharacter { throw SyntaxError("URI", at: index) }
    let name = text.part(0..<colon)
    guard name.allSatisfy({ $0.isAlphanumeric || "+-.".utf8.contains($0) }) else { throw SyntaxError("URI") }

    self.text = text
    scheme =
      name.equalsIgnoringCase("sip")
      ? .sip : name.equalsIgnoringCase("sips") ? .sips : name.equalsIgnoringCase("tel") ? .tel : .other
    guard scheme == .sip || scheme == .sips else {
      (host, port, userRange, passwordRange, headerRange) = (nil, nil, nil, nil, nil)
      let semicolon = text.firstIndex(of: UInt8(ascii: ";")).map { $0 - text.startIndex } ?? bytes.count
      parameterRange = scheme == .tel ? semicolon..<bytes.count : bytes.count..<bytes.count
      return
    }

    var start = colon + 1
    if let at = text.firstIndex(of: UInt8(ascii: "@")).map({ $0 - text.startIndex }) {
      let userEnd = (start..<at).first { bytes[$0] == UInt8(ascii: ":") } ?? at
      guard userEnd > start, Self.isEscaped(bytes, start..<userEnd, \.isUser) else {
        throw SyntaxError("URI", at: start)
      }
      userRange = start..<userEnd
      passwordRange = userEnd < at ? (userEnd + 1)..<at : nil
      if let passwordRange, !Self.isEscaped(bytes, passwordRange, \.isUser) { throw SyntaxError("URI", at: userEnd) }
      start = at + 1
    } else {
      (userRange, passwordRange) = (nil, nil)
    }

    let hostEnd = Self.hostEnd(bytes, from: start)
    guard let host = Host(text.part(start..<hostEnd)) else { throw SyntaxError("URI", at: start) }
    self.host = host
    var index = hostEnd
    if bytes.contains(UInt8(ascii: ":"), at: index) {
      let digits = (index + 1)..<(((index + 1)..<bytes.count).first { !bytes[$0].isDigit } ?? bytes.count)
      guard let port: UInt16 = text.part(digits).decimal() else { throw SyntaxError("URI", at: index) }
      self.port = port
      index = digits.upperBound
    } else {
      port = nil
    }
    let question = (index..<bytes.count).first { bytes[$0] == UInt8(ascii: "?") }
    parameterRange = index..<(question ?? bytes.count)
    headerRange = question.map { ($0 + 1)..<bytes.count }
    try Self.checkParameters(bytes, parameterRange)
  }

  private static func hostEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let closing: UInt8? = bytes.contains(UInt8(ascii: "["), at: start) ? UInt8(ascii: "]") : nil
    var index = start
    while index < bytes.count {
      if let closing {
        if bytes[index] == closing { return index + 1 }
      } else if bytes[index] == UInt8(ascii: ":") || bytes[index] == UInt8(ascii: ";")
        || bytes[index] == UInt8(ascii: "?")
      {
        return index
      }
      index += 1
    }
    return index
  }

  /// uri-parameters = *( ";" uri-parameter ), pname [ "=" pvalue ] of paramchar: param-unreserved / unreserved / escaped
  private static func checkParameters(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(SyntaxError) {
    guard !range.isEmpty else { return }
    guard bytes[range.lowerBound] == UInt8(ascii: ";") else { throw SyntaxError("URI", at: range.lowerBound) }
    var index = range.lowerBound
    while index < range.upperBound {
      let end = ((index + 1)..<range.upperBound).first { bytes[$0] == UInt8(ascii: ";") } ?? range.upperBound
      guard end > index + 1, bytes[index + 1] != UInt8(ascii: "=") else { throw SyntaxError("URI", at: index) }
      index = end
    }
  }

  /// Whether a part is made of the class and of escaped = "%" HEXDIG HEXDIG.
  private static func isEscaped(_ bytes: Span<UInt8>, _ range: Range<Int>, _ isAllowed: (UInt8) -> Bool) -> Bool {
    var index = range.lowerBound
    while index < range.upperBound {
      if bytes[index] == UInt8(ascii: "%") {
        guard index + 2 < range.upperBound, bytes[index + 1].isHexDigit, bytes[index + 2].isHexDigit else {
          return false
        }
        index += 3
      } else {
        guard isAllowed(bytes[index]) else { return false }
        index += 1
      }
    }
    return true
  }
}

extension URI {
  package var user: Bytes? { userRange.map(text.part) }
  package var password: Bytes? { passwordRange.map(text.part) }
  package var parameters: Parameters { Parameters(text: text.part(parameterRange)) }
  /// What stands behind the question mark. It is never made into header fields (RFC 4475 §3.1.2.11).
  package var headers: Bytes? { headerRange.map(text.part) }

  package var transport: TransportProtocol? { parameters["transport"].flatMap(TransportProtocol.init) }
  /// The lr parameter: whoever put this URI into a Route routes loosely (§19.1.1).
  package var isLooseRouter: Bool { parameters.contains("lr") }
}

extension URI: Hashable {
  package static func == (left: URI, right: URI) -> Bool { left.text == right.text }
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension URI: CustomStringConvertible {
  package var description: String { text.text }
}
