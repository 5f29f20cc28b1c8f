import SIPMessage
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

  static func grant(
    _ fields: [String], asked: UInt32 = 3600, _ matching: ContactMatching = .tolerant,
    _ change: (inout ContactSettings) -> Void = { _ in }
  ) throws -> OwnContact.Grant? {
    let lines = fields.map { $0 + "\r\n" }.joined()
    let response = try Message(parsing: Array("SIP/2.0 200 OK\r\n\(lines)\r\n".utf8))
    return try contact(change).grant(by: response, asked: asked, matching: matching)
  }

  static func granted(_ fields: [String], asked: UInt32 = 3600) throws -> UInt32? {
    try grant(fields, asked: asked).flatMap { $0.listed == .ours ? $0.seconds : nil }
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
    #expect(try settings.uri.description == "sip:sales%20desk@pbx.test;line=abc123;transport=tls")
    let port = try Self.contact {
      $0.host = .name("pbx.test")
      $0.port = 5090
    }
    #expect(try port.uri.description == "sip:alice@pbx.test:5090;line=abc123")
    // One mark is enough.
    let marked = try Self.contact { $0.parameters = ";x=1;LINE=7" }
    #expect(try marked.uri.description == "sip:alice@192.0.2.1:5060;x=1;LINE=7")
  }

  /// RFC 7118 §5: nobody comes to a WebSocket by an address.
  @Test(arguments: [TransportProtocol.ws, .wss]) func overAWebSocketItIsNowhere(_ transport: TransportProtocol) throws {
    #expect(
      try Self.contact(transport: transport).uri.description == "sip:alice@abc123.invalid;transport=ws;line=abc123")
    let configured = try Self.contact(transport: transport) { $0.host = .name("pbx.test") }
    #expect(try configured.uri.description == "sip:alice@pbx.test;line=abc123")
  }

  @Test func aRegistrarThatAsksForTLSOnEveryHopGetsAContactThatDoes() throws {
    func contact(_ registrar: String, _ transport: TransportProtocol) throws -> String {
      let account = try Bench.account { $0.registrar = try URI(registrar) }
      let contact = try OwnContact(
        account: account, transport: transport, local: Self.local, mark: Array("abc123".utf8))
      return try contact.uri.description
    }
    #expect(try contact("sips:example.test", .tls) == "sips:alice@192.0.2.1:5060;line=abc123")
    #expect(try contact("sip:example.test", .tls) == "sip:alice@192.0.2.1:5060;transport=tls;line=abc123")
    #expect(try contact("sips:example.test", .wss).hasPrefix("sips:alice@"))
    #expect(try contact("sips:example.test", .wss).contains(";transport=ws;"))
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
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=4294967295"], .max),
      // What can not be read, or does not fit (§20.19), is not said: it is never the longest.
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=1099511627776"], 3600),
      (["Expires: 90", "Contact: <sip:alice@192.0.2.1:5060>;expires=1099511627776"], 90),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=soon"], 3600),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=-1"], 3600),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires="], 3600),
      (["Expires: 1099511627776", "Contact: <sip:alice@192.0.2.1:5060>"], 3600),
      (["Expires: soon", "Expires: 90", "Contact: <sip:alice@192.0.2.1:5060>"], 90),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=12.5"], 12),
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=0.5"], 3600),
      (["Expires: 9", "Contact: <sip:alice@192.0.2.1:5060>;expires=12.5"], 9),
      (["Expires: 12.5", "Contact: <sip:alice@192.0.2.1:5060>"], 12),
      // In quotes, inside the brackets, in both places.
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=\"60\""], 60),
      (["Contact: <sip:alice@192.0.2.1:5060;expires=60>"], 60),
      (["Contact: <sip:alice@192.0.2.1:5060;line=abc123;expires=60>;expires=30"], 30),
      (["Expires: 90", "Contact: <sip:alice@192.0.2.1:5060;expires=60>"], 60),
      (["Contact: <sip:ALICE@192.0.2.1:5060>;expires=60"], nil),
      // Removed, or of an older Call-ID, and alive.
      (["Contact: <sip:alice@192.0.2.1:5060>;expires=0, <sip:alice@192.0.2.1:5060>;expires=60"], 60),
      (["Contact: <sip:alice@192.0.2.1:5060;line=abc123>;expires=0", "m: <sip:alice@192.0.2.1:5060>;expires=60"], 60),
    ] as [([String], UInt32?)])
  func whatIsGranted(fields: [String], expected: UInt32?) throws {
    #expect(try Self.granted(fields) == expected)
  }

  /// RFC 3261 §20.10, §20.19: it counts as an hour at most, and as what its digits say where that is less.
  @Test(
    arguments: [
      ("60s", 60), ("'60'", 60), ("60 (c)", 60), ("60 seconds", 60), ("7200s", 3600), ("", 3600), ("-1", 3600),
      ("abc", 3600), ("6O", 6), ("99999999999999999999999", 3600), ("0.5", 3600), ("0x3C", 3600), ("0 (c)", nil),
      ("\"60s\"", 60),
    ] as [(String, UInt32?)])
  func whatCanNotBeReadIsNeverTakenForTheLongest(written: String, expected: UInt32?) throws {
    let own = "<sip:alice@192.0.2.1:5060;line=abc123>"
    #expect(try Self.granted(["Contact: \(own);expires=\(written)"], asked: 86_400) == expected)
    #expect(try Self.granted(["Contact: \(own)", "Expires: \(written)"], asked: 86_400) == expected)
    #expect(try Self.granted(["Contact: \(own)", "Expires: \(written);x=1"], asked: 86_400) == expected)
    let least = expected.map { min($0, 5) }
    #expect(try Self.granted(["Contact: \(own);expires=\(written)", "Expires: 5"], asked: 86_400) == least)
  }

  @Test func anExpiresWithoutAValueIsMalformed() throws {
    let own = "<sip:alice@192.0.2.1:5060;line=abc123>"
    #expect(try Self.granted(["Contact: \(own);expires"], asked: 86_400) == 3600)
    #expect(try Self.granted(["Contact: \(own)"], asked: 86_400) == 86_400)
  }

  /// Ours, whatever was done to it and to those beside it, for 60 s each.
  @Test(
    arguments: [
      // What goes without saying, added.
      "<sip:alice@192.0.2.1:5060;transport=udp>;expires=60", "<sip:alice@192.0.2.1:5060;transport=UDP;ob>;expires=60",
      // The mark, wherever it stands, in a URI that may be none.
      "<sip:alice@203.0.113.7:1;line=abc123;ob>;expires=60", "<sip:alice@203.0.113.7:1>;line=abc123;expires=60",
      "sip:alice@203.0.113.7:1;line=abc123;expires=60", "<SIP:ALICE@203.0.113.7:1;LINE=ABC123>;expires=60",
      "<sip:alice@203.0.113.7:1;thinfo=\"a==\";line=abc123>;expires=60",
      "<sip:alice@192.0.2.1:5060;thinfo=\"a,b\">;expires=60", "<sip:alice@192.0.2.1:5060;line=abc123;>;expires=60",
      "<sip:al ice@192.0.2.1:5060;line=abc123>;expires=60",
      // Parameters and neighbours that are none.
      "<sip:alice@192.0.2.1:5060>;flow=dG9r==;expires=60", "<sip:alice@192.0.2.1:5060>;expires=60;",
      "<sip:alice@192.0.2.1:5060>;;expires=60", "<sip:alice@192.0.2.1:5060> ; expires = 60 ; =",
      "<sip:alice@192.0.2.1:5060;line=abc123;expires=60", ", ,<sip:alice@192.0.2.1:5060>;expires=60,",
      ": <sip:alice@192.0.2.1:5060>;expires=60", "\u{C1}lic\u{E9} <sip:alice@192.0.2.1:5060>;expires=60",
      "\"a > b\" <sip:alice@192.0.2.1:5060>;expires=60", "\"alice <sip:alice@192.0.2.1:5060>;expires=60",
      "<sip:x@192.0.2.9;expires=5, <sip:alice@192.0.2.1:5060>;expires=60",
      "\"x <sip:x@192.0.2.9>;expires=5, <sip:alice@192.0.2.1:5060>;expires=60",
      "<sip:x@192.0.2.9;a=\"b==\">;expires=5, <sip:alice@192.0.2.1:5060>;expires=60, Date: x, y",
      "<sip:alice@192.0.2.1:5060>;methods=INVITE, ACK,BYE;expires=60, <sip:x@192.0.2.9>",
      "<sip:alice@192.0.2.1:5060>;expires=60, x;expires=5", "<sip:alice@192.0.2.1:5060>;expires=60,Date:Mon, 02 Mar",
      "<sip:a#1@192.0.2.9>;expires=5, *, <tel:+1>, <sip:alice@192.0.2.1:5060>;expires=60",
    ])
  func oursIsFoundHoweverOdd(list: String) throws {
    #expect(try Self.grant(["Expires: 90", "Contact: \(list)"]) == OwnContact.Grant(seconds: 60, listed: .ours))
  }

  @Test(
    arguments: [
      "<sip:alice@pbx.test>", "<sip:alice@pbx.test:5060>", "<sip:alice@PBX.test;transport=udp>",
      "<sip:%61lice@pbx.test:5060>", "<sip:alice@198.51.100.7:9;line=abc123>",
    ])
  func whatAnotherHostIsRegisteredForIsFoundAsWell(uri: String) throws {
    for port: UInt16? in [nil, 5060] {
      let grant = try Self.grant(["Contact: <sip:x@192.0.2.9>, \(uri);expires=60"]) {
        $0.host = .name("pbx.test")
        $0.port = port
      }
      #expect(grant == OwnContact.Grant(seconds: 60, listed: .ours))
    }
  }

  /// With another port or transport it is somebody else's.
  @Test(arguments: ["<sip:alice@pbx.test:5061>", "<sip:alice@pbx.test;transport=tcp>", "<sips:alice@pbx.test>"])
  func whatIsReachedOtherwiseIsNotOurs(uri: String) throws {
    let grant = try Self.grant(["Contact: <sip:x@192.0.2.9>, \(uri);expires=60"]) { $0.host = .name("pbx.test") }
    #expect(grant == nil)
  }

  static let alien = "<sip:gw77@198.51.100.7:5070>"

  /// No Contact, or one that is not ours; strictly, that is no registration.
  @Test(
    arguments: [
      ([], 600, "none"), (["Expires: 60"], 60, "none"), (["Expires: 9000"], 600, "none"), (["Expires: 0"], nil, ""),
      (["Contact: "], 600, "none"), (["Contact: *", "Expires: 60"], 60, "none"),
      (["Contact: \(alien);expires=60"], 60, alien), (["Contact: \(alien)", "Expires: 70"], 70, alien),
      (["Contact: \(alien);expires=9000"], 600, alien), (["Contact: \(alien);expires=x"], 600, alien),
      (["Contact: \(alien);expires=0", "Expires: 60"], nil, ""), (["Contact: *, \(alien),"], 600, alien),
      (["Contact: <no uri at all>;expires=60"], 60, "<no uri at all>"),
      (["Contact: \(alien), <sip:x@192.0.2.9>"], nil, ""), (["Contact: \(alien)", "m: <sip:x@192.0.2.9>"], nil, ""),
    ] as [([String], UInt32?, String)])
  func whatIsBelieved(fields: [String], seconds: UInt32?, listed: String) throws {
    let grant = try Self.grant(fields, asked: 600)
    #expect(grant?.seconds == seconds)
    switch grant?.listed {
    case .another(let text)?: #expect(text.text.hasPrefix(listed))
    case OwnContact.Listing.none?: #expect(listed == "none")
    case .ours?: Issue.record("ours")
    case nil: #expect(seconds == nil)
    }
    #expect(try Self.grant(fields, asked: 600, .strict) == nil)
  }

  @Test(arguments: ["\"", "\"\\", "<", "<a>", "<a,", "a,", "a;b=,", "<\"", "\"<"])
  func aHostileListIsReadInNoTime(text: String) throws {
    let fields = ["Contact: " + String(repeating: text, count: 60_000 / text.utf8.count)]
    let took = try ContinuousClock().measure { _ = try Self.grant(fields) }
    // What looks again and again takes minutes.
    #expect(took < .seconds(20))
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
