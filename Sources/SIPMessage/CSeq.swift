/// CSeq = 1*DIGIT LWS Method (RFC 3261 §20.16); the number is below 2^31 (§8.1.1.5), and above it refused.
package struct CSeq: Hashable, Sendable {
  package static let maximum: UInt32 = 0x7FFF_FFFF

  package var number: UInt32
  package var method: Method

  package init(number: UInt32, method: Method) {
    self.number = number
    self.method = method
  }

  package init(parsing value: Bytes) throws(SyntaxError) {
    let digits = value.prefix(while: \.isDigit)
    guard let number: UInt32 = digits.decimal() else { throw SyntaxError("CSeq") }
    let rest = value.dropFirst(digits.count)
    guard rest.first?.isWhiteSpace == true else { throw SyntaxError("CSeq", at: digits.count) }
    self.number = number
    method = try Method(parsing: rest.trimmed)
  }
}
