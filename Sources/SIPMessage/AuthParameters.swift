/// auth-scheme LWS auth-param *(COMMA auth-param), auth-param = token EQUAL ( token / quoted-string ) (RFC 3261 §25.1)
///
/// The common shape of challenges and credentials. A parameter may stand once; a doubled one makes the value useless,
/// since two readers could read two different ones.
package struct AuthParameters: Sendable {
  /// More parameters than any scheme has: what is longer is hostile.
  package static let maximumCount = 32

  /// Empty where the header field has none, as in Authentication-Info.
  package let scheme: Bytes
  package let text: Bytes
  /// 0-based in `text`.
  private let parameters: [(name: Range<Int>, value: Range<Int>)]

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
    var found: [(name: Range<Int>, value: Range<Int>)] = []
    found.reserveCapacity(12)
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
      for other in found where other.name.count == name.count {
        guard !bytes.extracting(other.name).equalsIgnoringCase(bytes.extracting(name)) else {
          throw SyntaxError("auth-param", at: name.lowerBound)
        }
      }
      guard found.count < Self.maximumCount else { throw SyntaxError("auth-param", at: name.lowerBound) }
      found.append((name, start..<index))
      index = bytes.skippingSpace(from: index)
      guard index < bytes.count else { break }
      guard bytes[index] == UInt8(ascii: ",") else { throw SyntaxError("auth-param", at: index) }
      index = bytes.skippingSpace(from: index + 1)
    }
    text = value
    parameters = found
  }

  /// The value of a parameter, without quotes; nil if there is none.
  package subscript(_ name: StaticString) -> [UInt8]? { raw(name)?.unquoted }

  /// The value as written.
  package func raw(_ name: StaticString) -> Bytes? { range(name).map(text.part) }

  /// Where that is in `text`, 0-based.
  package func range(_ name: StaticString) -> Range<Int>? {
    let bytes = text.span
    for parameter in parameters where parameter.name.count == name.utf8CodeUnitCount {
      if bytes.extracting(parameter.name).equalsIgnoringCase(name) { return parameter.value }
    }
    return nil
  }
}
