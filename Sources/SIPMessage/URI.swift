/// A URI (RFC 3261 §19.1, §25.1), byte for byte as written; its parts are looked at, not copied.
///
///     SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]
///     userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"
///
/// Equality and hash are by bytes; `isEquivalent(to:)` is the comparison of §19.1.4. A URI of another scheme than
/// sip and sips is kept and not looked into.
package struct URI: Sendable {
  package enum Scheme: Sendable { case sip, sips, tel, other }

  /// What was found, shared by all copies: accounts hold URIs by the thousand, and a copy is one pointer.
  private final class Parts: Sendable {
    let text: Bytes
    let scheme: Scheme
    let host: Host?
    let port: UInt16?
    /// 0-based ranges in `text`; nil where there is none.
    let user: Range<Int>?
    let password: Range<Int>?
    let parameters: Range<Int>
    let headers: Range<Int>?

    init(
      text: Bytes, scheme: Scheme, host: Host? = nil, port: UInt16? = nil, user: Range<Int>? = nil,
      password: Range<Int>? = nil, parameters: Range<Int>, headers: Range<Int>? = nil
    ) {
      self.text = text
      self.scheme = scheme
      self.host = host
      self.port = port
      self.user = user
      self.password = password
      self.parameters = parameters
      self.headers = headers
    }
  }

  private let parts: Parts

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

    let scheme: Scheme =
      name.equalsIgnoringCase("sip")
      ? .sip : name.equalsIgnoringCase("sips") ? .sips : name.equalsIgnoringCase("tel") ? .tel : .other
    guard scheme == .sip || scheme == .sips else {
      let semicolon = text.firstIndex(of: UInt8(ascii: ";")).map { $0 - text.startIndex } ?? bytes.count
      let parameters = scheme == .tel ? semicolon..<bytes.count : bytes.count..<bytes.count
      parts = Parts(text: text, scheme: scheme, parameters: parameters)
      return
    }

    var start = colon + 1
    var user: Range<Int>?
    var password: Range<Int>?
    if let at = text.firstIndex(of: UInt8(ascii: "@")).map({ $0 - text.startIndex }) {
      let userEnd = (start..<at).first { bytes[$0] == UInt8(ascii: ":") } ?? at
      guard userEnd > start, Self.isEscaped(bytes, start..<userEnd, \.isUser) else {
        throw SyntaxError("URI", at: start)
      }
      user = start..<userEnd
      password = userEnd < at ? (userEnd + 1)..<at : nil
      if let password, !Self.isEscaped(bytes, password, \.isUser) { throw SyntaxError("URI", at: userEnd) }
      start = at + 1
    }

    let hostEnd = Self.hostEnd(bytes, from: start)
    guard let host = Host(text.part(start..<hostEnd)) else { throw SyntaxError("URI", at: start) }
    var port: UInt16?
    var index = hostEnd
    if bytes.contains(UInt8(ascii: ":"), at: index) {
      let digits = (index + 1)..<(((index + 1)..<bytes.count).first { !bytes[$0].isDigit } ?? bytes.count)
      guard let number: UInt16 = text.part(digits).decimal() else { throw SyntaxError("URI", at: index) }
      port = number
      index = digits.upperBound
    }
    let question = (index..<bytes.count).first { bytes[$0] == UInt8(ascii: "?") }
    let parameters = index..<(question ?? bytes.count)
    try Self.checkParameters(bytes, parameters)
    parts = Parts(
      text: text, scheme: scheme, host: host, port: port, user: user, password: password, parameters: parameters,
      headers: question.map { ($0 + 1)..<bytes.count })
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
  package var text: Bytes { parts.text }
  package var scheme: Scheme { parts.scheme }
  package var host: Host? { parts.host }
  package var port: UInt16? { parts.port }
  package var user: Bytes? { parts.user.map(text.part) }
  package var password: Bytes? { parts.password.map(text.part) }
  package var parameters: Parameters { Parameters(text: text.part(parts.parameters)) }
  /// What stands behind the question mark. It is never made into header fields (RFC 4475 §3.1.2.11).
  package var headers: Bytes? { parts.headers.map(text.part) }

  package var transport: TransportProtocol? { parameters["transport"].flatMap(TransportProtocol.init) }
  /// The lr parameter: whoever put this URI into a Route routes loosely (§19.1.1).
  package var isLooseRouter: Bool { parameters.contains("lr") }
}

extension URI: Hashable {
  package static func == (left: URI, right: URI) -> Bool { left.parts === right.parts || left.text == right.text }
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension URI: CustomStringConvertible {
  package var description: String { text.text }
}
