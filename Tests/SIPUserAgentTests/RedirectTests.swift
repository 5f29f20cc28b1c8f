import SIPMessage
import SIPUserAgent
import Testing

/// What a 3xx names, and what comes when that fails (RFC 3261 §8.1.3.4).
@Suite struct RedirectTests {
  static func redirected(
    _ status: Int, _ contacts: String, _ change: (inout Account) throws -> Void = { _ in }
  ) throws -> Bench {
    var bench = try Bench.registering(change)
    try bench.respond(status, [(.contact, contacts)])
    bench.locate()
    return bench
  }

  static func requestURI(_ bench: Bench) throws -> String { try bench.lastRequest().requestURI().description }

  @Test(
    arguments: [
      ("<sip:a.example.test>;q=0.1, <sip:b.example.test>;q=0.9", "b"),
      ("<sip:a.example.test>;q=0.90, <sip:b.example.test>;q=0.9", "a"),
      ("<sip:a.example.test>;q=.5, <sip:b.example.test>;q=\"x\", <sip:c.example.test>;q=1.0", "c"),
      ("<sip:a.example.test>;q=0.5, <sip:b.example.test>", "b"),
      ("<sip:x@:>, <sip:, <tel:+1>, <http://x.test/>, *, , <sip:b.example.test>", "b"),
      ("<sip:elsewhere.test>, <sip:b.example.test>", "b"), ("sip:b.example.test;expires=30", "b"),
      ("<sip:b.example.test;method=INVITE?Route=%3Csip:192.0.2.1;lr%3E>", "b"),
    ])
  func theBestThatCanBeReadIsTaken(contacts: String, host: String) throws {
    for status in [300, 301, 302] {
      let bench = try Self.redirected(status, contacts)
      #expect(try Self.requestURI(bench) == "sip:\(host).example.test")
      #expect(try bench.lastRequest().routes().isEmpty)
    }
  }

  @Test(arguments: [480, 500, 503, 403, 400, 404]) func theNextIsTakenWhenTheFirstSaysNo(status: Int) throws {
    var bench = try Self.redirected(302, "<sip:a.example.test>, <sip:b.example.test>, <sip:c.example.test>")
    try bench.respond(status)
    bench.locate()
    #expect(try Self.requestURI(bench) == "sip:b.example.test")
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test func theNextIsTakenWhenTheFirstIsSilentOrNowhere() throws {
    var bench = try Self.redirected(302, "<sip:a.example.test>, <sip:b.example.test>, <sip:c.example.test>")
    bench.advance(.seconds(33))
    let question = try #require(bench.question)
    bench.handle(.located(question, .failed("NXDOMAIN")))
    bench.locate()
    #expect(try Self.requestURI(bench) == "sip:c.example.test")
    try bench.respond(500)
    #expect(bench.state == .waiting)
  }

  @Test func theNextIsTakenWhenNobodyIsAtTheFirst() throws {
    var bench = try Self.redirected(302, "<sip:a.example.test>, <sip:b.example.test>")
    let target = Target(transport: .udp, endpoint: Endpoint(address: .v4(bench.addresses[0]), port: 5060))
    bench.handle(.unreachable(target, reason: "refused"))
    bench.locate()
    #expect(try Self.requestURI(bench) == "sip:b.example.test")
  }

  @Test func a6xxSpeaksForAll() throws {
    var bench = try Self.redirected(302, "<sip:a.example.test>, <sip:b.example.test>")
    try bench.respond(603)
    #expect(bench.status?.pause == .refused(status: 603))
  }

  @Test func aProxyThatIsNamedTakesNoHeaderFieldsOfTheirs() throws {
    let bench = try Self.redirected(305, "<sip:edge.example.test?Route=%3Csip:192.0.2.1;lr%3E>")
    #expect(try bench.lastRequest().routes().map(\.uri.description) == ["sip:edge.example.test;lr"])
  }

  @Test func nobodyIsSentToAnEndlessURI() throws {
    let long = "<sip:a.example.test;x=" + String(repeating: "x", count: 60_000) + ">"
    let bench = try Self.redirected(302, "\(long), <sip:b.example.test>")
    #expect(try Self.requestURI(bench) == "sip:b.example.test")
    var alone = try Bench.registering()
    try alone.respond(302, [(.contact, long)])
    #expect(alone.status?.lastFailure == .redirect)
  }

  @Test func aThousandContactsAreFollowedFiveTimes() throws {
    let contacts = (0..<1_000).map { "<sip:h\($0).example.test>" }.joined(separator: ", ")
    var bench = try Self.redirected(302, contacts)
    while bench.state == .registering {
      try bench.respond(500)
      bench.locate()
    }
    #expect(bench.sent.count == 6)
  }

  // MARK: Failures that say when

  @Test(
    arguments: [
      (403, "60", 60, 60), (404, "70", 70, 70), (600, "70", 70, 70), (603, "70", 70, 70), (606, "70", 70, 70),
      // Nobody who was refused is asked for at the pace of a refresh.
      (404, "1", 30, 30), (403, "86400", 1800, 1800), (403, nil, 1800, 1800),
      (413, "70", 70, 70), (486, "70", 70, 70), (429, "80", 80, 80), (423, "90", 90, 90), (401, "90", 90, 90),
      (420, "90", 90, 90), (400, "90", 90, 90), (302, "90", 90, 90),
      // The request may be at fault: from 60 s on.
      (400, nil, 30, 60), (402, nil, 30, 60), (405, nil, 30, 60), (406, nil, 30, 60), (410, nil, 30, 60),
      (413, nil, 30, 60), (416, nil, 30, 60), (481, nil, 30, 60), (485, nil, 30, 60), (488, nil, 30, 60),
      (493, nil, 30, 60), (501, nil, 30, 60), (505, nil, 30, 60), (513, nil, 30, 60),
      (408, nil, 15, 30), (480, nil, 15, 30), (486, nil, 15, 30), (500, nil, 15, 30), (401, nil, 15, 30),
    ] as [(Int, String?, Int64, Int64)])
  func whatIsSaidOfTheNextTryCounts(status: Int, retryAfter: String?, shortest: Int64, longest: Int64) throws {
    var bench = try Bench.registering()
    try bench.respond(status, retryAfter.map { [(.retryAfter, $0)] } ?? [(.server, "x")])
    let wait = try #require(bench.status?.next) - bench.now
    #expect(.seconds(shortest) <= wait && wait <= .seconds(longest), "\(wait)")
    #expect(bench.sent.count == 1)
  }

  @Test func aRefusedAccountIsNotAskedForBeforeItsTime() throws {
    var bench = try Bench.registering { $0.policy.refusedProbeInterval = .seconds(5) }
    try bench.respond(403, [(.retryAfter, "60")])
    #expect(bench.status?.next == bench.now + .seconds(60))
    bench = try Bench.registering { $0.policy.refusedProbeInterval = nil }
    try bench.respond(403, [(.retryAfter, "60")])
    #expect(bench.status?.next == nil)
  }
}
