import SIPMessage

/// Who asks: the Call-ID and From tag of an account, made once and the same for ever (RFC 3261 §10.2.4).
package struct Identity: Sendable, Equatable {
  /// `UUID@domain`
  package let callID: String
  package let fromTag: String

  package init(callID: String, fromTag: String) {
    self.callID = callID
    self.fromTag = fromTag
  }

  /// - Parameter domain: of the address of record; all a host may hold, a Call-ID may too (§25.1, word).
  package init(domain: Host, using random: inout any RandomNumberGenerator & Sendable) {
    let (high, low) = (random.next(), random.next())
    // RFC 9562 §5.4: version 4, variant 10.
    let upper = Self.hexadecimal(high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000)
    let lower = Self.hexadecimal(low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    let uuid = [
      upper.prefix(8), upper.dropFirst(8).prefix(4), upper.dropFirst(12), lower.prefix(4), lower.dropFirst(4),
    ].map(String.init).joined(separator: "-")
    callID = "\(uuid)@\(domain)"
    fromTag = Self.hexadecimal(random.next())
  }

  static func hexadecimal(_ value: UInt64) -> String { String(decoding: hexadecimalDigits(value), as: UTF8.self) }

  /// 16 LHEX.
  static func hexadecimalDigits(_ value: UInt64) -> [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity(16)
    digits.append(hexadecimal: value, digits: 16)
    return digits
  }
}
