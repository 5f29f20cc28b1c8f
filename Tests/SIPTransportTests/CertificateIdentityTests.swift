import NIOSSL
import SIPMessage
import Testing

@testable import SIPTransport

/// The table of RFC 5922 by the value that decides it.
@Suite struct CertificateIdentityTests {
  private func names(_ row: IdentityCase) -> CertificateNames {
    var names = CertificateNames()
    names.hasAlternativeNames = !row.names.isEmpty
    names.commonName = row.commonName
    for name in row.names {
      let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
      switch parts[0] {
      case "URI": names.uris.append(parts[1])
      case "DNS": names.dnsNames.append(parts[1])
      case "IP": names.addresses.append(IPAddress(parts[1])!)
      default: break
      }
    }
    return names
  }

  @Test(arguments: IdentityCase.table)
  func aCertificateIsOfWhomItNamesAndOfNobodyElse(_ row: IdentityCase) {
    let names = names(row)
    #expect(names.identify(row.host) == row.evidence)
    guard row.evidence == nil else { return }
    let words = names.words(insteadOf: row.host)
    #expect(words.hasPrefix("expected \(row.host), the certificate names "))
    #expect(row.remark.isEmpty ? !words.contains(";") || words.contains("sip:evil.test;") : words.hasSuffix(row.remark))
  }

  @Test(arguments: IdentityCase.table)
  func aCertificateIsReadAsItWasMade(_ row: IdentityCase) throws {
    let subject = row.commonName.map { "/CN=\($0)" } ?? "/O=Test"
    let issued = try CertificateAuthority.shared.get().issue(row.names, subject: subject)
    let certificate = try #require(try NIOSSLCertificate.fromPEMFile(issued.certificate).first)
    var expected = names(row)
    expected.issuer = "Test Authority"
    #expect(certificate.names == expected)
  }

  /// Text that is the same to a reader is not the same name.
  @Test(arguments: ["\u{212A}.test", "a.test\u{0}.evil.test", "a\u{0}", "\u{FF41}.test", ""])
  func lettersThatLookTheSameAreNot(_ name: String) {
    var names = CertificateNames()
    (names.hasAlternativeNames, names.dnsNames, names.uris) = (true, [name], ["sip:" + name])
    #expect(names.identify(.name("k.test")) == nil)
    #expect(names.identify(.name("a.test")) == nil)
    names.uris = []
    #expect(names.identify(.name("k.test")) == nil)
    #expect(names.identify(.name("a.test")) == nil)
  }

  @Test func wordsHoldNothingThatATerminalObeysAndNotEverything() {
    var names = CertificateNames()
    names.hasAlternativeNames = true
    names.dnsNames = ["\u{1B}[2J", String(repeating: "x", count: 300)] + (1...9).map { "edge\($0).test" }
    let words = names.words(insteadOf: .name("a.test"))
    #expect(words.contains("?[2J, xxx"))
    #expect(words.hasSuffix("edge3.test and 6 more"))
    #expect(words.utf8.count < 250)
  }

  @Test func whatIsCutOffAnywhereIsNoCertificateOrNamesNobodyElse() throws {
    let issued = try CertificateAuthority.shared.get().issue(["URI:sip:a.test", "DNS:a.test", "IP:127.0.0.1"])
    let certificate = try #require(try NIOSSLCertificate.fromPEMFile(issued.certificate).first)
    let bytes = try certificate.toDERBytes()
    for count in 0..<bytes.count { #expect(CertificateNames(der: Array(bytes.prefix(count))) == nil) }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0xFF
      #expect(CertificateNames(der: changed)?.identify(.name("b.test")) == nil)
    }
  }

  @Test func twoListsOfNamesAreNone() throws {
    let issued = try CertificateAuthority.shared.get().issue(["DNS:a.test"])
    let bytes = try #require(try NIOSSLCertificate.fromPEMFile(issued.certificate).first).toDERBytes()
    #expect(CertificateNames(der: bytes)?.dnsNames == ["a.test"])
    // The identifier of another extension becomes that of subjectAltName.
    let basicConstraints: [UInt8] = [0x55, 0x1D, 0x13]
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: basicConstraints) })
    var twice = bytes
    twice[place + 2] = 0x11
    #expect(CertificateNames(der: twice) == nil)
  }
}
