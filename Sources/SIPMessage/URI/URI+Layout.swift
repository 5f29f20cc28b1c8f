extension URI {
  /// Where the parts of a URI are: 0-based offsets in its text. Reading it this way takes no memory.
  package struct Layout: Sendable {
    /// Above it a URI is refused: as long as the longest message.
    static let maximumLength = Limits.standard.messageSize

    package let scheme: Scheme
    private(set) var hasUser = false
    private(set) var hasPassword = false
    private(set) var hasHost = false
    package private(set) var port: UInt16?
    private let schemeEnd: UInt16
    private var userEnd: UInt16 = 0
    private var passwordEnd: UInt16 = 0
    private var hostStart: UInt16 = 0
    private var hostEnd: UInt16 = 0
    private(set) var parametersStart: UInt16 = 0
    /// Of a question mark, or the end.
    private(set) var parametersEnd: UInt16 = 0

    package init(_ bytes: Span<UInt8>) throws(SyntaxError) {
      guard bytes.count <= Self.maximumLength, let colon = bytes.first(UInt8(ascii: ":"), in: 0..<bytes.count),
        colon > 0, bytes[0].isAlpha
      else { throw SyntaxError("URI") }
      for index in 0..<bytes.count where !bytes[index].isURICharacter { throw SyntaxError("URI", at: index) }
      guard let scheme = Scheme(bytes.extracting(0..<colon)) else { throw SyntaxError("URI") }
      self.scheme = scheme
      schemeEnd = UInt16(colon)
      parametersEnd = UInt16(bytes.count)
      parametersStart = parametersEnd
      guard scheme == .sip || scheme == .sips else {
        let semicolon = bytes.first(UInt8(ascii: ";"), in: 0..<bytes.count)
        if scheme == .tel, let semicolon { parametersStart = UInt16(semicolon) }
        return
      }
      try readHostPart(bytes, from: try readUserPart(bytes, from: colon + 1))
    }

    /// userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"
    ///
    /// - Returns: where the host begins.
    private mutating func readUserPart(_ bytes: Span<UInt8>, from start: Int) throws(SyntaxError) -> Int {
      guard let at = bytes.first(UInt8(ascii: "@"), in: start..<bytes.count) else { return start }
      let end = bytes.first(UInt8(ascii: ":"), in: start..<at) ?? at
      guard end > start, bytes.isUserText(start..<end) else { throw SyntaxError("URI", at: start) }
      hasUser = true
      userEnd = UInt16(end)
      passwordEnd = UInt16(at)
      guard end < at else { return at + 1 }
      hasPassword = true
      guard bytes.isUserText((end + 1)..<at) else { throw SyntaxError("URI", at: end) }
      return at + 1
    }

    /// hostport = host [ ":" port ], and what follows.
    private mutating func readHostPart(_ bytes: Span<UInt8>, from start: Int) throws(SyntaxError) {
      let end = Self.hostEnd(bytes, from: start)
      guard Host.isHost(bytes.extracting(start..<end)) else { throw SyntaxError("URI", at: start) }
      hasHost = true
      hostStart = UInt16(start)
      hostEnd = UInt16(end)
      var index = end
      if bytes.contains(UInt8(ascii: ":"), at: index) {
        var digitsEnd = index + 1
        while digitsEnd < bytes.count, bytes[digitsEnd].isDigit { digitsEnd += 1 }
        guard let number: UInt16 = bytes.extracting((index + 1)..<digitsEnd).decimal() else {
          throw SyntaxError("URI", at: index)
        }
        port = number
        index = digitsEnd
      }
      let question = bytes.first(UInt8(ascii: "?"), in: index..<bytes.count) ?? bytes.count
      parametersStart = UInt16(index)
      parametersEnd = UInt16(question)
      try Self.checkParameters(bytes, index..<question)
    }

    private static func hostEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
      if bytes.contains(UInt8(ascii: "["), at: start) {
        return bytes.first(UInt8(ascii: "]"), in: start..<bytes.count).map { $0 + 1 } ?? bytes.count
      }
      var index = start
      while index < bytes.count {
        switch bytes[index] {
        case UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "?"): return index
        default: index += 1
        }
      }
      return index
    }

    /// uri-parameters = *( ";" uri-parameter ), pname [ "=" pvalue ] of paramchar: param-unreserved / unreserved / escaped
    private static func checkParameters(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(SyntaxError) {
      guard !range.isEmpty else { return }
      guard bytes[range.lowerBound] == UInt8(ascii: ";") else { throw SyntaxError("URI", at: range.lowerBound) }
      var index = range.lowerBound
      while index < range.upperBound {
        let end = bytes.first(UInt8(ascii: ";"), in: (index + 1)..<range.upperBound) ?? range.upperBound
        guard end > index + 1, bytes[index + 1] != UInt8(ascii: "=") else { throw SyntaxError("URI", at: index) }
        index = end
      }
    }
  }
}

extension URI.Layout {
  package var user: Range<Int>? { hasUser ? Int(schemeEnd) + 1..<Int(userEnd) : nil }
  var password: Range<Int>? { hasPassword ? Int(userEnd) + 1..<Int(passwordEnd) : nil }
  package var host: Range<Int>? { hasHost ? Int(hostStart)..<Int(hostEnd) : nil }
  var parameters: Range<Int> { Int(parametersStart)..<Int(parametersEnd) }
}

extension URI.Scheme {
  /// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
  fileprivate init?(_ name: Span<UInt8>) {
    if name.equalsIgnoringCase("sip") {
      self = .sip
    } else if name.equalsIgnoringCase("sips") {
      self = .sips
    } else if name.equalsIgnoringCase("tel") {
      self = .tel
    } else {
      guard name.allSatisfy({ $0.isAlphanumeric || "+-.".utf8.contains($0) }) else { return nil }
      self = .other
    }
  }
}

extension Span<UInt8> {
  /// *( unreserved / escaped / user-unreserved ), escaped = "%" HEXDIG HEXDIG
  fileprivate func isUserText(_ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while index < range.upperBound {
      if self[index] == UInt8(ascii: "%") {
        guard index + 2 < range.upperBound, self[index + 1].isHexDigit, self[index + 2].isHexDigit else {
          return false
        }
        index += 3
      } else {
        guard self[index].isUser else { return false }
        index += 1
      }
    }
    return true
  }
}
