import SIPMessage
import Testing

@Suite struct URITests {
  /// RFC 3261 §19.1.4, its own examples and what the text says besides.
  @Test(
    arguments: [
      ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", true),
      ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true),
      ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true),
      ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true),
      (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true
      ),
      (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true
      ),
      // Different user names.
      ("SIP:ALICE@AtlanTa.CoM;Transport=udp", "sip:alice@AtlanTa.CoM;Transport=UDP", false),
      // Can resolve to different ports.
      ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false),
      // Can resolve to different transports.
      ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false),
      // Can resolve to different port and transports.
      ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false),
      // Different header component.
      ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false),
      // Different hosts, also where a name stands for the address.
      ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false),
      ("sip:a@b", "sips:a@b", false), ("sip:a:p@b", "sip:a:q@b", false), ("sip:a:p@b", "sip:a@b", false),
      ("sip:a@b", "sip:b", false), ("sip:a@b;user=phone", "sip:a@b", false), ("sip:a@b;ttl=1", "sip:a@b", false),
      ("sip:a@b;maddr=192.0.2.1", "sip:a@b", false), ("sip:a@b;x=1", "sip:a@b;x=2", false),
      ("sip:a@b;lr", "sip:a@b;lr=on", false), ("sip:a@b;X=%41", "sip:a@b;x=a", true),
      ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0::1]", true), ("sip:a%2Fb@c", "sip:a%2fb@c", true),
      ("sip:a%2Fb@c", "sip:a/b@c", false), ("tel:+1", "TEL:+1", true), ("tel:+1", "tel:+2", false),
    ])
  func comparison(left: String, right: String, isSame: Bool) throws {
    let (left, right) = (try URI(left), try URI(right))
    #expect(left.isEquivalent(to: right) == isSame)
    #expect(right.isEquivalent(to: left) == isSame)
    #expect(left.isEquivalent(to: left))
  }

  @Test(
    arguments: [
      "", "sip", "sip:", ":a", "sip:@b", "sip:a@", "sip:a b@c", "sip:a@b c", "sip:a@b\r\nX: y", "sip:a\u{0}@b",
      "sip:a@b:", "sip:a@b:99999", "sip:a@b:5060x", "sip:%@b", "sip:%4@b", "sip:%zz@b", "sip:a@[::1", "sip:a@::1",
      "sip:a@b;", "sip:a@b;;lr", "sip:a@b;=x", "sip:a<b@c", "sip:a\"@b", "1sip:a@b", "sip:a@b@c", "sip:ä@b",
    ])
  func whatIsNoURIIsRefused(text: String) {
    #expect(throws: SyntaxError.self) { try URI(text) }
  }

  @Test func itsPartsAreFound() throws {
    let uri = try URI("sips:alice:secret@[2001:db8::1]:5061;transport=tcp;lr?Subject=x&Priority=y")
    #expect(uri.scheme == .sips)
    #expect(uri.user?.text == "alice")
    #expect(uri.password?.text == "secret")
    #expect(uri.host?.description == "[2001:db8::1]")
    #expect(uri.port == 5061)
    #expect(uri.transport == .tcp)
    #expect(uri.isLooseRouter)
    #expect(uri.headers?.text == "Subject=x&Priority=y")
    #expect(uri.description == "sips:alice:secret@[2001:db8::1]:5061;transport=tcp;lr?Subject=x&Priority=y")
  }

  @Test(arguments: [
    ("alice", "alice"), ("a b", "a%20b"), ("ä", "%C3%A4"), ("a@b:c", "a%40b%3Ac"), ("x\r\ny", "x%0D%0Ay"),
  ])
  func usersAreEscapedAndBack(user: String, escaped: String) throws {
    #expect(URI.escapingUser(user) == escaped)
    let uri = try URI.sip(user: user, host: .name("b"))
    #expect(String(decoding: URI.unescaping(try #require(uri.user)), as: UTF8.self) == user)
  }

  @Test func escapesAreUndoneOnce() {
    #expect(URI.unescaping(Bytes("%2541")) == Array("%41".utf8))
    #expect(URI.unescaping(Bytes("%00%4")) == [0] + Array("%4".utf8))
  }

  @Test func aParameterCannotLeaveTheURI() {
    #expect(throws: SyntaxError.self) { try URI.sip(host: .name("b"), parameters: [("x", "1\r\nEvil: 2")]) }
    #expect(throws: SyntaxError.self) { try URI.sip(host: .name("b"), parameters: [("x>", nil)]) }
  }
}
