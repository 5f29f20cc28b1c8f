/// The transaction ID of a Binding request (RFC 8489 §6): 96 bits of chance, by which its answer is known.
package struct BindingTransaction: Hashable, Sendable {
  let upper: UInt32
  let lower: UInt64

  /// - Parameter chance: of each draw 64 random bits, of which the first gives 32
  package init(using chance: inout some RandomNumberGenerator) {
    upper = UInt32(truncatingIfNeeded: chance.next())
    lower = chance.next()
  }

  package init(upper: UInt32, lower: UInt64) {
    self.upper = upper
    self.lower = lower
  }

  /// A Binding request without attributes (RFC 5626 §8 wants none), 20 bytes.
  package var request: [UInt8] {
    [UInt8](bigEndian: BindingAnswer.requestType) + [0, 0] + [UInt8](bigEndian: BindingAnswer.magicCookie)
      + [UInt8](bigEndian: upper) + [UInt8](bigEndian: lower)
  }
}

extension [UInt8] {
  fileprivate init(bigEndian value: some FixedWidthInteger) {
    self = stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
