import SIPMessage
import SIPTransaction
import SIPUserAgent
import Testing

/// What peers have done to clients of this field, and must not be able to do to this one.
@Suite struct HostilePeerTests {
  /// A response to the last request, with its lines changed.
  func answer(_ bench: Bench, _ status: String, adding fields: String = "", body: String = "") throws -> [UInt8] {
    let request = try bench.lastRequest()
    func value(_ name: HeaderName) -> String { request.first(name)?.text ?? "" }
    return Array(
      """
      SIP/2.0 \(status) Words\r
      Via: \(value(.via))\r
      From: \(value(.from))\r
      To: \(value(.to));tag=peer\r
      Call-ID: \(value(.callID))\r
      CSeq: \(value(.cSeq))\r
      \(fields)Content-Length: \(body.utf8.count)\r
      \r
      \(body)
      """.utf8)
  }

  func contact(_ bench: Bench) throws -> String { try bench.lastRequest().first(.contact)?.text ?? "" }

  // MARK: Answers

  @Test(arguments: ["0", "99", "099", "700", "999", "1000", "4294967301", "4294967496", "-200", "2OO", ""])
  func anAnswerWithoutAStatusCodeIsNone(code: String) throws {
    var bench = try Bench.registering()
    try bench.receive(answer(bench, code, adding: "Contact: \(contact(bench));expires=60\r\n"))
    #expect(bench.state == .registering)
    #expect(bench.reports == [.discarded(.statusCode)])
    #expect(bench.effects.count == 1)
    #expect(bench.agent.counters.malformedMessages == 1)
    // The real one still counts.
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test(
    arguments: [
      (299, .registered), (399, .waiting), (499, .waiting), (599, .waiting), (699, .paused), (199, .registering),
    ] as [(Int, StateName)])
  func anUnknownStatusCodeIsTakenForItsClass(status: Int, state: StateName) throws {
    var bench = try Bench.registering()
    try bench.receive(answer(bench, "\(status)", adding: "Contact: \(contact(bench));expires=60\r\n"))
    #expect(bench.state == state)
  }

  @Test func aMultipartBodyTakesNothingBack() throws {
    var bench = try Bench.registering()
    let own = try contact(bench)
    try bench.receive(
      answer(
        bench, "200", adding: "Contact: \(own);expires=60\r\nContent-Type: multipart/mixed;boundary=b\r\n",
        body: "--b\r\nContact: \(own);expires=0\r\n\r\nSIP/2.0 403 Forbidden\r\n--b--\r\n"))
    #expect(bench.state == .registered)
    #expect(bench.status?.binding?.granted == .seconds(60))
  }

  @Test func aReasonPhraseCannotSpeakToTheTerminalOfWhoReadsIt() throws {
    var bench = try Bench.registering()
    let request = try bench.lastRequest()
    var bytes = request.response(
      status: 403, reason: "0123456\u{9B}31m\u{7F}" + String(repeating: "x", count: 5_000), toTag: "t",
      receivedFrom: Bench.local)
    let place = try #require(bytes.firstRange(of: Array("0123456".utf8)))
    bytes.replaceSubrange(place, with: [0x1B, 0x5B, 0x32, 0x4A, 0x07, 0x08, 0x00])
    try bench.receive(bytes)
    guard case .response(403, let reason)? = bench.status?.lastFailure else {
      Issue.record("\(String(describing: bench.status?.lastFailure))")
      return
    }
    #expect(reason.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    #expect(reason.count == 120)
  }

  // MARK: Challenges

  /// "Digest leak": what we did not ask is not answered, whoever wants to know.
  @Test func aChallengeToWhatIsNotOursIsNotAnswered() throws {
    var bench = try Bench.registered()
    let known = try String(decoding: answer(bench, "407", adding: Self.challenges), as: UTF8.self)
    let foreign = [
      known, known.replacing("CSeq: 1 REGISTER", with: "CSeq: 1 BYE"),
      known.replacing("CSeq: 1 REGISTER", with: "CSeq: 1 INVITE"),
      known.replacing("CSeq: 1 REGISTER", with: "CSeq: 1 OPTIONS"),
      known.replacing(/branch=z9hG4bK\w+/, with: "branch=z9hG4bK0000000000000000"),
      "BYE sip:alice@192.0.2.1 SIP/2.0" + known.drop { $0 != "\r\n" }.replacing("1 REGISTER", with: "1 BYE"),
      "INVITE sip:alice@192.0.2.1 SIP/2.0" + known.drop { $0 != "\r\n" }.replacing("1 REGISTER", with: "1 INVITE"),
    ]
    for text in foreign {
      bench.sent = []
      try bench.receive(Array(text.utf8))
      for bytes in bench.sent {
        let message = try Message(parsing: bytes)
        #expect(message.first(.authorization) == nil && message.first(.proxyAuthorization) == nil)
        #expect(message.method == nil, "a request of ours: \(String(decoding: bytes, as: UTF8.self))")
      }
    }
    #expect(bench.state == .registered)
  }

  static let challenges =
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"evil\", qop=\"auth\"\r\n"
    + "Proxy-Authenticate: Digest realm=\"r\", nonce=\"evil\", qop=\"auth\"\r\n"

  /// Only a 401 and a 407 ask.
  @Test(arguments: ["180", "200", "302", "403", "480", "503", "603"])
  func aChallengeInAnyOtherAnswerIsNotAnswered(status: String) throws {
    var bench = try Bench.registering()
    let fields = try Self.challenges + "Contact: \(contact(bench));expires=60\r\n"
    try bench.receive(answer(bench, status, adding: fields))
    for bytes in bench.sent {
      let message = try Message(parsing: bytes)
      #expect(message.first(.authorization) == nil && message.first(.proxyAuthorization) == nil)
    }
  }

  /// Somebody who is allowed to redirect us elsewhere gets no credentials there for a realm that is not ours.
  @Test func anotherServerGetsNoCredentialsForAnotherRealm() throws {
    var bench = try Bench.registering {
      $0.policy.allowsForeignRedirects = true
      $0.credentials = [Credential(username: "alice", realm: "example.test", password: "sesame")]
    }
    try bench.respond(302, [(.contact, "<sip:elsewhere.invalid>")])
    bench.locate()
    try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="elsewhere.invalid", nonce="n", qop="auth""#)])
    #expect(bench.status?.pause == .noCredentials)
    for bytes in bench.sent { #expect(try Message(parsing: bytes).first(.authorization) == nil) }
  }

  /// It is a failure like another: the binding lives on, and an operator may take what is asked for.
  @Test func aWeakerDigestThanWasAcceptedIsNotAnsweredOfItself() throws {
    var bench = try Bench.registering()
    let md5 = [(HeaderName.wwwAuthenticate, #"Digest realm="r", nonce="m", qop="auth", algorithm=MD5"#)]
    try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="r", nonce="s", qop="auth", algorithm=SHA-256"#)])
    try bench.respond(200)
    bench.advance(try #require(bench.status?.next) - bench.now)
    bench.locate()
    try bench.respond(401, md5)
    #expect(bench.state == .waiting)
    #expect(bench.status?.lastFailure == .weakerDigest)
    #expect(bench.status?.binding != nil)
    for bytes in bench.sent {
      #expect(try Message(parsing: bytes).first(.authorization)?.text.contains("algorithm=MD5") != true)
    }
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id, takingWeaker: true))
    bench.locate()
    try bench.respond(401, md5)
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  // MARK: What is copied

  @Test func noTagOfAPeerStandsInARequest() throws {
    var bench = try Bench.registering()
    let long = String(repeating: "t", count: 50_000)
    let text = try String(decoding: answer(bench, "200", adding: "Contact: \(contact(bench))\r\n"), as: UTF8.self)
    let size = try #require(bench.sent.last).count
    try bench.receive(Array(text.replacing(";tag=peer", with: ";tag=\(long)").utf8))
    #expect(bench.state == .registered)
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    let refresh = try bench.lastRequest()
    #expect(try refresh.to().tag == nil)
    #expect(try #require(bench.sent.last).count <= size + 16)
  }

  /// What is answered repeats the tags of the request: that may be long, and a stranger has not all of it carried.
  @Test(arguments: [(7_000, true), (60_000, false)])
  func anOverlongTagIsAnsweredUpToALimitAndKeptNowhere(length: Int, isAnswered: Bool) throws {
    var bench = try Bench.registered()
    let tag = String(repeating: "f", count: length)
    let request = String(
      decoding: UserAgentServerTests.request("OPTIONS"), as: UTF8.self
    ).replacing("tag=b", with: "tag=\(tag)")
    bench.sent = []
    try bench.receive(Array(request.utf8))
    let answer = try bench.sent.last.map { try Message(parsing: $0) }
    #expect(try answer?.from().tag?.count == (isAnswered ? length : nil))
    #expect(bench.agent.counters.dropped[.tooLongToAnswer] == (isAnswered ? 0 : 1))
    #expect(bench.sent.last?.count ?? 0 < request.utf8.count + 256)
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    #expect(try #require(bench.sent.last).count < 1_000)
  }

  // MARK: Floods and long troubles

  @Test func strayResponsesAndCallsTakeNoMemory() throws {
    var bench = try Bench.registered()
    let before = bench.agent.transactionCount
    let stray = try String(decoding: answer(bench, "200"), as: UTF8.self)
    bench.sent = []
    for number in 0..<2_000 {
      try bench.receive(Array(stray.replacing(/branch=z9hG4bK\w+/, with: "branch=z9hG4bK\(number)").utf8))
      try bench.receive(UserAgentServerTests.request("INVITE", branch: "i\(number)"))
      try bench.receive(UserAgentServerTests.request("ACK", branch: "i\(number)"))
    }
    #expect(bench.agent.transactionCount == before)
    #expect(bench.agent.transactionCounters.strayResponses == 2_000)
    #expect(bench.agent.counters.answeredRequests == 2_000)
    #expect(bench.sent.count == 2_000)
    #expect(bench.state == .registered)
  }

  @Test func afterTenThousandFailuresTheNextAttemptIsStillWithinHalfAnHour() throws {
    var bench = try Bench()
    bench.start()
    for failures in 1...10_000 {
      bench.locate()
      try bench.respond(500)
      let status = try #require(bench.status)
      #expect(status.failures == failures)
      let wait = try #require(status.next) - bench.now
      guard bench.state == .waiting, .seconds(15) <= wait, wait <= .seconds(1800) else {
        Issue.record("after \(failures): \(status.state), \(wait)")
        return
      }
      bench.advance(wait)
      bench.store()
    }
    bench.locate()
    try bench.respond(200)
    #expect(bench.state == .registered)
    #expect(bench.status?.failures == 0)
  }

  /// A socket may refuse a message while it is being sent, before anybody has looked away.
  @Test func aSendThatFailsAtOnceLeavesNothingBehind() throws {
    var bench = try Bench()
    bench.start()
    for _ in 0..<50 {
      bench.locate()
      var client: ClientTransactionID?
      for case .send(_, _, let id) in bench.effects { client = id }
      bench.handle(.sendFailed(client: try #require(client), reason: "no buffer space"))
      #expect(bench.state == .waiting)
      #expect(bench.agent.transactionCount == 0)
      #expect(bench.agent.stuck(now: bench.now, overdue: .zero).isEmpty)
      bench.question = nil
      // Until the next hop is asked again.
      bench.advance(.seconds(30))
      bench.store()
    }
    bench.locate()
    try bench.respond(200)
    #expect(bench.state == .registered)
  }
}
