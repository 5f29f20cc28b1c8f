/// *( SEMI generic-param ), generic-param = token [ EQUAL gen-value ] (RFC 3261 §25.1): byte for byte as written, in
/// order, looked up by scanning. Names compare in either case.
package struct Parameters: Hashable, Sendable {
  package static let none = Parameters(text: [])

  /// From the first semicolon, or empty.
  package let text: Bytes

  /// - Parameter text: what `scan` or a URI found well-formed.
  init(text: Bytes) { self.text = text }

  /// Reads the parameters of a header field value, from `start` to the end.
  ///
  /// gen-value = token / host / quoted-string; a value may hold colons and brackets, as `received=[2001:db8::9]` does,
  /// though the ABNF has no brackets there (RFC 5118 §4.5).
  package init(parsing value: Bytes, element: String) throws(SyntaxError) {
    let bytes = value.span
    var index = bytes.skippingSpace(from: 0)
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: ";") else { throw SyntaxError(element, at: index) }
      let name = bytes.skippingSpace(from: index + 1)
      index = bytes.token(from: name)
      guard index > name else { throw SyntaxError(element, at: index) }
      index = bytes.skippingSpace(from: index)
      guard bytes.contains(UInt8(ascii: "="), at: index) else { continue }
      index = bytes.skippingSpace(from: index + 1)
      let start = index
      if bytes.contains(UInt8(ascii: "\""), at: index) {
        guard let end = bytes.quotedString(from: index) else { throw SyntaxError(element, at: index) }
        index = end
      } else {
        while index < bytes.count, bytes[index].isToken || ":[]/".utf8.contains(bytes[index]) { index += 1 }
      }
      guard index > start else { throw SyntaxError(element, at: index) }
      index = bytes.skippingSpace(from: index)
    }
    text = value.trimmed
  }

  package var isEmpty: Bool { text.isEmpty }

  /// The value of the first parameter of this name, empty for one without a value, nil for none. A quoted-string
  /// keeps its quotes; see `unquoted`.
  package subscript(_ name: StaticString) -> Bytes? {
    var found: Bytes?
    forEach { candidate, value in
      guard candidate.equalsIgnoringCase(name) else { return true }
      found = value ?? candidate.part(candidate.count..<candidate.count)
      return false
    }
    return found
  }

  package func contains(_ name: StaticString) -> Bool { self[name] != nil }

  /// Every parameter in order, until `body` answers false.
  package func forEach(_ body: (_ name: Bytes, _ value: Bytes?) -> Bool) {
    var rest = text
    while rest.first == UInt8(ascii: ";") {
      rest = rest.dropFirst()
      let end = rest.span.firstUnquoted(UInt8(ascii: ";"), from: 0) ?? rest.count
      let parameter = rest.part(0..<end)
      rest = rest.dropFirst(end)
      let equals = parameter.firstIndex(of: UInt8(ascii: "="))
      let name = parameter[..<(equals ?? parameter.endIndex)].trimmed
      let value = equals.map { parameter[($0 + 1)...].trimmed }
      if !body(name, value) { return }
    }
  }
}
