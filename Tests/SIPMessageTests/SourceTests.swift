import SIPMessage
import Testing

/// Where a response says that its request came from (RFC 3581 §4).
@Suite struct SourceTests {
  @Test(
    arguments: [
      ("192.0.2.1:5060;branch=z9hG4bK1", nil),
      ("192.0.2.1:5060;rport;branch=z9hG4bK1", nil),
      ("192.0.2.1:5060;rport=5060;branch=z9hG4bK1;received=192.0.2.1", nil),
      ("192.0.2.1;rport=5060;branch=z9hG4bK1;received=192.0.2.1", nil),
      ("192.0.2.1:5060;Received=192.0.2.1;branch=z9hG4bK1", nil),
      ("[2001:db8::1]:5060;rport=5060;branch=z9hG4bK1;received=2001:db8::1", nil),
      ("[2001:db8::1]:5060;branch=z9hG4bK1;received=[2001:db8::1]", nil),
      ("192.0.2.1:5060;rport=40000;branch=z9hG4bK1;received=203.0.113.5", "203.0.113.5:40000"),
      ("192.0.2.1:5060;branch=z9hG4bK1;received=203.0.113.5", "203.0.113.5:5060"),
      ("192.0.2.1:5060;branch=z9hG4bK1;rport=40000", "192.0.2.1:40000"),
      // Not the end of the host that was sent.
      ("192.0.2.11:5060;branch=z9hG4bK1;received=2.0.2.11", "2.0.2.11:5060"),
      ("192.0.2.1:5060;branch=z9hG4bK1;received=2.1", nil),
      ("192.0.2.1:15060;branch=z9hG4bK1;rport=5060", "192.0.2.1:5060"),
      ("192.0.2.1 : 5060 ;branch=z9hG4bK1 ; rport = 40000", "192.0.2.1:40000"),
      ("[2001:db8::1]:5060;branch=z9hG4bK1;received=2001:db8::2", "[2001:db8::2]:5060"),
      // What no address can be teaches nothing.
      ("192.0.2.1:5060;rport=0;branch=z9hG4bK1;received=203.0.113.5", nil),
      ("192.0.2.1:5060;branch=z9hG4bK1;received=0.0.0.0", nil),
      ("192.0.2.1:5060;branch=z9hG4bK1;received=nat.test;rport=x", nil),
      ("pc.test:5060;branch=z9hG4bK1;received=203.0.113.5", nil),
    ] as [(String, String?)])
  func sources(via: String, source: String?) throws {
    let response = try Message(
      parsing: Array(
        ("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP \(via)\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\n"
          + "CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n").utf8), as: .datagram)
    #expect(response.rewrittenSource?.description == source)
  }
}
