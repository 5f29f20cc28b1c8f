/// *( SEMI generic-param ), generic-param = token [ EQUAL gen-value ] (RFC 3261 §25.1): byte for byte as written, in
/// order, looked up by scanning. Names compare in either case.
package struct Parameters: Hashable, Sendable {
  package static let none = Parameters(text: [])

  /// From the first semicolon, or empty.
  package let text: Bytes

  /// - Parameter text: what a `NameAddr.Layout` or a URI found well-formed.
  package init(text: Bytes) { self.text = text }

  /// Reads the parameters of a header field value, from `start` to the end.
  package init(parsing value: Bytes, element: String) throws(SyntaxError) {
    try Self.check(value.span, from: 0, element: element)
    text = value.trimmed
  }

  /// gen-value = token / host / quoted-string; a value may hold colons and brackets, as `received=[2001:db8::9]` does,
  /// though the ABNF has no brackets there (RFC 5118 §4.5).
  static func check(_ bytes: Span<UInt8>, from start: Int, element: @autoclosure () -> String) throws(SyntaxError) {
    var index = bytes.skippingSpace(from: start)
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: ";") else { throw SyntaxError(element(), at: index - start) }
      let name = bytes.skippingSpace(from: index + 1)
      index = bytes.token(from: name)
      guard index > name else { throw SyntaxError(element(), at: index - start) }
      index = bytes.skippingSpace(from: index)
      guard bytes.contains(UInt8(ascii: "="), at: index) else { continue }
      index = bytes.skippingSpace(from: index + 1)
      let value = index
      if bytes.contains(UInt8(ascii: "\""), at: index) {
        guard let end = bytes.quotedString(from: index) else { throw SyntaxError(element(), at: index - start) }
        index = end
      } else {
        while index < bytes.count, CharacterClass.parameterValue.contains(bytes[index]) { index += 1 }
      }
      guard index > value else { throw SyntaxError(element(), at: index - start) }
      index = bytes.skippingSpace(from: index)
    }
  }

  package var isEmpty: Bool { text.isEmpty }

  /// The value of the first parameter of this name, empty for one without a value, nil for none. A quoted-string
  /// keeps its quotes; see `unquoted`.
  package subscript(_ name: StaticString) -> Bytes? {
    let bytes = text.span
    var index = 0
    while let parameter = Self.next(bytes, from: &index) {
      guard bytes.extracting(parameter.name).equalsIgnoringCase(name) else { continue }
      return text.part(parameter.value ?? parameter.name.upperBound..<parameter.name.upperBound)
    }
    return nil
  }

  package func contains(_ name: StaticString) -> Bool { self[name] != nil }

  /// Every parameter in order, until `body` answers false.
  package func forEach(_ body: (_ name: Bytes, _ value: Bytes?) -> Bool) {
    var index = 0
    while let parameter = Self.next(text.span, from: &index) {
      guard body(text.part(parameter.name), parameter.value.map(text.part)) else { return }
    }
  }

  /// Reads one parameter; `index` is at its semicolon, and then behind it.
  private static func next(
    _ bytes: Span<UInt8>, from index: inout Int
  ) -> (name: Range<Int>, value: Range<Int>?)? {
    guard bytes.contains(UInt8(ascii: ";"), at: index) else { return nil }
    let start = index + 1
    let end = bytes.firstUnquoted(UInt8(ascii: ";"), from: start) ?? bytes.count
    index = end
    guard let equals = bytes.first(UInt8(ascii: "="), in: start..<end) else { return (bytes.trimmed(start..<end), nil) }
    return (bytes.trimmed(start..<equals), bytes.trimmed((equals + 1)..<end))
  }
}
