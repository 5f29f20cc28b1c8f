import SIPMessage

/// What of a certificate showed that it is the peer's.
package enum IdentityEvidence: Equatable, Sendable {
  /// `sip:example.com` in subjectAltName.
  case sipURI
  case dnsName
  case address
  /// There is no subjectAltName at all: old certificates are like that (RFC 5922 §7.1, 2).
  case commonName
}

extension CertificateNames {
  /// Names that a sentence has at most.
  private static let namesInWords = 5
  private static let lettersOfName = 80

  /// Whether this is the certificate of a SIP domain (RFC 5922 §7.1, §7.2): one of its `sip:` URIs without a user is that
  /// domain, or, when there is none, one of its DNS names; all letters of it, in upper or lower case, and no wildcard. An
  /// address is proved by the same address (RFC 5280 §4.2.1.6).
  package func identify(_ peer: Host) -> IdentityEvidence? {
    let name: [UInt8]
    switch peer {
    case .address(let address): return addresses.contains(address.unmapped) ? .address : nil
    case .name(let text): name = Self.canonical(text.utf8)
    }
    let domains = sipDomains
    if !domains.isEmpty { return domains.contains(name) ? .sipURI : nil }
    if hasAlternativeNames { return hasDNSName(name) ? .dnsName : nil }
    return isCommonName(name) ? .commonName : nil
  }

  private var sipDomains: [[UInt8]] { uris.compactMap { Self.sipDomain($0.utf8) } }
  private func hasDNSName(_ name: [UInt8]?) -> Bool { dnsNames.contains { Self.canonical($0.utf8) == name } }
  private func isCommonName(_ name: [UInt8]) -> Bool { commonName.map { Self.canonical($0.utf8) } == name }

  /// The host of a `sip:` URI; nil for one of another scheme or of a user, which names nobody's domain.
  private static func sipDomain(_ uri: String.UTF8View) -> [UInt8]? {
    guard canonical(uri.prefix(4)).elementsEqual("sip:".utf8), !uri.contains(UInt8(ascii: "@")) else { return nil }
    return canonical(uri.dropFirst(4).prefix { !":;?".utf8.contains($0) })
  }

  /// The bytes of a name in lower case, without the dot that ends an absolute one. Text is not compared: there are letters
  /// beyond ASCII that are the same as one of it.
  private static func canonical(_ name: some Collection<UInt8>) -> [UInt8] {
    var name = name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    if name.last == UInt8(ascii: ".") { name.removeLast() }
    return name
  }

  /// Whom it names instead, for somebody who has to change one of the two.
  package func words(insteadOf peer: Host) -> String {
    "expected \(peer), the certificate names \(Self.list(counted))\(remark(on: peer))"
  }

  /// What could have been the name that was looked for.
  private var counted: [String] {
    if hasAlternativeNames { return uris + dnsNames + addresses.map(\.description) }
    return commonName.map { [$0] } ?? []
  }

  private func remark(on peer: Host) -> String {
    guard case .name(let text) = peer else { return "" }
    let name = Self.canonical(text.utf8)
    if hasDNSName(name) {
      return "; a DNS name does not count beside the domain of a sip URI, RFC 5922"
    }
    let wildcard = name.firstIndex(of: UInt8(ascii: ".")).map { Array("*".utf8) + name[$0...] }
    if hasDNSName(wildcard) { return "; a wildcard does not count, RFC 5922" }
    if hasAlternativeNames, isCommonName(name) {
      return "; the common name does not count beside other names, RFC 5922"
    }
    return ""
  }

  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "nobody" }
    let shown = names.prefix(namesInWords).map(printable).joined(separator: ", ")
    return names.count > namesInWords ? "\(shown) and \(names.count - namesInWords) more" : shown
  }

  /// As it may stand in a line: nothing that a terminal obeys, and not for ever.
  static func printable(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.prefix(lettersOfName).map { (0x20..<0x7F).contains($0.value) ? $0 : "?" }))
  }
}
