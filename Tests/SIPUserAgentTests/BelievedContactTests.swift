import SIPMessage
import SIPUserAgent
import Testing

/// A 2xx whose Contact is not ours, and what else is odd about a registration that goes on.
@Suite struct BelievedContactTests {
  static let alien = "<sip:gw77@198.51.100.7:5070>;expires=60"

  @Test func oneContactThatIsNotOursIsARegistrationWithAWarning() throws {
    var bench = try Bench.registering { $0.expires = 300 }
    try bench.respond(200, [(.contact, Self.alien)])
    bench.store()
    #expect(bench.state == .registered)
    #expect(bench.status?.binding?.granted == .seconds(60))
    #expect(bench.status?.notices == [.anotherContact(Self.alien)])
    #expect(bench.reports.contains(.noticed(.anotherContact(Self.alien))))
    // Said once, and shown as long as it is so.
    bench.reports = []
    bench.advance(try #require(bench.status?.next) - bench.now)
    bench.locate()
    try bench.respond(200, [(.contact, Self.alien)])
    #expect(bench.state == .registered)
    #expect(bench.status?.notices.count == 1)
    #expect(!bench.reports.contains(.noticed(.anotherContact(Self.alien))))
    bench.advance(try #require(bench.status?.next) - bench.now)
    bench.locate()
    try bench.respond(200)
    #expect(bench.status?.notices == [])
  }

  @Test func itIsRemovedAtAStop() throws {
    var bench = try Bench.registering()
    try bench.respond(200, [(.expires, "60")])
    bench.store()
    #expect(bench.status?.notices == [.noContact])
    bench.handle(.stop(Bench.id))
    bench.locate()
    let last = try bench.lastRequest()
    #expect(last.expires?.value == 0)
    #expect(last.first(.contact)?.text.hasPrefix("<sip:alice@192.0.2.1:5060;line=") == true)
  }

  @Test func strictlyItIsNone() throws {
    for fields in [[(HeaderName.contact, Self.alien)], [(.expires, "60")]] {
      var bench = try Bench.registering { $0.contact.matching = .strict }
      try bench.respond(200, fields)
      #expect(bench.state == .waiting)
      #expect(bench.status?.lastFailure == .notBound)
    }
  }

  @Test func noControlCharacterAndNoEndlessContactIsShown() throws {
    var bench = try Bench.registering()
    let uri = "<sip:gw@198.51.100.7;x=\u{9B}31m" + String(repeating: "y", count: 5_000) + ">"
    try bench.respond(200, [(.contact, uri)])
    guard case .anotherContact(let text)? = bench.status?.notices.first else {
      Issue.record("\(String(describing: bench.status?.notices))")
      return
    }
    #expect(text.unicodeScalars.count == 200)
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
  }

  /// The registrar would take the removal of the one for that of the other.
  @Test func aContactThatOnlyGotAMarkDoesNotRemoveItself() throws {
    var bench = try Bench.registered()
    var record = try #require(bench.record)
    record.binding?.contact = Array("sip:alice@192.0.2.1:5060".utf8)
    bench = try Bench()
    bench.start(record)
    try DoubtedCredentialsTests.refresh(&bench)
    let contacts = try bench.lastRequest().values(.contact)
    #expect(contacts.count == 1)
    #expect(contacts.first?.text.contains(";line=") == true)
  }

  @Test(arguments: [(16, 60, 16), (17, 10, 0), (3, 700, 0)])
  func aServiceRouteHasALength(count: Int, length: Int, kept: Int) throws {
    var bench = try Bench.registering()
    let routes = (0..<count).map { index in
      "<sip:r\(index).test;lr;x=" + String(repeating: "x", count: length) + ">"
    }
    let contact = try #require(bench.lastRequest().first(.contact)).text
    try bench.respond(200, [(.contact, contact), (.serviceRoute, routes.joined(separator: ", "))])
    #expect(bench.status?.binding?.serviceRoute.count == kept)
    #expect(bench.status?.notices == (kept == 0 ? [.longServiceRoute] : []))
  }

  /// What NATs and liars say of where we are (RFC 3581).
  @Test(
    arguments: [
      ("received=198.51.100.7;rport=40112", "198.51.100.7:40112"), ("received=198.51.100.7", "198.51.100.7:5060"),
      ("rport=40112", "192.0.2.1:40112"), ("received=198.51.100.7;rport=0", "198.51.100.7:5060"),
      ("received=198.51.100.7;rport=99999", "198.51.100.7:5060"), ("received=0.0.0.0;rport=40112", nil),
      ("received=0.1.2.3", nil), ("received=255.255.255.255", nil), ("received=224.0.0.1", nil),
      ("received=240.0.0.1", nil), ("received=127.0.0.1", nil), ("received=127.9.9.9", nil),
      ("received=169.254.1.1", nil), ("received=::", nil), ("received=::1", nil), ("received=ff02::1", nil),
      ("received=fe80::1", nil), ("received=::ffff:127.0.0.1", nil), ("received=::ffff:0.0.0.0", nil),
      ("received=[2001:db8::7]", "[2001:db8::7]:5060"), ("received=x;rport=7", nil),
      ("received=192.0.2.1;rport=5060", nil),
    ] as [(String, String?)])
  func onlyWhatAContactCanBeIsFollowed(said: String, contact: String?) throws {
    var bench = try Bench.registering { $0.contact.followsNAT = true }
    let request = try bench.lastRequest()
    let answer = request.response(
      status: 200, reason: "OK", toTag: "t", receivedFrom: Bench.local,
      adding: [(.contact, Array(try #require(request.first(.contact))))])
    let told = String(decoding: answer, as: UTF8.self).replacing(";received=192.0.2.1;rport=5060", with: ";\(said)")
    try bench.receive(Array(told.utf8))
    #expect(bench.state == .registered)
    bench.advance(.seconds(10))
    bench.store()
    bench.locate()
    let uri = try #require(try bench.lastRequest().values(.contact).first?.text)
    #expect(uri.hasPrefix("<sip:alice@\(contact ?? "192.0.2.1:5060");"), "\(uri)")
  }
}
