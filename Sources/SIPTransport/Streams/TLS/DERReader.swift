/// Reads values of ASN.1 in their DER encoding (X.690), one behind the other, and nothing beyond the bytes it was given.
///
/// Tags of more than a byte and indefinite lengths end it: no certificate has them where a name stands.
struct DERReader {
  struct Value {
    var tag: UInt8
    var content: ArraySlice<UInt8>
    /// With tag and length.
    var encoded: ArraySlice<UInt8>
  }

  static let integer: UInt8 = 0x02
  static let octetString: UInt8 = 0x04
  static let objectIdentifier: UInt8 = 0x06
  static let sequence: UInt8 = 0x30
  static let set: UInt8 = 0x31

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }
  /// The tag of the value that comes next.
  var tag: UInt8? { rest.first }

  /// - Returns: nil at the end, and for what is no value
  mutating func next() -> Value? {
    var bytes = rest
    guard let tag = bytes.popFirst(), tag & 0x1F != 0x1F, let first = bytes.popFirst() else { return nil }
    var length = Int(first)
    if first >= 0x80 {
      // Certificates of a gigabyte are none.
      let count = Int(first & 0x7F)
      guard (1...4).contains(count), bytes.count >= count else { return nil }
      length = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      bytes = bytes.dropFirst(count)
    }
    guard bytes.count >= length else { return nil }
    let content = bytes.prefix(length)
    defer { rest = bytes.dropFirst(length) }
    return Value(tag: tag, content: content, encoded: rest[rest.startIndex..<content.endIndex])
  }

  /// The next value, if it has this tag; nil also for any other, behind which nothing is read.
  mutating func next(_ tag: UInt8) -> Value? {
    guard self.tag == tag else { return nil }
    return next()
  }

  /// Goes into the next value, if it has this tag.
  mutating func enter(_ tag: UInt8) -> DERReader? { next(tag).map { DERReader($0.content) } }
}
