import SIPMessage
import Testing

/// RFC 3261 §18.2.2, RFC 3581 §4: where the answer to a request goes.
@Suite struct AnsweringTests {
  /// Of a request from 198.51.100.1:40000 over UDP.
  @Test(
    arguments: [
      // rport: where it came from.
      ("192.0.2.7:5070;branch=b;rport", false, "198.51.100.1:40000"), ("192.0.2.7;rport=", false, "198.51.100.1:40000"),
      ("192.0.2.7:5070;rport=9", false, "198.51.100.1:40000"),
      // None: the port of sent-by, or the default one, at the address that it came from.
      ("192.0.2.7:5070;branch=b", false, "198.51.100.1:5070"), ("pc.test;branch=b", false, "198.51.100.1:5060"),
      ("192.0.2.7:5070;received=203.0.113.5", false, "198.51.100.1:5070"), ("192.0.2.7:0", false, "198.51.100.1:40000"),
      // maddr, and before rport: from whoever may choose.
      ("192.0.2.7:5070;maddr=203.0.113.5", true, "203.0.113.5:5070"),
      ("a.test;maddr=203.0.113.5", true, "203.0.113.5:5060"),
      ("192.0.2.7:5070;maddr=203.0.113.5;rport", true, "203.0.113.5:5070"),
      ("192.0.2.7:5070;maddr=[2001:db8::5]", true, "[2001:db8::5]:5070"),
      ("192.0.2.7:5070;maddr=203.0.113.5", false, "198.51.100.1:5070"),
      ("192.0.2.7:5070;maddr=203.0.113.5;rport", false, "198.51.100.1:40000"),
      // A group, nobody, and a name are no address.
      ("192.0.2.7:5070;maddr=224.0.1.75", true, "198.51.100.1:5070"),
      ("192.0.2.7:5070;maddr=255.255.255.255", true, "198.51.100.1:5070"),
      ("192.0.2.7:5070;maddr=0.0.0.0", true, "198.51.100.1:5070"),
      ("192.0.2.7:5070;maddr=[ff02::1]", true, "198.51.100.1:5070"),
      ("192.0.2.7:5070;maddr=[::]", true, "198.51.100.1:5070"),
      ("192.0.2.7:5070;maddr=victim.test", true, "198.51.100.1:5070"),
      ("192.0.2.7:5070;maddr=", true, "198.51.100.1:5070"),
    ] as [(String, Bool, String)])
  func overUDP(sentBy: String, trusted: Bool, expected: String) throws {
    let source = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC633_6401), port: 40_000))
    let via = try Via(tolerating: Bytes("SIP/2.0/UDP \(sentBy)"))
    let flow = Flow(target: source).answering(via, trusted: trusted)
    #expect(flow.target.endpoint.description == expected)
  }

  @Test func overAConnectionItGoesBackOverThat() throws {
    let source = Target(transport: .tcp, endpoint: Endpoint(address: .v4(0xC633_6401), port: 40_000))
    let via = try Via(tolerating: Bytes("SIP/2.0/TCP 192.0.2.7:5070;maddr=203.0.113.5"))
    #expect(Flow(target: source, connection: 7).answering(via, trusted: true) == Flow(target: source, connection: 7))
  }
}
