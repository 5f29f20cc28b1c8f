/// auth-scheme LWS auth-param *(COMMA auth-param), auth-param = token EQUAL ( token / quoted-string ) (RFC 3261 §25.1)
///
/// The common shape of challenges and credentials. A parameter may stand once; a doubled one makes the value useless,
/// since two readers could read two different ones.
package struct AuthParameters: Sendable {
  /// More parameters than any scheme has: what is longer is hostile.
  package static let maximumCount = 32

  /// Empty where the header field has none, as in Authentication-Info.
  package let scheme: Bytes
  private let parameters: [(name: Bytes, value: Bytes)]

  package init(parsing value: Bytes, hasScheme: Bool = true) throws(SyntaxError) {
    let value = value.trimmed
    let bytes = value.span
    var index = 0
    if hasScheme {
      index = bytes.token(from: 0)
      guard index > 0, index < bytes.count, bytes[index].isWhiteSpace else {
        throw SyntaxError("auth-scheme", at: index)
      }
    }
    scheme = value.part(0..<index)
    var found: [(name: Bytes, value: Bytes)] = []
    index = bytes.skippingSpace(from: index)
    while index < bytes.count {
      let name = index..<bytes.token(from: index)
      index = bytes.skippingSpace(from: name.upperBound)
      guard !name.isEmpty, bytes.contains(UInt8(ascii: "="), at: index) else {
        throw SyntaxError("auth-param", at: index)
      }
      index = bytes.skippingSpace(from: index + 1)
      let start = index
      if bytes.contains(UInt8(ascii: "\""), at: index) {
        guard let end = bytes.quotedString(from: index) else { throw SyntaxError("auth-param", at: index) }
        index = end
      } else {
        // Deviation: a value that ought to be quoted and is not is taken up to the comma; some registrars send those.
        while index < bytes.count, bytes[index] != UInt8(ascii: ","), !bytes[index].isWhiteSpace { index += 1 }
        guard index > start else { throw SyntaxError("auth-param", at: index) }
      }
      let part = (name: value.part(name), value: value.part(start..<index))
      guard !found.contains(where: { $0.name.equalsIgnoringCase(part.name) }), found.count < Self.maximumCount else {
        throw SyntaxError("auth-param", at: name.lowerBound)
      }
      found.append(part)
      index = bytes.skippingSpace(from: index)
      guard index < bytes.count else { break }
      guard bytes[index] == UInt8(ascii: ",") else { throw SyntaxError("auth-param", at: index) }
      index = bytes.skippingSpace(from: index + 1)
    }
    parameters = found
  }

  /// The value of a parameter, without quotes; nil if there is none.
  package subscript(_ name: StaticString) -> [UInt8]? { raw(name)?.unquoted }

  /// The value as written.
  package func raw(_ name: StaticString) -> Bytes? {
    parameters.first { $0.name.equalsIgnoringCase(name) }?.value
  }
}
