/// CSeq = 1*DIGIT LWS Method (RFC 3261 §20.16); the number is below 2^31 (§8.1.1.5), and above it refused.
package struct CSeq: Hashable, Sendable {
  package static let maximum: UInt32 = 0x7FFF_FFFF

  package var number: UInt32
  package var method: Method

  package init(number: UInt32, method: Method) {
    self.number = number
    self.method = method
  }

  package init(parsing value: Bytes) throws(SyntaxError) { try self.init(value.span) }

  init(_ bytes: Span<UInt8>) throws(SyntaxError) {
    var end = 0
    while end < bytes.count, bytes[end].isDigit { end += 1 }
    guard let number: UInt32 = bytes.extracting(0..<end).decimal() else { throw SyntaxError("CSeq") }
    guard end < bytes.count, bytes[end].isWhiteSpace else { throw SyntaxError("CSeq", at: end) }
    self.number = number
    method = try Method(parsing: bytes.extracting(bytes.trimmed(end..<bytes.count)))
  }
}
