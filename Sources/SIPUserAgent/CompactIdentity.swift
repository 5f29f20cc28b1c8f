import SIPMessage

/// An identity in few bytes: as it was made here, which is a UUID, a number and the domain of the address of record;
/// else, as an older state may have it, in words.
enum CompactIdentity: Sendable, Equatable {
  case made(high: UInt64, low: UInt64, tag: UInt64)
  indirect case other(Identity)

  /// A new one.
  init(using random: inout any RandomNumberGenerator & Sendable) {
    let (high, low) = (random.next(), random.next())
    // RFC 9562 §5.4: version 4, variant 10.
    self = .made(
      high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000,
      tag: random.next())
  }

  init(_ identity: Identity, domain: Host) {
    var (high, low, tag): (UInt64, UInt64, UInt64) = (0, 0, 0)
    let isMade = Self.read(identity.callID, &high, &low) && Self.read(identity.fromTag, digits: 0..<16, &tag)
    self = .made(high: high, low: low, tag: tag)
    if !isMade || !isEqual(to: identity, domain: domain) { self = .other(identity) }
  }

  /// The digits of the UUID that a Call-ID begins with.
  private static func read(_ callID: String, _ high: inout UInt64, _ low: inout UInt64) -> Bool {
    read(callID, digits: 0..<8, &high) && read(callID, digits: 9..<13, &high) && read(callID, digits: 14..<18, &high)
      && read(callID, digits: 19..<23, &low) && read(callID, digits: 24..<36, &low)
  }

  /// Appends hexadecimal digits to a number. - Returns: false when they are none.
  private static func read(_ text: String, digits: Range<Int>, _ number: inout UInt64) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard digits.upperBound <= bytes.count else { return false }
      for index in digits {
        guard let digit = unsafe bytes[index].hexDigitValue else { return false }
        number = number << 4 | UInt64(digit)
      }
      return true
    }
  }

  /// Whether these are its words, letter by letter.
  private func isEqual(to identity: Identity, domain: Host) -> Bool {
    var text: [UInt8] = []
    text.reserveCapacity(128)
    append(callIDTo: &text, domain: domain)
    guard text.elementsEqual(identity.callID.utf8) else { return false }
    text.removeAll(keepingCapacity: true)
    append(fromTagTo: &text)
    return text.elementsEqual(identity.fromTag.utf8)
  }

  func identity(domain: Host) -> Identity {
    var callID: [UInt8] = []
    callID.reserveCapacity(128)
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
