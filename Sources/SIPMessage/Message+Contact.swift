extension Message {
  /// A value of Contact that is known already but for its expires.
  package struct KnownContact: Sendable {
    /// nil: it has none.
    package let expires: DeltaSeconds?
  }

  /// The first value of Contact, when it begins with this very URI in angle brackets, as nearly every registrar sends
  /// ours.
  ///
  /// - Returns: nil when it does not, or when its parameters are not well-formed or take a reader with more patience.
  package func firstContact(ifItIs uri: Span<UInt8>) -> KnownContact? {
    guard header.contains(.contact), let field = fields.first(where: { $0.name == .contact }), field.isOneLine else {
      return nil
    }
    let value = bytes.span.extracting(field.value)
    let end = uri.count + 2
    guard value.count >= end, value[0] == UInt8(ascii: "<"), value[end - 1] == UInt8(ascii: ">"),
      value.contains(uri, at: 1), value.first(UInt8(ascii: ","), in: end..<value.count) == nil,
      let found = Parameters.find("expires=", in: value, from: end)
    else { return nil }
    guard let range = found.value else { return KnownContact(expires: nil) }
    return DeltaSeconds(value.extracting(range)).map { KnownContact(expires: $0) }
  }
}
