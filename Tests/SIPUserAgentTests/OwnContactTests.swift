import SIPMessage
import SIPTransaction
import SIPUserAgent
import Testing

@Suite struct OwnContactTests {
  static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)

  static func contact(
    transport: TransportProtocol = .udp, _ change: (inout ContactSettings) -> Void = { _ in }
  ) throws -> OwnContact {
    try OwnContact(
      account: try Bench.account { change(&$0.contact) }, transport: transport, local: local, mark: Array("abc123".utf8)
    )
  }

  static func granted(_ fields: [String], asked: UInt32 = 3600) throws -> UInt32? {
    let lines = fields.map { $0 + "\r\n" }.joined()
    let response = try Message(parsing: Array("SIP/2.0 200 OK\r\n\(lines)\r\n".utf8))
    return try contact().granted(by: response, asked: asked)
  }

  @Test func itIsTheLocalAddressOrWhatIsConfigured() throws {
    #expect(try Self.contact().uri.description == "sip:alice@192.0.2.1:5060;line=abc123")
    #expect(
      try Self.contact(transport: .tcp).uri.description == "sip:alice@192.0.2.1:5060;transport=tcp;line=abc123")
    let settings = try Self.contact {
      $0.user = "sales desk"
      $0.host = .name("pbx.test")
      $0.parameters = ";transport=tls"
    }
    #expect(try settings.uri.description == "sip:sales%20desk@pbx.test;transport=tls")
    let port = try Self.contact {
      $0.host = .name("pbx.test")
      $0.port = 5090
    }
    #expect(try port.uri.description == "sip:alice@pbx.test:5090")
  }

  @Test(arguments: [";x=\r\nEvil: 1", " ", ">", ";x=\u{0}"]) func noConfiguredParameterLeavesTheURI(text: String) {
    #expect(throws: SyntaxError.self) { try Self.contact { $0.parameters = text } }
  }

  @Test(arguments: ["a b", "a>", "\r\n"]) func noMarkLeavesTheURI(text: String) {
    #expect(throws: SyntaxError.self) {
      try OwnContact(account: try Bench.account(), transport: .udp, local: Self.local, mark: Array(text.utf8))
    }
  }

  @Test(
    arguments: [
      (["Contact: <sip:alice@192.0.2.1:5060;line=abc123>;expires=60"], 60),
      // §19.1.4: escapes, case of the host, and a parameter that only one side has.
      (["Contact: <sip:%61lice@192.0.2.1:5060>;expires=60"], 60),
      // Without its own expires, the header field; without that, what was asked.
      (["Expires: 90", "Contact: <sip:alice@192.0.2.1:5060>"], 90),
      (["Contact: <sip:alice@192.0.2.1:5060>"], 3600),
      // Its own goes before the header field.
      (["Expires: 90", "Contact: <sip:alice@192.0.2.1:5060>;expires=60"], 60),
      // Another one's does not count.
      (["Contact: <sip:other@192.0.2.9>;expires=7, <sip:alice@192.0.2.1:5060>;expires=60"], 60),
      (["Contact: <sip:other@192.0.2.9>;expires=7"], nil),
      // … and is not read where it can not be.
      (["Contact: <not a uri>", "Contact: <sip:alice@192.0.2.1:5060>;expires=60"], 60),
      ([], nil),
      (["Contact: *"], nil),
      // A NAT has rewritten the address: the mark is still there.
      (["Contact: <sip:alice@203.0.113.7:40112;line=abc123>;expires=60"], 60),
      (["Contact: <sip:alice@203.0.113.7:40112;line=abc124>;expires=60"], nil),
      // Rewritten twice, the former one not over yet.
      (
        [
          "Contact: <sip:alice@203.0.113.7:1;line=abc123>;expires=3",
          "Contact: <sip:alice@203.0.113.7:2;line=abc123>;expires=60",
        ], 60
      ),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=0"], nil),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=1"], 1),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=1099511627776"], .max),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=soon"], 3600),
      (["Contact: <sip:ALICE@192.0.2.1:5060>;expires=60"], nil),
    ] as [([String], UInt32?)])
  func whatIsGranted(fields: [String], expected: UInt32?) throws {
    #expect(try Self.granted(fields) == expected)
  }

  /// What comes behind another one's is read in full.
  @Test(
    arguments: [
      "<sip:alice@192.0.2.1:5060;line=abc123>;expires=60", "<sip:alice@192.0.2.1:5060;line=abc123>",
      "<sip:alice@192.0.2.1:5060;line=abc123>;q=0.5;expires=7;+sip.instance=\"<urn:uuid:x>\"",
      "<sip:alice@192.0.2.1:5060;line=abc123>;expires=60, <sip:alice@192.0.2.1>;expires=90",
      "<sip:alice@192.0.2.1:5060;line=abc123>;EXPIRES=60;expires=90",
    ])
  func aContactInWhichOneByteIsAnotherIsGrantedTheSameInEveryPlace(value: String) throws {
    for index in 0...value.utf8.count {
      for byte in "0aA ;,=\"<>:@%\\\t\0".utf8 {
        for isReplaced in [false, true] where index < value.utf8.count || !isReplaced {
          var changed = Array(value.utf8)
          changed.replaceSubrange(index..<(isReplaced ? index + 1 : index), with: [byte])
          let line = "Contact: \(String(decoding: changed, as: UTF8.self))"
          let expected = try Self.granted(["Expires: 90", "Contact: <sip:other@192.0.2.9>;expires=5", line])
          #expect(try Self.granted(["Expires: 90", line]) == expected, "\(line)")
        }
      }
    }
  }
}
