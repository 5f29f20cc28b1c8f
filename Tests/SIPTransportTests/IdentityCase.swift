import SIPMessage
import Testing

@testable import SIPTransport

/// A row of the table of RFC 5922 §7.1 and §7.2: whom somebody expects, and what a certificate names.
struct IdentityCase: Sendable, CustomTestStringConvertible {
  var expected: String
  /// Of subjectAltName, as `openssl` writes them.
  var names: [String]
  var commonName: String?
  var evidence: IdentityEvidence?
  /// What stands behind the names in the words of a refusal.
  var remark = ""

  var host: Host { IPAddress(expected).map(Host.address) ?? Host(expected)! }
  var testDescription: String { "\(expected) of \(names) \(commonName ?? "")" }

  init(
    _ expected: String, _ names: [String], commonName: String? = nil, is evidence: IdentityEvidence?,
    _ remark: String = ""
  ) {
    (self.expected, self.names, self.commonName, self.evidence) = (expected, names, commonName, evidence)
    self.remark = remark
  }

  static let wildcard = "; a wildcard does not count, RFC 5922"
  static let besideURI = "; a DNS name does not count beside the domain of a sip URI, RFC 5922"
  static let besideNames = "; the common name does not count beside other names, RFC 5922"

  static let table = [
    // §7.1: the domain of a sip URI.
    IdentityCase("a.test", ["URI:sip:a.test"], is: .sipURI),
    IdentityCase("a.test", ["URI:SIP:A.Test"], is: .sipURI),
    IdentityCase("a.test", ["URI:sip:b.test", "URI:sip:a.test"], is: .sipURI),
    IdentityCase("a.test", ["URI:sip:a.test:5061"], is: .sipURI),
    IdentityCase("a.test", ["URI:sip:a.test;transport=tls"], is: .sipURI),
    IdentityCase("a.test", ["URI:sip:b.test"], is: nil),
    // The URI of a user is nobody's domain, and one of another scheme is none.
    IdentityCase("a.test", ["URI:sip:alice@a.test"], is: nil),
    IdentityCase("a.test", ["URI:sips:a.test"], is: nil),
    IdentityCase("a.test", ["URI:https://a.test"], is: nil),
    IdentityCase("a.test", ["URI:sip:evil.test;a.test"], is: nil),
    IdentityCase("a.test", ["URI:sip:evil.test?a.test"], is: nil),
    IdentityCase("a.test", ["URI:sip:a.test.evil.test"], is: nil),
    // A DNS name counts when there is no sip URI of a domain.
    IdentityCase("a.test", ["DNS:a.test"], is: .dnsName),
    IdentityCase("a.test", ["DNS:A.TEST"], is: .dnsName),
    IdentityCase("a.test", ["DNS:edge.b.test", "DNS:a.test"], is: .dnsName),
    IdentityCase("a.test", ["URI:sip:alice@a.test", "DNS:a.test"], is: .dnsName),
    IdentityCase("a.test", ["URI:https://a.test", "DNS:a.test"], is: .dnsName),
    IdentityCase("a.test", ["URI:sips:a.test", "DNS:a.test"], is: .dnsName),
    IdentityCase("a.test", ["URI:sip:b.test", "DNS:a.test"], is: nil, besideURI),
    IdentityCase("a.test", ["DNS:edge1.a.test"], is: nil),
    IdentityCase("a.test", ["DNS:test"], is: nil),
    IdentityCase("xn--bcher-kva.test", ["DNS:xn--bcher-kva.test"], is: .dnsName),
    IdentityCase("_sip.a.test", ["DNS:_sip.a.test"], is: .dnsName),
    // §7.2: no wildcard.
    IdentityCase("sip.a.test", ["DNS:*.a.test"], is: nil, wildcard),
    IdentityCase("sip.a.test", ["DNS:*.a.test", "DNS:sip.a.test"], is: .dnsName),
    IdentityCase("sip.a.test", ["URI:sip:*.a.test"], is: nil),
    IdentityCase("sip.a.test", ["DNS:.a.test"], is: nil),
    // The common name, where there is no other list at all.
    IdentityCase("a.test", [], commonName: "a.test", is: .commonName),
    IdentityCase("a.test", [], commonName: "A.test", is: .commonName),
    IdentityCase("a.test", [], commonName: "b.test", is: nil),
    IdentityCase("a.test", [], commonName: "*.test", is: nil),
    IdentityCase("a.test", [], is: nil),
    IdentityCase("a.test", ["DNS:b.test"], commonName: "a.test", is: nil, besideNames),
    IdentityCase("a.test", ["email:alice@a.test"], commonName: "a.test", is: nil, besideNames),
    // An address is one only as an address.
    IdentityCase("127.0.0.1", ["IP:127.0.0.1"], is: .address),
    IdentityCase("127.0.0.1", ["IP:127.0.0.2"], is: nil),
    IdentityCase("127.0.0.1", ["DNS:127.0.0.1"], is: nil),
    IdentityCase("127.0.0.1", ["URI:sip:127.0.0.1"], is: nil),
    IdentityCase("127.0.0.1", [], commonName: "127.0.0.1", is: nil),
    IdentityCase("::1", ["IP:::1"], is: .address),
    IdentityCase("a.test", ["IP:127.0.0.1"], is: nil),
  ]
}
