import SIPMessage

/// A client transaction, by its slot and which use of the slot it is: a late word about a former one is known as such.
package struct ClientTransactionID: Hashable, Sendable {
  package let slot: Int32
  package let serial: UInt32

  package init(slot: Int32, serial: UInt32) {
    self.slot = slot
    self.serial = serial
  }

  /// The same as one number, for a transport to hand back.
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
  package init?(_ text: Bytes) {
    guard text.count == Self.length, text.prefix(7).equals(Via.magicCookie) else { return nil }
    let digits = text.dropFirst(7)
    guard let low = Self.word(digits.prefix(16)), let chance = Self.word(digits.dropFirst(16)),
      low >> 32 <= UInt64(Int32.max)
    else { return nil }
    self.init(slot: Int32(low >> 32), serial: UInt32(truncatingIfNeeded: low), chance: chance)
  }

  /// Sixteen lower-case hexadecimal digits.
  private static func word(_ digits: Bytes) -> UInt64? {
    let digits = digits.span
    var word: UInt64 = 0
    for index in 0..<digits.count {
      let digit = digits[index]
      let value = digit < 0x3A ? digit &- 0x30 : digit &- 0x57
      guard value < 16, digit < 0x3A || value >= 10 else { return nil }
      word = word << 4 | UInt64(value)
    }
    return word
  }

  package func append(to text: inout OutputSpan<UInt8>) {
    text.append(Via.magicCookie)
    text.append(hexadecimal: UInt64(slot) << 32 | UInt64(serial), digits: 16)
    text.append(hexadecimal: chance, digits: 16)
  }
}

extension Branch: CustomStringConvertible {
  package var description: String {
    String(decoding: [UInt8](room: Self.length) { append(to: &$0) }, as: UTF8.self)
  }
}
