import SIPMessage

/// A client transaction, by its slot and which use of the slot it is: a late word about a former one is known as such.
package struct ClientTransactionID: Hashable, Sendable {
  package let slot: Int32
  package let serial: UInt32

  package init(slot: Int32, serial: UInt32) {
    self.slot = slot
    self.serial = serial
  }

  /// Both in one number, for a transport to hand back.
  package init(token: UInt64) {
    self.init(slot: Int32(truncatingIfNeeded: token >> 32), serial: UInt32(truncatingIfNeeded: token))
  }

  package var token: UInt64 { UInt64(UInt32(bitPattern: slot)) << 32 | UInt64(serial) }
}

/// The branch of a request sent here (RFC 3261 §8.1.1.7): the slot of its transaction, which use of the slot it is, and
/// 64 bits of chance. So a response finds its transaction without a table, and nobody can guess one.
package struct Branch: Hashable, Sendable {
  package let slot: Int32
  package let serial: UInt32
  package let chance: UInt64

  package var transaction: ClientTransactionID { ClientTransactionID(slot: slot, serial: serial) }

  package init(slot: Int32, serial: UInt32, chance: UInt64) {
    self.slot = slot
    self.serial = serial
    self.chance = chance
  }

  /// "z9hG4bK" and 32 lower-case hexadecimal digits.
  package static let length = 7 + 32

  /// - Returns: nil for a branch that was not made here.
  package init?(_ text: Bytes) { self.init(text.span) }

  init?(_ text: Span<UInt8>) {
    guard text.count == Self.length, text.extracting(0..<7).equals(Via.magicCookie),
      let slot = Self.word(text, from: 7), slot <= UInt32(Int32.max), let serial = Self.word(text, from: 15),
      let high = Self.word(text, from: 23), let low = Self.word(text, from: 31)
    else { return nil }
    self.init(slot: Int32(slot), serial: serial, chance: UInt64(high) << 32 | UInt64(low))
  }

  /// The first that was made here in bytes of any kind.
  static func first(in bytes: Span<UInt8>) -> Branch? {
    var index = 0
    while let start = bytes.first(UInt8(ascii: "z"), in: index..<bytes.count) {
      index = start + 1
      guard start + length <= bytes.count else { return nil }
      if let branch = Branch(bytes.extracting(start..<(start + length))) { return branch }
    }
    return nil
  }

  /// Eight lower-case hexadecimal digits, all at once.
  private static func word(_ text: Span<UInt8>, from start: Int) -> UInt32? {
    let word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self).bigEndian
    let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    // In the highest bit of each byte: whether it is at least "0", beyond "9", at least "a", beyond "f".
    let isDigit = (word &+ ones &* 0x50) & ~(word &+ ones &* 0x46)
    let isLetter = (word &+ ones &* 0x1F) & ~(word &+ ones &* 0x19)
    guard word & high == 0, (isDigit | isLetter) & high == high else { return nil }
    var digits = (word & (ones &* 0x0F)) &+ ((isLetter & high) >> 7) &* 9
    // Two, four and eight digits move together in turn.
    digits = (digits | digits >> 4) & 0x00FF_00FF_00FF_00FF
    digits = (digits | digits >> 8) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: digits | digits >> 16)
  }

  package func append(to text: inout TextWriter) {
    text.append(Via.magicCookie)
    text.append(hexadecimal: UInt64(slot) << 32 | UInt64(serial), digits: 16)
    text.append(hexadecimal: chance, digits: 16)
  }
}

extension Branch: CustomStringConvertible {
  package var description: String {
    String(decoding: [UInt8](reserving: Self.length) { append(to: &$0) }, as: UTF8.self)
  }
}
