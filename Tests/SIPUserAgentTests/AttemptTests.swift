import SIPMessage
import SIPTransaction
import SIPUserAgent
import Testing

/// What an answer means (behaviour.md), from the first REGISTER to the end of the attempt.
@Suite struct AttemptTests {
  func cSeq(_ bench: Bench) throws -> UInt32 { try bench.lastRequest().cSeq().number }

  func destination(_ bench: Bench) -> String? {
    for case .send(_, let destination, _) in bench.effects { return destination.target.endpoint.address.description }
    return nil
  }

  // MARK: Success

  @Test func nothingIsSentBeforeTheReservationIsStored() throws {
    var bench = try Bench()
    bench.handle(.add(Bench.id, bench.account, nil))
    bench.advance(.seconds(20))
    #expect(bench.sent.isEmpty)
    #expect(bench.question == nil)
    #expect(bench.record?.cSeqCeiling == 65)
    bench.store()
    bench.locate()
    #expect(bench.sent.count == 1)
    #expect(try cSeq(bench) == 1)
    #expect(try bench.lastRequest().callID?.text == bench.record?.callID)
  }

  @Test func aStoreThatIsSilentFailsTheAttemptAndNotTheAccount() throws {
    var bench = try Bench()
    bench.handle(.add(Bench.id, bench.account, nil))
    bench.advance(.seconds(31))
    #expect(bench.state == .waiting)
    bench.advance(try #require(bench.status?.next) - bench.now)
    bench.store()
    bench.locate()
    #expect(bench.sent.count == 1)
  }

  @Test func credentialsThatFitIntoNoHeaderFieldAreAFailureAndLeaveNothing() throws {
    var bench = try Bench.registering { $0.credentials = [Credential(username: "a\r\nEvil: 1", password: "p")] }
    try bench.respond(401, Bench.challenge)
    for _ in 0..<2 {
      #expect(bench.state == .waiting)
      #expect(bench.status?.lastFailure?.description.contains("does not fit into Authorization") == true)
      #expect(bench.agent.transactionCount == 0)
      bench.advance(try #require(bench.status?.next) - bench.now)
      bench.locate()
    }
    #expect(bench.sent.count == 1)
  }

  @Test func aContactThatIsNoURIIsAFailureAndLeavesNothing() throws {
    let bench = try Bench.registering { $0.contact.parameters = ";a b" }
    #expect(bench.state == .waiting)
    #expect(bench.status?.lastFailure == .stalled("the configured Contact makes no URI"))
    #expect(bench.sent.isEmpty)
    #expect(bench.agent.transactionCount == 0)
  }

  @Test func aBindingCountsFromWhenItWasAskedFor() throws {
    var bench = try Bench.registering { $0.expires = 300 }
    bench.advance(.seconds(20))
    let sentAt = bench.now - .seconds(20)
    try bench.respond(200)
    #expect(bench.status?.binding?.expiresAt == sentAt + .seconds(300))
    #expect(try #require(bench.status?.next) >= bench.now + .seconds(5))
  }

  @Test func a2xxWithoutOurContactIsNoBindingAndEndsTheOldOne() throws {
    var bench = try Bench.registered()
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    bench.reports = []
    try bench.respond(200, [(.contact, "<sip:other@192.0.2.9>;expires=60, <sip:other@192.0.2.10>;expires=60")])
    #expect(bench.state == .waiting)
    #expect(bench.status?.binding == nil)
    #expect(bench.reports.first == .lapsed)
    #expect(bench.status?.lastFailure == .notBound)
    #expect(bench.status?.exchanges.last?.outcome == .accepted(status: 200))
  }

  @Test func anEnormousExpiryIsCapped() throws {
    var bench = try Bench.registering()
    try bench.respond(
      200, [(.contact, try #require(bench.lastRequest().first(.contact)).text + ";expires=4294967295")])
    #expect(bench.status?.binding?.granted == bench.account.policy.maximumExpires)
  }

  // MARK: Challenges

  @Test func aChallengeIsAnsweredWithTheNextCSeqInTheSameAttempt() throws {
    var bench = try Bench.registering()
    try bench.respond(401, Bench.challenge)
    #expect(try cSeq(bench) == 2)
    #expect(try bench.lastRequest().first(.authorization) != nil)
    try bench.respond(200)
    #expect(bench.state == .registered)
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    let credentials = try DigestCredentials(parsing: try #require(bench.lastRequest().first(.authorization)))
    #expect(credentials.nonceCount == 2)
  }

  @Test func twoRequestsWithTheSameWrongCredentialsAreEnough() throws {
    var bench = try Bench.registering()
    try bench.respond(401, Bench.challenge)
    try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="r", nonce="n2", qop="auth""#)])
    #expect(bench.sent.count == 2)
    #expect(bench.status?.pause == .credentialsRejected)
    #expect(bench.status?.next == bench.now + .seconds(1800))
  }

  @Test func anotherProxyMayAskAgain() throws {
    var bench = try Bench()
    bench.addresses = [1, 2]
    bench.start()
    bench.locate()
    try bench.respond(401, Bench.challenge)
    try bench.respond(503)
    #expect(destination(bench) == "0.0.0.2")
    try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="r", nonce="of the second", qop="auth""#)])
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test func aRegistrarMayAskAgainAfterA423() throws {
    var bench = try Bench.registering { $0.expires = 60 }
    try bench.respond(401, Bench.challenge)
    try bench.respond(423, [(.minExpires, "90")])
    try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="r", nonce="one-time 2", qop="auth""#)])
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test func aNonceWithANULEndsTheAttemptAndNotTheProcess() throws {
    var bench = try Bench.registering()
    try bench.respond(401, [(.wwwAuthenticate, "Digest realm=\"r\", nonce=\"n\u{1}\", qop=\"auth\"")])
    #expect(bench.status?.pause == .noCredentials)
    bench = try Bench.registering()
    // The writer refuses a NUL, so it is put in behind its back.
    let request = try bench.lastRequest()
    var bytes = request.response(
      status: 401, reason: "X", toTag: "t", receivedFrom: Bench.local,
      adding: [(.wwwAuthenticate, Array(#"Digest realm="r", nonce="nNUL", qop="auth""#.utf8))])
    let index = try #require(bytes.firstRange(of: Array("NUL".utf8)))
    bytes[index.lowerBound] = 0
    try bench.receive(bytes)
    #expect(bench.status?.pause == .noCredentials)
    #expect(bench.sent.count == 1)
  }

  @Test func endlessStaleEndsInABackOff() throws {
    var bench = try Bench.registering()
    for index in 0..<20 where bench.state == .registering {
      try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="r", nonce="n\#(index)", qop="auth", stale=true"#)])
    }
    #expect(bench.state == .waiting)
    #expect(bench.sent.count == Authenticator.Limits.answers + 1)
  }

  // MARK: Adjustments and redirects

  @Test(arguments: [(nil, false), ("60", false), ("90", true), ("700000", false), ("x", false)] as [(String?, Bool)])
  func a423IsFollowedUpwardsAndWithinReason(minimum: String?, isFollowed: Bool) throws {
    var bench = try Bench.registering { $0.expires = 60 }
    try bench.respond(423, minimum.map { [(.minExpires, $0)] } ?? [(.server, "x")])
    #expect(bench.sent.count == (isFollowed ? 2 : 1))
    #expect(bench.state == (isFollowed ? .registering : .waiting))
    guard isFollowed else { return }
    #expect(try bench.lastRequest().expires?.value == 90)
    try bench.respond(200)
    #expect(bench.record?.minimumExpires == 90)
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    #expect(try bench.lastRequest().expires?.value == 90)
  }

  @Test func aSecond423IsAFailure() throws {
    var bench = try Bench.registering { $0.expires = 60 }
    try bench.respond(423, [(.minExpires, "90")])
    try bench.respond(423, [(.minExpires, "120")])
    #expect(bench.state == .waiting)
  }

  @Test func aRedirectIsFollowedWithoutAUserInTheRequestURI() throws {
    var bench = try Bench.registering()
    try bench.respond(302, [(.contact, "<sip:alice@b.example.test:5070;transport=udp>")])
    bench.locate()
    #expect(try bench.lastRequest().requestURI().description == "sip:b.example.test:5070;transport=udp")
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test(arguments: ["<sip:elsewhere.test>", "*", "<tel:+1>", "<sip:notexample.test>"])
  func aRedirectToAnotherDomainIsNotFollowed(contact: String) throws {
    var bench = try Bench.registering()
    try bench.respond(302, [(.contact, contact)])
    #expect(bench.status?.lastFailure == .redirect)
    #expect(bench.state == .waiting)
  }

  @Test func aRedirectDoesNotLeadFromSipsToSip() throws {
    for (contact, state) in [("<sip:b.example.test>", StateName.waiting), ("<sips:b.example.test>", .registering)] {
      var bench = try Bench.registering { $0.registrar = try URI("sips:example.test") }
      try bench.respond(302, [(.contact, contact)])
      #expect(bench.state == state)
    }
  }

  @Test func circlesOfRedirectsEnd() throws {
    var bench = try Bench.registering()
    for index in 0..<20 where bench.state == .registering {
      try bench.respond(302, [(.contact, "<sip:h\(index % 3).example.test>")])
      bench.locate()
    }
    #expect(bench.sent.count == 4)
    bench = try Bench.registering()
    for index in 0..<20 where bench.state == .registering {
      try bench.respond(302, [(.contact, "<sip:h\(index).example.test>")])
      bench.locate()
    }
    #expect(bench.sent.count == 6)
  }

  @Test func useProxyPutsTheProxyInFront() throws {
    var bench = try Bench.registering()
    try bench.respond(305, [(.contact, "<sip:edge.example.test>")])
    bench.locate()
    #expect(try bench.lastRequest().requestURI().description == "sip:example.test")
    #expect(try bench.lastRequest().routes().map(\.uri.description) == ["sip:edge.example.test;lr"])
  }

  // MARK: Failover

  @Test func everyAddressOfEveryRouteIsTriedOnce() throws {
    var bench = try Bench {
      $0.routes = [RouteSet(proxies: [try URI("sip:p1.test;lr")]), RouteSet(proxies: [try URI("sip:p2.test;lr")])]
    }
    bench.addresses = [1, 2]
    bench.start()
    bench.locate()
    try bench.respond(503)
    #expect(destination(bench) == "0.0.0.2")
    bench.advance(.seconds(33))
    bench.addresses = [3]
    bench.locate()
    #expect(destination(bench) == "0.0.0.3")
    #expect(try bench.lastRequest().routes().map(\.uri.description) == ["sip:p2.test;lr"])
    #expect(bench.state == .registering)
    try bench.respond(500)
    #expect(bench.state == .waiting)
  }

  @Test func theAddressThatHoldsTheBindingComesFirstAndTheOthersInOrder() throws {
    var bench = try Bench()
    bench.addresses = [1, 2, 3]
    bench.start()
    bench.locate()
    try bench.respond(503)
    try bench.respond(503)
    try bench.respond(200)
    #expect(bench.status?.binding?.target.endpoint.address == .v4(3))
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    #expect(destination(bench) == "0.0.0.3")
    try bench.respond(503)
    #expect(destination(bench) == "0.0.0.1")
  }

  @Test func aFailureToSendIsLikeNoAnswerAndALateOneIsNobodys() throws {
    var bench = try Bench()
    bench.addresses = [1, 2]
    bench.start()
    bench.locate()
    var first: ClientTransactionID?
    for case .send(_, _, let client) in bench.effects { first = client }
    let client = try #require(first)
    bench.handle(.sendFailed(client: client, reason: "refused"))
    #expect(destination(bench) == "0.0.0.2")
    bench.handle(.sendFailed(client: client, reason: "refused"))
    #expect(bench.effects.isEmpty)
  }

  @Test func aLookupThatFailsOrHasNothingSkipsTheRoute() throws {
    var bench = try Bench {
      $0.routes = [RouteSet(proxies: [try URI("sip:p1.test;lr")]), RouteSet(proxies: [try URI("sip:p2.test;lr")])]
    }
    bench.start()
    let first = try #require(bench.question)
    bench.handle(.located(first, .failed("NXDOMAIN")))
    #expect(bench.question != first)
    bench.handle(.located(first, .ways([])))
    #expect(bench.effects.isEmpty)
    bench.handle(.located(try #require(bench.question), .ways([])))
    #expect(bench.state == .waiting)
  }

  @Test func a200AfterTimerFIsNobodysAndTheNextREGISTERIsANewOne() throws {
    var bench = try Bench.registering()
    let request = try bench.lastRequest()
    bench.advance(.seconds(33))
    // The hop that did not answer is asked again at once, so that its return is noticed.
    #expect(bench.state == .registering)
    try bench.receive(
      request.response(
        status: 200, reason: "OK", toTag: "t", receivedFrom: Bench.local,
        adding: [(.contact, Array(try #require(request.first(.contact))))]))
    #expect(bench.effects.isEmpty)
    #expect(bench.status?.binding == nil)
    bench.locate()
    #expect(try cSeq(bench) == 2)
  }

  // MARK: Back-off

  @Test(
    arguments: [
      ("0", 5, 5), ("7", 7, 7), ("86400", 1800, 1800), ("1000000000000000000000000", 1800, 1800), (nil, 15, 30),
      ("soon", 15, 30),
    ] as [(String?, Int64, Int64)])
  func retryAfterWinsWithinBounds(text: String?, shortest: Int64, longest: Int64) throws {
    for status in [503, 480, 500] {
      var bench = try Bench.registering()
      try bench.respond(status, text.map { [(.retryAfter, $0)] } ?? [(.server, "x")])
      let wait = try #require(bench.status?.next) - bench.now
      #expect(.seconds(shortest) <= wait && wait <= .seconds(longest), "\(status)")
    }
  }

  @Test func aLiveBindingIsTriedAgainBeforeItIsOver() throws {
    var bench = try Bench.registered { $0.expires = 300 }
    bench.advance(.seconds(5))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    bench.advance(.seconds(250))
    #expect(bench.state != .registered)
    let expiry = try #require(bench.status?.binding?.expiresAt)
    let next = try #require(bench.status?.next ?? bench.timers.values.max())
    #expect(next <= expiry)
  }

  @Test(arguments: [403, 404, 600, 603, 699]) func aRefusalRestsAndAsksSlowly(status: Int) throws {
    var bench = try Bench.registering()
    try bench.respond(status)
    #expect(bench.status?.pause == .refused(status: UInt16(status)))
    bench.advance(.seconds(1801))
    bench.locate()
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  /// With a former Contact, credentials and a Route, too, the request is one whose answers need no reading in full.
  @Test func whatAnAnswerRepeatsOfARequestIsKnownByWhatWasSent() throws {
    var bench = try Bench.registering {
      $0.routes = [RouteSet(proxies: [try URI("sip:edge.example.test;lr")])]
      $0.from = try URI("sip:sales@example.test")
    }
    try bench.respond(401, Bench.challenge)
    for seenAs in [Bench.local, Endpoint(address: .v4(0xCB00_7107), port: 40_112)] {
      let request = try #require(bench.sent.last)
      let answer = try Message(
        parsing: bench.lastRequest().response(
          status: 200, reason: "OK", toTag: "peer", receivedFrom: seenAs,
          adding: [(.contact, Array("<sip:other@192.0.2.9>".utf8))]))
      #expect(answer.repetition.map { answer.repeats(request.span, in: $0) } == true)
    }
  }
}
