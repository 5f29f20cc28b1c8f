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

  /// 16 LHEX.
  static func hexadecimalDigits(_ value: UInt64) -> [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity(16)
    digits.append(hexadecimal: value, digits: 16)
    return digits
  }
}

extension OutputSpan<UInt8> {
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
  /// The domain of an address of record, as that of a Call-ID: a name in lower case, or an address.
  mutating func append(domainOf addressOfRecord: URI) {
    if !append(nameOf: addressOfRecord) { append(Registrant.domain(of: addressOfRecord)) }
  }

  mutating func append(_ host: Host) {
    switch host {
    case .name(let name): append(text: name)
    case .address(let address): append(hostOf: address)
    }
  }
}

extension Host {
  /// The most that it takes as text.
  var room: Int {
    switch self {
    case .name(let name): name.utf8.count
    case .address: IPAddress.longestText + 2
    }
  }
}

extension URI {
  /// The most that its host takes as the domain of a Call-ID.
  var domainRoom: Int { max(hostLength, IPAddress.longestText + 2) }
}
