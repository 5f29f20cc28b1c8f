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
  private let parameters: [Parameter]

  /// 0-based in the value it stands in.
  typealias Parameter = (name: Range<Int>, value: Range<Int>)

  package init(parsing value: Bytes, hasScheme: Bool = true) throws(SyntaxError) {
    let value = value.trimmed
    let bytes = value.span
    var index = hasScheme ? try Self.scheme(bytes) : 0
    scheme = value.part(0..<index)
    var found: [Parameter] = []
    found.reserveCapacity(12)
    while let parameter = try Self.next(bytes, from: &index) {
      guard found.count < Self.maximumCount, !Self.isNamed(bytes, parameter.name, as: found) else {
        throw SyntaxError("auth-param", at: parameter.name.lowerBound)
      }
      found.append(parameter)
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

// One by one, for those that need no list.
extension AuthParameters {
  /// - Returns: the index behind auth-scheme.
  static func scheme(_ bytes: Span<UInt8>) throws(SyntaxError) -> Int {
    let end = bytes.token(from: 0)
    guard end > 0, end < bytes.count, bytes[end].isWhiteSpace else { throw SyntaxError("auth-scheme", at: end) }
    return end
  }

  /// - Parameter index: behind the scheme, and then behind the parameter and its comma
  static func next(_ bytes: Span<UInt8>, from index: inout Int) throws(SyntaxError) -> Parameter? {
    // An empty element of a list is none (RFC 9110 §5.6.1).
    while index < bytes.count, bytes[index].isWhiteSpace || bytes[index] == UInt8(ascii: ",") { index += 1 }
    guard index < bytes.count else { return nil }
    let name = index..<bytes.token(from: index)
    index = bytes.skippingSpace(from: name.upperBound)
    guard !name.isEmpty, bytes.contains(UInt8(ascii: "="), at: index) else {
      throw SyntaxError("auth-param", at: index)
    }
    let start = bytes.skippingSpace(from: index + 1)
    index = start
    if bytes.contains(UInt8(ascii: "\""), at: index) {
      guard let end = bytes.quotedString(from: index) else { throw SyntaxError("auth-param", at: index) }
      index = end
    } else {
      // Deviation: a value that ought to be quoted and is not is taken up to the comma; some registrars send those.
      while index < bytes.count, bytes[index] != UInt8(ascii: ","), !bytes[index].isWhiteSpace { index += 1 }
      guard index > start else { throw SyntaxError("auth-param", at: index) }
    }
    let value = start..<index
    index = bytes.skippingSpace(from: index)
    if index < bytes.count {
      guard bytes[index] == UInt8(ascii: ",") else { throw SyntaxError("auth-param", at: index) }
      index += 1
    }
    return (name, value)
  }

  /// Whether one of these has this name.
  static func isNamed(_ bytes: Span<UInt8>, _ name: Range<Int>, as others: [Parameter]) -> Bool {
    for other in others where other.name.count == name.count {
      if bytes.extracting(other.name).equalsIgnoringCase(bytes.extracting(name)) { return true }
    }
    return false
  }
}
