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
    let made = Self(callID: identity.callID.utf8.span, fromTag: identity.fromTag.utf8.span)
    let isOurs = identity.callID.utf8.dropFirst(Self.domainStart).elementsEqual(domain.description.utf8)
    self = made.flatMap { isOurs ? $0 : nil } ?? .other(identity)
  }

  /// Where the domain stands in a Call-ID.
  static let domainStart = 37

  /// What was made here; nil when it would not come out the same, letter by letter. The domain is not looked at.
  init?(callID: Span<UInt8>, fromTag: Span<UInt8>) {
    guard callID.count > Self.domainStart, fromTag.count == 16, callID[36] == UInt8(ascii: "@") else { return nil }
    for hyphen in [8, 13, 18, 23] where callID[hyphen] != UInt8(ascii: "-") { return nil }
    var (high, low, tag): (UInt64, UInt64, UInt64) = (0, 0, 0)
    guard Self.read(callID, 0..<8, &high), Self.read(callID, 9..<13, &high), Self.read(callID, 14..<18, &high),
      Self.read(callID, 19..<23, &low), Self.read(callID, 24..<36, &low), Self.read(fromTag, 0..<16, &tag)
    else { return nil }
    self = .made(high: high, low: low, tag: tag)
  }

  /// Appends hexadecimal digits to a number. - Returns: false when they are none, or not as we write them.
  private static func read(_ text: Span<UInt8>, _ digits: Range<Int>, _ number: inout UInt64) -> Bool {
    for index in digits {
      let (digit, letter) = (text[index] &- UInt8(ascii: "0"), text[index] &- UInt8(ascii: "a"))
      guard digit < 10 || letter < 6 else { return false }
      number = number << 4 | UInt64(digit < 10 ? digit : letter + 10)
    }
    return true
  }

  func identity(domain: Host) -> Identity {
    let callID = [UInt8](reserving: callIDRoom(domain: domain.room)) { append(callIDTo: &$0, domain: domain) }
    return Identity(
      callID: String(decoding: callID, as: UTF8.self), fromTag: String(decoding: fromTag, as: UTF8.self))
  }

  var fromTag: [UInt8] { [UInt8](reserving: fromTagRoom) { append(fromTagTo: &$0) } }

  /// The beginning of the From tag, by which its Contact is known.
  var mark: [UInt8] {
    switch self {
    case .made(_, _, let tag): [UInt8](reserving: 8) { $0.append(hexadecimal: tag >> 32, digits: 8) }
    case .other(let identity): Array(identity.fromTag.utf8.prefix(8))
    }
  }

  /// As `RegistrationRecord.key`.
  var key: UInt64 {
    switch self {
    case .made(_, _, let tag): tag
    case .other(let identity): RegistrationRecord.key(ofTag: identity.fromTag)
    }
  }
}

extension CompactIdentity {
  /// About the bytes of the From tag.
  var fromTagRoom: Int {
    switch self {
    case .made: 16
    case .other(let identity): identity.fromTag.utf8.count
    }
  }

  func append(fromTagTo text: inout TextWriter) {
    switch self {
    case .made(_, _, let tag): text.append(hexadecimal: tag, digits: 16)
    case .other(let identity): text.append(text: identity.fromTag)
    }
  }

  /// About the bytes of the Call-ID.
  ///
  /// - Parameter domain: those of its domain
  func callIDRoom(domain: Int) -> Int {
    switch self {
    case .made: Self.domainStart + domain
    case .other(let identity): identity.callID.utf8.count
    }
  }

  func append(callIDTo text: inout TextWriter, domain: Host) {
    append(callIDTo: &text) { $0.append(domain) }
  }

  /// - Parameter addressOfRecord: whose host is the domain
  func append(callIDTo text: inout TextWriter, of addressOfRecord: URI) {
    append(callIDTo: &text) { $0.append(domainOf: addressOfRecord) }
  }

  private func append(callIDTo text: inout TextWriter, domain: (inout TextWriter) -> Void) {
    switch self {
    case .made(let high, let low, _):
      text.append(uuid: high, low)
      text.append(UInt8(ascii: "@"))
      domain(&text)
    case .other(let identity): text.append(text: identity.callID)
    }
  }
}

extension TextWriter {
  /// The domain of an address of record, as that of a Call-ID: a name in lower case, or an address.
  mutating func append(domainOf addressOfRecord: URI) {
    if !append(nameOf: addressOfRecord) { append(Registrant.domain(of: addressOfRecord)) }
  }
}

extension URI {
  /// About the bytes of its host as the domain of a Call-ID.
  var domainRoom: Int { max(hostLength, IPAddress.longestText + 2) }
}
