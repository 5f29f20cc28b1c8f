import RegistrationControl
import Testing

/// What is said of the terms on which a next hop is spoken to.
@Suite struct HopTermsTests {
  struct Case: CustomTestStringConvertible {
    var terms: String
    var change: @Sendable (inout HopTerms) -> Void
    var words: String?

    var testDescription: String { terms }
  }

  static let cases = [
    Case(terms: "none of its own", change: { _ in }, words: nil),
    Case(
      terms: "TLS", change: { $0.certificateName = "edge.test" },
      words: "its certificate must name edge.test, and this system must vouch for it"),
    Case(
      terms: "TLS with an authority", change: { ($0.certificateName, $0.authorities) = ("edge.test", "/etc/ca.pem") },
      words: "its certificate must name edge.test, and /etc/ca.pem must vouch for it"),
    Case(
      terms: "TLS with a certificate of ours",
      change: { ($0.certificateName, $0.certificate) = ("edge.test", "/etc/own.pem") },
      words: "its certificate must name edge.test, and this system must vouch for it; ours is in /etc/own.pem"),
    Case(terms: "WebSocket", change: { $0.webSocketPath = "/ws" }, words: "its WebSocket is at /ws"),
    Case(
      terms: "WebSocket over TLS", change: { ($0.certificateName, $0.webSocketPath) = ("edge.test", "/") },
      words: "its certificate must name edge.test, and this system must vouch for it; its WebSocket is at /"),
    Case(
      terms: "an address", change: { $0.localAddresses = ["192.0.2.7"] }, words: "what we send leaves from 192.0.2.7"),
    Case(
      terms: "an address of each family", change: { $0.localAddresses = ["192.0.2.7", "2001:db8::7"] },
      words: "what we send leaves from 192.0.2.7 or 2001:db8::7"),
    Case(terms: "a port", change: { $0.localPort = 5080 }, words: "what we send leaves from UDP port 5080"),
    Case(terms: "an interface", change: { $0.interface = "eth0" }, words: "what we send leaves through eth0"),
    Case(terms: "a mark", change: { $0.dscp = 46 }, words: "what we send leaves marked with DSCP 46"),
    Case(
      terms: "all of it",
      change: {
        ($0.certificateName, $0.authorities, $0.certificate) = ("edge.test", "/etc/ca.pem", "/etc/own.pem")
        ($0.webSocketPath, $0.localAddresses, $0.localPort) = ("/ws", ["192.0.2.7"], 5080)
        ($0.interface, $0.dscp) = ("eth0", 26)
      },
      words: "its certificate must name edge.test, and /etc/ca.pem must vouch for it; ours is in /etc/own.pem; "
        + "its WebSocket is at /ws; "
        + "what we send leaves from 192.0.2.7, from UDP port 5080, through eth0, marked with DSCP 26"),
  ]

  @Test(arguments: cases) func theyAreASentence(_ test: Case) {
    var terms = HopTerms(hop: "sip:edge.test")
    test.change(&terms)
    #expect(terms.sentence == test.words.map { "sip:edge.test: \($0)" })
  }
}
