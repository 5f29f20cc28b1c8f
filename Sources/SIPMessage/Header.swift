/// The header fields of a message in order, and which names there are among them.
struct Header: Sendable {
  private(set) var fields: [HeaderField] = []
  /// The bit of every name that is there.
  private var names: UInt64 = 0
  /// The first that is there twice and may not be.
  private(set) var doubled: HeaderName?

  init() { fields.reserveCapacity(16) }

  mutating func append(_ field: HeaderField) {
    fields.append(field)
    guard let name = field.name else { return }
    if names & name.bit != 0, name.isSingular, doubled == nil { doubled = name }
    names |= name.bit
  }

  func contains(_ name: HeaderName) -> Bool { names & name.bit != 0 }

  enum ContentLength { case missing, bytes(Int), malformed }

  /// - Parameter bytes: of the message
  func contentLength(_ bytes: Span<UInt8>) -> ContentLength {
    guard contains(.contentLength) else { return .missing }
    var found = ContentLength.missing
    for field in fields where field.name == .contentLength {
      // Two of them are as good as none, also when they agree (RFC 4475 §3.3.9).
      guard case .missing = found, let length: Int = bytes.extracting(field.value).decimal() else { return .malformed }
      found = .bytes(length)
    }
    return found
  }
}
