extension Message {
  /// A value of Contact that is known already but for its expires.
  package struct KnownContact: Sendable {
    /// nil: it has none.
    package let expires: DeltaSeconds?
  }

  /// The first value of Contact, when it begins with this very URI in angle brackets, as nearly every registrar sends
  /// ours.
  ///
  /// - Returns: nil when it does not, or when its parameters are not well-formed or have white space or
  ///   capitals: then it is to be read in full.
  package func firstContact(ifItIs uri: Span<UInt8>) -> KnownContact? {
    guard header.contains(.contact), let field = fields.first(where: { $0.name == .contact }), field.isOneLine else {
      return nil
    }
    let (bytes, value) = (bytes.span, field.value)
    let end = value.lowerBound + uri.count + 2
    guard end <= value.upperBound, bytes[value.lowerBound] == UInt8(ascii: "<"), bytes[end - 1] == UInt8(ascii: ">"),
      bytes.contains(uri, at: value.lowerBound + 1),
      bytes.first(UInt8(ascii: ","), in: end..<value.upperBound) == nil,
      let found = Parameters.find("expires=", in: bytes.extracting(0..<value.upperBound), from: end)
    else { return nil }
    guard let range = found.value else { return KnownContact(expires: nil) }
    return DeltaSeconds(bytes.extracting(range)).map { KnownContact(expires: $0) }
  }
}
