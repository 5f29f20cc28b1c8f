import SIPMessage
import Testing

@Suite struct ViaTests {
  static let source = Endpoint(address: .v4(0xC633_6401), port: 40_000)

  /// RFC 3261 §18.2.1 and RFC 3581 §4: what a server notes.
  @Test(
    arguments: [
      ("SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK1", "SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK1"),
      ("SIP/2.0/UDP pc.test;branch=z9hG4bK1", "SIP/2.0/UDP pc.test;branch=z9hG4bK1;received=198.51.100.1"),
      ("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1", "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=198.51.100.1"),
      (
        "SIP/2.0/UDP 198.51.100.1;rport;branch=z9hG4bK1",
        "SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK1;received=198.51.100.1;rport=40000"
      ),
      // What a client claims about itself does not stay.
      (
        "SIP/2.0/UDP pc.test;received=203.0.113.9;rport=1;branch=z9hG4bK1",
        "SIP/2.0/UDP pc.test;branch=z9hG4bK1;received=198.51.100.1;rport=40000"
      ),
    ])
  func noting(text: String, expected: String) throws {
    let via = try Via(parsing: Bytes(text))
    #expect(String(decoding: via.noting(source: Self.source), as: UTF8.self) == expected)
    #expect(try Via(parsing: via.noting(source: Self.source)[...]).branch?.text == "z9hG4bK1")
  }

  @Test func spacesAreAllowedWhereTheGrammarHasThem() throws {
    let via = try Via(parsing: Bytes("SIP / 2.0 / UDP  first.example.com : 4000 ; ttl = 16 ;branch=z9hG4bKa"))
    #expect(via.host == .name("first.example.com"))
    #expect(via.port == 4000)
    #expect(via.transport == .udp)
    #expect(via.branch?.text == "z9hG4bKa")
  }

  /// A server with one socket for both families sees an IPv4 address in IPv6.
  @Test(arguments: ["192.0.2.9", "::ffff:192.0.2.9", "[::ffff:192.0.2.9]", "::FFFF:c000:209"])
  func anAddressThatIsMappedIsTheOneOfIPv4(received: String) throws {
    let via = try Via(parsing: Bytes("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=\(received)"))
    #expect(via.received == .v4(0xC000_0209))
  }

  /// Up to sent-by a Via is a Via; what stands behind it is found as far as it goes.
  @Test(
    arguments: [
      ";branch=b;", ";;branch=b", ";rport=;branch=b", ";=;branch=b", ";x==;branch=b", ";g\u{E4}=\u{FC};branch=b",
      ";branch=b;x=\"open", " junk;branch=b", ";branch=b;x==\"",
    ])
  func whateverTheParametersAreTheBranchIsFound(parameters: String) throws {
    let value = Bytes("SIP/2.0/UDP 192.0.2.1:5070\(parameters)")
    #expect(throws: SyntaxError.self) { try Via(parsing: value) }
    let via = try Via(tolerating: value)
    #expect(via.host == Host("192.0.2.1") && via.port == 5070 && via.branch?.text == "b")
  }

  @Test(arguments: ["", "SIP/2.0/UDP", "SIP/2.0/UDP ;branch=b", "SIP/2.0 a", "SIP/2.0/UDP a:99999", "SIP/2.0/UDP [::1"])
  func withoutSentByItIsNoViaToAnybody(text: String) {
    #expect(throws: SyntaxError.self) { try Via(tolerating: Bytes(text)) }
  }

  @Test(
    arguments: [
      "", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0 a", "SIP/2.0/UDP a:99999", "SIP/2.0/UDP [::1", "SIP/2.0/UDP a;=x",
      "SIP/2.0/UDP a b", "SIP/2.0/UDP a;x=\"", "/2.0/UDP a",
    ])
  func whatIsNoViaIsRefused(text: String) {
    #expect(throws: SyntaxError.self) { try Via(parsing: Bytes(text)) }
  }
}
