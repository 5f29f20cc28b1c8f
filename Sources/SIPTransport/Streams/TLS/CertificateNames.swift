import SIPMessage

/// Whom a certificate names (RFC 5280 §4.1.2.6, §4.2.1.6): what RFC 5922 §7.1 takes a SIP domain from, and who vouches for it.
///
/// It says nothing of whether somebody trustworthy has signed it: `CertificateCheck` asks when that is settled.
package struct CertificateNames: Equatable, Sendable {
  /// Of subjectAltName, as they stand there.
  package var uris: [String] = []
  package var dnsNames: [String] = []
  package var addresses: [IPAddress] = []
  /// Whether there is a subjectAltName, be there in it what may.
  package var hasAlternativeNames = false
  /// The last, and so the most particular one of the subject.
  package var commonName: String?
  package var issuer: String?
  /// Subject and issuer are one.
  package var isSelfSigned = false
  /// Its uses (extKeyUsage, RFC 5280 §4.2.1.12) are not restricted, or that of a TLS server is among them.
  package var isForServers = true

  package init() {}

  private static let commonNameIdentifier: [UInt8] = [0x55, 0x04, 0x03]
  private static let alternativeNameIdentifier: [UInt8] = [0x55, 0x1D, 0x11]
  private static let usageIdentifier: [UInt8] = [0x55, 0x1D, 0x25]
  /// id-kp-serverAuth
  private static let serverIdentifier: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]

  /// Certificate ::= SEQUENCE { tbsCertificate SEQUENCE { [0] version OPTIONAL, serialNumber, signature, issuer, validity,
  /// subject, subjectPublicKeyInfo, [1] OPTIONAL, [2] OPTIONAL, [3] extensions OPTIONAL }, … }
  ///
  /// - Returns: nil for what is no certificate, or has two lists of names
  package init?(der: [UInt8]) {
    var outer = DERReader(der[...])
    guard var certificate = outer.enter(DERReader.sequence), var fields = certificate.enter(DERReader.sequence) else {
      return nil
    }
    _ = fields.next(0xA0)
    guard fields.next(DERReader.integer) != nil, fields.next(DERReader.sequence) != nil,
      let issuer = fields.next(DERReader.sequence), fields.next(DERReader.sequence) != nil,
      let subject = fields.next(DERReader.sequence), fields.next(DERReader.sequence) != nil
    else { return nil }
    self.issuer = Self.commonName(of: issuer.content) ?? Self.anyName(of: issuer.content)
    commonName = Self.commonName(of: subject.content)
    isSelfSigned = issuer.content == subject.content
    while let field = fields.next() { if field.tag == 0xA3, !readExtensions(field.content) { return nil } }
  }

  private mutating func readExtensions(_ bytes: ArraySlice<UInt8>) -> Bool {
    var outer = DERReader(bytes)
    guard var list = outer.enter(DERReader.sequence) else { return false }
    while !list.isAtEnd {
      guard var one = list.enter(DERReader.sequence), let identifier = one.next(DERReader.objectIdentifier) else {
        return false
      }
      let isUsage = identifier.content.elementsEqual(Self.usageIdentifier)
      guard isUsage || identifier.content.elementsEqual(Self.alternativeNameIdentifier) else { continue }
      // Whether it is critical is nothing to us.
      _ = one.next(0x01)
      guard let value = one.next(DERReader.octetString) else { return false }
      if isUsage {
        isForServers = Self.hasServer(value.content)
        continue
      }
      guard !hasAlternativeNames else { return false }
      hasAlternativeNames = true
      var names = DERReader(value.content)
      guard let names = names.enter(DERReader.sequence), readNames(names) else { return false }
    }
    return true
  }

  /// ExtKeyUsageSyntax ::= SEQUENCE OF OBJECT IDENTIFIER
  private static func hasServer(_ usages: ArraySlice<UInt8>) -> Bool {
    var outer = DERReader(usages)
    guard var list = outer.enter(DERReader.sequence) else { return false }
    while let usage = list.next(DERReader.objectIdentifier) {
      if usage.content.elementsEqual(serverIdentifier) { return true }
    }
    return false
  }

  /// GeneralName ::= CHOICE { …, dNSName [2] IA5String, …, uniformResourceIdentifier [6] IA5String, iPAddress [7] OCTET
  /// STRING, … }
  private mutating func readNames(_ names: DERReader) -> Bool {
    var names = names
    while !names.isAtEnd {
      guard let name = names.next() else { return false }
      switch name.tag {
      case 0x82: dnsNames.append(String(decoding: name.content, as: UTF8.self))
      case 0x86: uris.append(String(decoding: name.content, as: UTF8.self))
      case 0x87: if let address = IPAddress(octets: name.content) { addresses.append(address) }
      default: continue
      }
    }
    return true
  }

  /// Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value }
  private static func commonName(of name: ArraySlice<UInt8>) -> String? {
    attributes(of: name).last { $0.type.elementsEqual(commonNameIdentifier) }?.text
  }

  private static func anyName(of name: ArraySlice<UInt8>) -> String? { attributes(of: name).last?.text }

  private static func attributes(of name: ArraySlice<UInt8>) -> [(type: ArraySlice<UInt8>, text: String)] {
    var found: [(ArraySlice<UInt8>, String)] = []
    var sets = DERReader(name)
    while var attributes = sets.enter(DERReader.set) {
      while var attribute = attributes.enter(DERReader.sequence) {
        guard let type = attribute.next(DERReader.objectIdentifier), let value = attribute.next(),
          // UTF8String, PrintableString, TeletexString, IA5String
          [0x0C, 0x13, 0x14, 0x16].contains(value.tag)
        else { continue }
        found.append((type.content, String(decoding: value.content, as: UTF8.self)))
      }
    }
    return found
  }
}

extension IPAddress {
  /// As in a certificate: four bytes or sixteen.
  fileprivate init?(octets: ArraySlice<UInt8>) {
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    switch octets.count {
    case 4: self = .v4(UInt32(number(octets)))
    case 16: self = .v6(number(octets.prefix(8)), number(octets.dropFirst(8)))
    default: return nil
    }
  }
}
