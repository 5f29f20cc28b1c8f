import SIPMessage
import Testing

/// ACK and CANCEL as they are made from their INVITE (RFC 3261 §17.1.1.3, §9.1).
@Suite struct HopByHopTests {
  static func invite(_ more: String = "") throws -> Message {
    try Message(
      parsing: Array(
        """
        INVITE sip:b@192.0.2.2;x=y SIP/2.0\r
        Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKb\r
        Max-Forwards: 7\r
        Route: <sip:one.test;lr>, <sip:two.test;lr>\r
        Route: <sip:three.test;lr>\r
        From: "A" <sip:a@example.test>;tag=1\r
        To: <sip:b@example.test>\r
        Call-ID: c@d\r
        CSeq: 0042 INVITE\r
        Require: 100rel\r
        Proxy-Authorization: Digest x="y"\r
        Content-Type: application/sdp\r
        \(more)Content-Length: 3\r
        \r
        v=0
        """.utf8))
  }

  static func response(to: String) throws -> Message {
    try Message(parsing: Array("SIP/2.0 486 Busy\r\n\(to)Content-Length: 0\r\n\r\n".utf8))
  }

  static func expected(_ method: String, to: String) -> String {
    """
    \(method) sip:b@192.0.2.2;x=y SIP/2.0\r
    Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKa\r
    Max-Forwards: 70\r
    Route: <sip:one.test;lr>, <sip:two.test;lr>\r
    Route: <sip:three.test;lr>\r
    From: "A" <sip:a@example.test>;tag=1\r
    To: \(to)\r
    Call-ID: c@d\r
    CSeq: 42 \(method)\r
    Content-Length: 0\r
    \r\n
    """
  }

  @Test func anACKHasTheToOfTheResponse() throws {
    let response = try Self.response(to: "t: <sip:b@example.test>\r\n ;tag=9\r\n")
    let text = String(decoding: try Self.invite().acknowledgement(of: response), as: UTF8.self)
    #expect(text.replacing(";tag=9", with: "|tag") == Self.expected("ACK", to: "<sip:b@example.test> |tag"))
  }

  /// What no header field can hold is not written again.
  @Test(arguments: ["", "To: \"\u{0}\" <sip:b@example.test>;tag=9\r\n"])
  func withoutAReadableToItIsThatOfTheRequest(to: String) throws {
    let text = String(decoding: try Self.invite().acknowledgement(of: Self.response(to: to)), as: UTF8.self)
    #expect(text == Self.expected("ACK", to: "<sip:b@example.test>"))
  }

  @Test func aCancelIsThatOfTheRequestAndAsksForNothing() throws {
    let text = String(decoding: try Self.invite().cancellation(), as: UTF8.self)
    #expect(text == Self.expected("CANCEL", to: "<sip:b@example.test>"))
  }
}
