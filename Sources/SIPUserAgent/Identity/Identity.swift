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
}

extension TextWriter {
  /// UUID = 8HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 12HEXDIG (RFC 9562 §4)
  mutating func append(uuid high: UInt64, _ low: UInt64) {
    append(hexadecimal: high >> 32, digits: 8)
    append(UInt8(ascii: "-"))
    append(hexadecimal: high >> 16 & 0xFFFF, digits: 4)
    append(UInt8(ascii: "-"))
    append(hexadecimal: high & 0xFFFF, digits: 4)
    append(UInt8(ascii: "-"))
    append(hexadecimal: low >> 48, digits: 4)
    append(UInt8(ascii: "-"))
    append(hexadecimal: low & 0xFFFF_FFFF_FFFF, digits: 12)
  }
}
