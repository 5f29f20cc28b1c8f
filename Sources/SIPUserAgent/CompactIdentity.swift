import SIPMessage

/// An identity in few bytes: as it was made here, which is a UUID, a number and the domain of the address of record;
/// else, as an older state may have it, in words.
enum CompactIdentity: Sendable, Equatable {
  case made(high: UInt64, low: UInt64, tag: UInt64)
  indirect case other(Identity)

  init(_ identity: Identity, domain: Host) {
    let parts = identity.callID.utf8.split(separator: UInt8(ascii: "@"), maxSplits: 1)
    guard let uuid = parts.first, let words = Self.words(uuid), let tag = Self.word(Array(identity.fromTag.utf8)) else {
      self = .other(identity)
      return
    }
    self = .made(high: words.high, low: words.low, tag: tag)
    if self.identity(domain: domain) != identity { self = .other(identity) }
  }

  private static func words(_ uuid: Substring.UTF8View) -> (high: UInt64, low: UInt64)? {
    let digits = uuid.filter { $0 != UInt8(ascii: "-") }
    guard digits.count == 32, let high = word(digits.prefix(16)), let low = word(digits.suffix(16)) else { return nil }
    return (high, low)
  }

  private static func word(_ digits: some Collection<UInt8>) -> UInt64? {
    digits.count == 16 ? UInt64(String(decoding: digits, as: UTF8.self), radix: 16) : nil
  }

  func identity(domain: Host) -> Identity {
    var callID: [UInt8] = []
    append(callIDTo: &callID, domain: domain)
    return Identity(
      callID: String(decoding: callID, as: UTF8.self), fromTag: String(decoding: fromTag, as: UTF8.self))
  }

  var fromTag: [UInt8] {
    var digits: [UInt8] = []
    append(fromTagTo: &digits)
    return digits
  }

  func append(fromTagTo bytes: inout [UInt8]) {
    switch self {
    case .made(_, _, let tag): bytes.append(hexadecimal: tag, digits: 16)
    case .other(let identity): bytes.append(text: identity.fromTag)
    }
  }

  /// As `RegistrationRecord.key`.
  var key: UInt64 {
    switch self {
    case .made(_, _, let tag): tag
    case .other(let identity): RegistrationRecord.key(ofTag: identity.fromTag)
    }
  }

  func append(callIDTo bytes: inout [UInt8], domain: Host) {
    switch self {
    case .made(let high, let low, _):
      bytes.append(uuid: high, low)
      bytes.append(UInt8(ascii: "@"))
      switch domain {
      case .name(let name): bytes.append(text: name)
      case .address(let address): bytes.append(hostOf: address)
      }
    case .other(let identity): bytes.append(text: identity.callID)
    }
  }
}
