import SIPMessage

/// Digest credentials as a server looks at them once (RFC 7616 §3.4): what `DigestCredentials` copies has its place here.
struct Credentials {
  /// What the ranges are of, 0-based.
  private(set) var text: Bytes
  private(set) var username = 0..<0
  private(set) var realm = 0..<0
  private(set) var nonce = 0..<0
  private(set) var uri = 0..<0
  private(set) var response = 0..<0
  /// nil: none.
  private(set) var clientNonce: Range<Int>?
  /// MD5 where none is named that is known.
  private(set) var algorithm = DigestAlgorithm(hash: .md5)
  private(set) var quality: QualityOfProtection?
  private(set) var nonceCount: UInt32?

  init(parsing value: Bytes) throws(SyntaxError) {
    let parameters = try AuthParameters(parsing: value)
    guard parameters.scheme.equalsIgnoringCase("Digest") else { throw SyntaxError("auth-scheme") }
    text = parameters.text
    guard let username = unquoted(parameters.range("username")), let realm = unquoted(parameters.range("realm")),
      let nonce = unquoted(parameters.range("nonce")), let uri = unquoted(parameters.range("uri")),
      let response = unquoted(parameters.range("response"))
    else { throw SyntaxError("credentials") }
    (self.username, self.realm, self.nonce, self.uri, self.response) = (username, realm, nonce, uri, response)
    clientNonce = unquoted(parameters.range("cnonce"))
    if let range = unquoted(parameters.range("algorithm")), let known = DigestAlgorithm(text.part(range)) {
      algorithm = known
    }
    quality = unquoted(parameters.range("qop")).flatMap { QualityOfProtection(text.part($0)) }
    nonceCount = unquoted(parameters.range("nc")).flatMap { Self.nonceCount(text.span.extracting($0)) }
  }

  /// Without quotes. Where a quoted-pair has to be undone, the text gets what comes of it.
  private mutating func unquoted(_ range: Range<Int>?) -> Range<Int>? {
    guard let range, range.count >= 2, text.span[range.lowerBound] == UInt8(ascii: "\""),
      text.span[range.upperBound - 1] == UInt8(ascii: "\"")
    else { return range }
    guard text.span.first(UInt8(ascii: "\\"), in: range) != nil else {
      return range.lowerBound + 1..<range.upperBound - 1
    }
    let start = text.count
    text += text.part(range).unquoted
    return start..<text.count
  }

  /// nc-value = 8LHEX; in upper case it is the same number.
  private static func nonceCount(_ digits: Span<UInt8>) -> UInt32? {
    guard digits.count == 8 else { return nil }
    var count: UInt32 = 0
    for index in 0..<8 {
      let digit = digits[index]
      guard digit.isHexDigit else { return nil }
      count = count << 4 | UInt32(digit.isDigit ? digit - 0x30 : (digit | 0x20) - 0x57)
    }
    return count
  }
}
