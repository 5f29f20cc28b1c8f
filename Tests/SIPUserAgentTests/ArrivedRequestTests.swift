import SIPMessage
import Testing

@testable import SIPUserAgent

/// What becomes of requests of others beside their answer: who they are for, where it goes, what is told of them.
@Suite struct ArrivedRequestTests {
  static let stranger = Endpoint(address: .v4(0xCB00_7105), port: 40_000)

  /// A request, its lines changed.
  static func request(
    _ method: String = "OPTIONS", uri: String = "sip:alice@192.0.2.1", changing: [(String, String)] = [],
    adding fields: String = "", body: String = ""
  ) -> [UInt8] {
    var text = String(decoding: UserAgentServerTests.request(method, uri: uri, fields: fields), as: UTF8.self)
    for (old, new) in changing { text = text.replacing(old, with: new) }
    return Array((text.replacing("Content-Length: 0", with: "Content-Length: \(body.utf8.count)") + body).utf8)
  }

  static func status(_ bench: inout Bench, _ bytes: [UInt8], from source: Endpoint? = nil) throws -> Int? {
    (bench.sent, bench.destinations) = ([], [])
    try bench.receive(bytes, from: source)
    return try bench.sent.last.map { try Message(parsing: $0) }?.status
  }

  /// What an answer does not need is ignored or repeated (§8.2.2, §8.2.6).
  @Test(
    arguments: [
      ("Max-Forwards: 70", "Max-Forwards: 70\r\nMax-Forwards: 70"), ("Max-Forwards: 70", "Max-Forwards: 0"),
      ("Max-Forwards: 70\r\n", ""), ("Max-Forwards", "no field\r\nUser-Agent: a\r\nUser-Agent: b\r\nMax-Forwards"),
      ("Max-Forwards", "Contact: <sip:192.0.2.1;x=\"y\">;;\r\nMax-Forwards"),
      ("Max-Forwards", "Route: <\r\nMax-Forwards"),
      ("Content-Length: 0", "Content-Length: 0\r\nl: 0"), ("Content-Length: 0", "Content-Length:"),
      ("\r\n\r\n", "\r\n"),
      ("<sip:bob@example.test>", "Bob \u{DC} <sip:@>"), (";tag=b", ";tag=b==;"), (";tag=b", ""),
      ("From: <sip:bob@example.test>", "From: "), ("<sip:alice@example.test>", "Alice, A <sip:alice>;"),
      ("Call-ID: call", "Call-ID: a b"), ("Call-ID: call", "Call-ID: call\r\nCall-ID: call"),
      ("CSeq: 1 ", "CSeq: 99999999999 "),
      (";rport", ";rport;"), (";rport", ";;rport="), (";rport", ";x=a==;rport"), ("SIP/2.0/UDP", "SIP/3.0/UDP"),
      (";rport", ";rport\r\nVia: SIP/2.0/UDP 192.0.2.9;;branch=;="),
      (" sip:alice@192.0.2.1 ", " sip:alice@192.0.2.1;;line=x "),
      (" sip:alice@192.0.2.1 ", " sip:%61lice@[::1] "), (" sip:alice@192.0.2.1 ", " tel:alice;phone-context=+1 "),
      (" sip:alice@192.0.2.1 ", " sip:192.0.2.1 "), ("\r\n", "\n"),
    ])
  func oddRequestsAreAnsweredAsGoodOnes(good: String, odd: String) throws {
    var bench = try Bench.registered()
    let bytes = Self.request(changing: [(good, odd)])
    #expect(bytes != Self.request())
    #expect(try Self.status(&bench, bytes, from: Self.stranger) == 200)
    let answer = try Message(parsing: try #require(bench.sent.last))
    #expect(answer.toTag?.count == 16)
    #expect(answer.flaws.contains(.headerField) == false)
  }

  @Test(
    arguments: [
      (" SIP/2.0", " SIP/7.0", 505), (" sip:alice@192.0.2.1 ", " sip:alice@192.0.2.1  ", 400),
      (" sip:alice@192.0.2.1 ", " sip:alice@192.0.2.1?Route=x ", 400),
      (" sip:alice@192.0.2.1 ", " http://a.test ", 416),
      ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 400), ("CSeq: 1 OPTIONS\r\n", "", 400), ("Call-ID: call\r\n", "", 400),
      ("Content-Length: 0", "Content-Length: 9", 400), ("Max-Forwards", "Require: a, b\r\nMax-Forwards", 420),
    ])
  func whatCannotBePassedOverIsRefused(good: String, bad: String, status: Int) throws {
    var bench = try Bench.registered()
    let bytes = Self.request(
      changing: [(good, bad)].map { old, new in
        old == " SIP/2.0" ? ("192.0.2.1 SIP/2.0", "192.0.2.1 SIP/7.0") : (old, new)
      })
    #expect(try Self.status(&bench, bytes) == status)
  }

