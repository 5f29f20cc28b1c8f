/// The header fields of a message in order, and which names there are among them.
struct Header: Sendable {
  private(set) var fields: [HeaderField] = []
  /// The bit of every name that is there.
  private var names: UInt128 = 0
  /// The first that is there twice and may not be.
  private(set) var doubled: HeaderName?
  /// More than one field of it; each may have several values.
  private(set) var hasSeveralVias = false
  /// Where the first field of each of `essentialNames` is, by its raw value.
  private var essentials = SIMD8<UInt16>()

  /// What every message has (RFC 3261 §8.1.1, §8.2.6.2).
  static let essentialNames: [HeaderName] = [.via, .from, .to, .callID, .cSeq]
  private static var essentialBits: UInt128 { HeaderName.cSeq.bit * 2 - 1 }

  init() { fields.reserveCapacity(16) }

  @inline(__always)
  mutating func append(_ field: HeaderField) {
    fields.append(field)
    guard let name = field.name else { return }
    if names & name.bit != 0 {
      if name == .via { hasSeveralVias = true }
      if name.isSingular, doubled == nil { doubled = name }
    } else {
      names |= name.bit
      if name.rawValue <= HeaderName.cSeq.rawValue {
        essentials[Int(name.rawValue)] = UInt16(truncatingIfNeeded: fields.count - 1)
      }
    }
  }

  func contains(_ name: HeaderName) -> Bool { names & name.bit != 0 }

  var hasEssentials: Bool { names & Self.essentialBits == Self.essentialBits }

  /// The first field of one of `essentialNames`, when they are all there.
  func essential(_ name: HeaderName) -> HeaderField { fields[Int(essentials[Int(name.rawValue)])] }

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
