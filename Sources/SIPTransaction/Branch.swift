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
  private static let length = 7 + 32

  /// - Returns: nil for a branch that was not made here.
  package init?(_ text: Bytes) {
    guard text.count == Self.length, text.prefix(7).equals(Via.magicCookie) else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    var index = 0
    for byte in text.dropFirst(7) {
      guard byte.isDigit || (byte >= 0x61 && byte <= 0x66) else { return nil }
      let digit = UInt64(byte.isDigit ? byte - 0x30 : byte - 0x57)
      if index < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
      index += 1
    }
    let high = UInt32(truncatingIfNeeded: words.0 >> 32)
    guard high <= UInt32(Int32.max) else { return nil }
    self.init(slot: Int32(high), serial: UInt32(truncatingIfNeeded: words.0), chance: words.1)
  }

  package func append(to bytes: inout [UInt8]) {
    bytes.append(Via.magicCookie)
    bytes.append(hexadecimal: UInt64(slot) << 32 | UInt64(serial), digits: 16)
    bytes.append(hexadecimal: chance, digits: 16)
  }
}

extension Branch: CustomStringConvertible {
  package var description: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