  /// No answer is much longer than its request, whatever stands in it.
  @Test func whatIsRequiredIsNamedUpToALimit() throws {
    var bench = try Bench.registered()
    let tags = (0..<5_000).map { "tag\($0)" }.joined(separator: ",")
    #expect(try Self.status(&bench, Self.request(adding: "Require: \(tags)\r\n")) == 420)
    #expect(try #require(bench.sent.last).count < 1_200)
    let answer = try Message(parsing: try #require(bench.sent.last))
    #expect(answer.optionTags(.unsupported).first?.text == "tag0")
  }

  @Test func aUserOfAnyLengthIsNobody() throws {
    var bench = try Bench.registered()
    let user = String(repeating: "%41", count: 20_000)
    #expect(try Self.status(&bench, Self.request("INVITE", uri: "sip:\(user)@192.0.2.1"), from: Self.stranger) == 404)
  }

  @Test func withoutAViaNobodyKnowsWhereAnAnswerWouldGo() throws {
    var bench = try Bench.registered()
    for via in ["Via: ?", "X: y", "Via: SIP/2.0/UDP ;branch=z9hG4bK1"] {
      let bytes = Self.request(
        changing: [("Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK1;rport", via)])
      #expect(try Self.status(&bench, bytes) == nil)
    }
    #expect(bench.agent.counters.dropped[.via] == 3)
    #expect(bench.agent.counters.droppedRequests == 3)
    #expect(bench.requests.first?.outcome == .dropped(.via))
  }

  // MARK: Whom it is for

  @Test(
    arguments: [
      ("OPTIONS", "sip:alice@192.0.2.1", 200), ("OPTIONS", "sip:nobody@192.0.2.1", 404),
      ("OPTIONS", "sip:192.0.2.1", 200),
      ("INVITE", "sip:alice@192.0.2.1;line=x", 480), ("INVITE", "sip:nobody@192.0.2.1", 404), ("INVITE", "tel:+1", 404),
      ("NOTIFY", "sip:alice@192.0.2.1", 200), ("NOTIFY", "sip:ALICE@192.0.2.1", 404), ("MESSAGE", "sip:nobody@b", 405),
    ])
  func aRequestForNobodyOfOursIsNotFound(method: String, uri: String, status: Int) throws {
    var bench = try Bench.registered()
    #expect(try Self.status(&bench, Self.request(method, uri: uri), from: Self.stranger) == status)
  }

  /// It asks in its own name whether we are alive, and only 200 says so.
  @Test func aNextHopMayAskForAnybody() throws {
    var bench = try Bench.registered()
    #expect(try Self.status(&bench, Self.request(uri: "sip:switch@192.0.2.1")) == 200)
    #expect(try Self.status(&bench, Self.request("INVITE", uri: "sip:switch@192.0.2.1")) == 404)
  }

  @Test func theUserOfTheContactIsWhoIsCalled() throws {
    var bench = try Bench.registered { $0.contact.user = "desk 7" }
    #expect(try Self.status(&bench, Self.request("INVITE", uri: "sip:desk%207@192.0.2.1")) == 480)
    #expect(bench.requests.last?.account == Bench.id)
    #expect(try Self.status(&bench, Self.request("INVITE")) == 404)
    #expect(bench.requests.last?.account == nil)
    bench.handle(.change(Bench.id, try Bench.account()))
    #expect(try Self.status(&bench, Self.request("INVITE")) == 480)
    #expect(bench.requests.last?.account == Bench.id)
  }

  /// The first request does not wait until a million accounts have been looked at.
  @Test func ofManyAccountsNobodyIsDeniedBeforeAllAreKnown() throws {
    var agent = UserAgent(random: Bench.Chance())
    var effects: [Effect] = []
    let count = 2 * Addressees.slice + 1
    for number in 0..<count {
      let account = try Bench.account {
        ($0.addressOfRecord, $0.contact.user) = (try URI("sip:u\(number)@example.test"), nil)
      }
      agent.handle(.add(AccountID(index: number), account, nil), now: .origin, effects: &effects)
    }
    func status(_ user: String) throws -> Int? {
      effects = []
      let flow = Flow(target: Target(transport: .udp, endpoint: Self.stranger))
      agent.handle(
        .received(Self.request("INVITE", uri: "sip:\(user)@192.0.2.1"), flow), now: .origin, effects: &effects)
      guard case .send(let bytes, _, _)? = effects.first else { return nil }
      return try Message(parsing: bytes).status
    }
    #expect(try status("nobody") == 480)
    #expect(try status("nobody") == 480)
    #expect(try status("nobody") == 404)
    for user in [0, 1, count / 2, count - 1] { #expect(try status("u\(user)") == 480) }
    agent.handle(.remove(AccountID(index: 1)), now: .origin, effects: &effects)
    #expect(try [480, 404].contains(status("u1")))
  }

  @Test func ofTwoAccountsWithOneUserTheOtherStaysWhenOneGoes() throws {
    var bench = try Bench.registered()
    let other = try Bench.account { ($0.addressOfRecord) = try URI("sip:alice@other.test") }
    bench.handle(.add(AccountID(index: 1), other, nil))
    #expect(try Self.status(&bench, Self.request("INVITE"), from: Self.stranger) == 480)
    bench.handle(.remove(AccountID(index: 1)))
    #expect(try Self.status(&bench, Self.request("INVITE"), from: Self.stranger) == 480)
    #expect(bench.requests.last?.account == Bench.id)
  }

  // MARK: Where the answer goes

  @Test func withoutRportItGoesToThePortOfVia() throws {
    var bench = try Bench.registered()
    _ = try Self.status(
      &bench, Self.request(changing: [(":5060;branch=z9hG4bK1;rport", ":7070;branch=z9hG4bK1")]), from: Self.stranger)
    #expect(bench.destinations.map(\.endpoint) == [Endpoint(address: Self.stranger.address, port: 7070)])
    _ = try Self.status(&bench, Self.request(), from: Self.stranger)
    #expect(bench.destinations.map(\.endpoint) == [Self.stranger])
  }

  /// From a stranger it would send our answers to anybody.
  @Test func onlyANextHopChoosesTheAddress() throws {
    var bench = try Bench.registered()
    let bytes = Self.request(changing: [(";rport", ";maddr=192.0.2.200;rport")])
    _ = try Self.status(&bench, bytes, from: Self.stranger)
    #expect(bench.destinations.map(\.endpoint) == [Self.stranger])
    _ = try Self.status(&bench, bytes)
    #expect(bench.destinations.map(\.endpoint.description) == ["192.0.2.200:5060"])
  }

  // MARK: The To tag

  @Test func aTagIsNotThatOfAnotherRequestNorOfAnotherProcess() throws {
    func tag(_ bench: inout Bench, _ changing: [(String, String)]) throws -> String? {
      _ = try Self.status(&bench, Self.request("INVITE", changing: changing))
      return try Message(parsing: try #require(bench.sent.last)).toTag?.text
    }
    var bench = try Bench.registered()
    var other = try Bench.registered()
    other.agent = UserAgent(random: Bench.Chance(state: 2))
    let requests = [[], [("call", "calk")], [(";tag=b", ";tag=c")], [("4bK1", "4bK2")], [("CSeq: 1", "CSeq: 2")]]
    let tags = try requests.map { try tag(&bench, $0) } + [try tag(&other, [])]
    #expect(Set(tags).count == tags.count)
    #expect(tags.allSatisfy { $0?.count == 16 })
    #expect(try tag(&bench, []) == tags[0])
    // In small steps of the request the tag moves in no steps: half of its bits are others.
    let numbers = try (0..<64).map {
      UInt64(try #require(try tag(&bench, [("Call-ID: call", "Call-ID: \($0)")])), radix: 16) ?? 0
    }
    for bit in 0..<64 { #expect((8...56).contains(numbers.filter { $0 >> UInt64(bit) & 1 == 1 }.count)) }
  }

  // MARK: What is told

  @Test func aCallIsSeenWithItsCallerAndItsAnswer() throws {
    var bench = try Bench.registered()
    _ = try Self.status(
      &bench, Self.request("INVITE", changing: [("sip:bob@", "sip:b\u{1B}[31m@")]), from: Self.stranger)
    let seen = try #require(bench.requests.last)
    #expect(seen.method == "INVITE" && seen.outcome == .answered(status: 480) && seen.account == Bench.id)
    #expect(seen.from == "<sip:b [31m@example.test>;tag=b")
    #expect(seen.to == "sip:alice@192.0.2.1" && seen.source.endpoint == Self.stranger)
    #expect(bench.agent.counters.requests.invites == 1)
    _ = try Self.status(&bench, Self.request())
    #expect(bench.requests.count == 1)
  }

  @Test func whatIsToldHasALength() throws {
    var bench = try Bench.registered()
    let long = String(repeating: "\u{E9}", count: 3_000)
    _ = try Self.status(
      &bench, Self.request("INVITE", uri: "sip:alice@192.0.2.1;x=\(long)", changing: [("sip:bob", long)]))
    let seen = try #require(bench.requests.last)
    #expect(seen.from.count <= 97 && seen.to.count <= 97)
  }

  @Test(
    arguments: [
      (
        "Event: message-summary\r\n", "Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n",
        "message-summary, messages waiting: yes"
      ),
      ("o: message-summary;x\r\n", "", "message-summary"), ("Event: check-sync;reboot=false\r\n", "", "check-sync"),
      ("Event: message-summary\r\n", "messages-waiting:no", "message-summary, messages waiting: no"), ("", "", ""),
      ("Event: a\u{7}b\r\n", "", "a b"),
    ])
  func aNoticeIsTakenAndTold(fields: String, body: String, subject: String) throws {
    var bench = try Bench.registered()
    #expect(try Self.status(&bench, Self.request("NOTIFY", adding: fields, body: body)) == 200)
    #expect(bench.requests.map(\.subject) == [subject])
    #expect(bench.agent.counters.requests.notices == 1)
    #expect(bench.state == .registered)
  }

  @Test func aFloodOfCallsIsToldOfInFewWords() throws {
    var bench = try Bench.registered()
    for number in 0..<1000 {
      try bench.receive(UserAgentServerTests.request("INVITE", branch: "\(number)"), from: Self.stranger)
    }
    #expect(bench.requests.count == 10)
    #expect(bench.agent.counters.answeredRequests == 1000)
    // A notice is no call.
    try bench.receive(UserAgentServerTests.request("NOTIFY"))
    #expect(bench.requests.count == 11)
    bench.advance(.seconds(6))
    for number in 0..<5 {
      try bench.receive(UserAgentServerTests.request("INVITE", branch: "a\(number)"), from: Self.stranger)
    }
    #expect(bench.requests.count == 12)
    #expect(bench.requests.last?.untold == 990)
    bench.advance(.seconds(3600))
    for number in 0..<50 {
      try bench.receive(UserAgentServerTests.request("INVITE", branch: "b\(number)"), from: Self.stranger)
    }
    #expect(bench.requests.count == 22)
  }

  // MARK: Answers that can not be used

  /// Never "no answer" for a registrar that has answered.
  @Test func whoAnsweredInVainIsToldSo() throws {
    var bench = try Bench.registering()
    let request = try bench.lastRequest()
    let foreign = request.response(
      status: 200, reason: "OK", toTag: "t", receivedFrom: Bench.local,
      adding: [(.via, Array("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx".utf8))])
    for _ in 0..<13 { try bench.receive(foreign) }
    #expect(bench.status?.discarded == Discarded(count: 13, flaw: .severalVias))
    #expect(bench.reports == [.discarded(.severalVias)])
    #expect(bench.agent.transactionCounters.discarded.total == 13)
    #expect(bench.agent.transactionCounters.discarded[.severalVias] == 13)
    bench.advance(.seconds(33))
    #expect(bench.status?.lastFailure == .unusable(Discarded(count: 13, flaw: .severalVias)))
    #expect(
      bench.status?.lastFailure?.description == "13 answers came and could not be used: More Than One Via")
  }
}
