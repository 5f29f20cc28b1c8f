import SIPMessage
import Testing

@testable import SIPUserAgent

/// What can be said of an account: bound or not, what comes next, what became of its last requests.
@Suite struct StatusTests {
  /// Several accounts at one next hop that never answers, on a bench whose time moves only when it is told to.
  private func crowd(_ count: Int) throws -> Bench {
    var bench = try Bench()
    for number in 0..<count {
      bench.handle(
        .add(
          AccountID(index: number),
          try Bench.account { account in
            account = Account(
              name: "a\(number)", addressOfRecord: account.addressOfRecord, registrar: account.registrar)
          }, nil))
      bench.handle(.stored(AccountID(index: number), key: bench.record?.key ?? 0, cSeqCeiling: 1_000))
    }
    return bench
  }

  private func standing(_ registration: Registration) -> String {
    let standing = Standing(registration)
    let facts = [
      (standing.isBound, "bound"), (standing.isFailingToRefresh, "failing"),
      (standing.isPausedByOperator, "by operator"),
    ]
    return ([standing.state.rawValue] + facts.filter(\.0).map(\.1)).joined(separator: ", ")
  }

  @Test func boundIsAFactBesideTheState() throws {
    let binding = try #require(try Bench.registered().status?.binding)
    let later = binding.expiresAt - .seconds(1)
    var registration = Registration(start: .origin)
    #expect(standing(registration) == "unregistered")
    _ = registration.due(now: later)
    #expect(standing(registration) == "registering")
    _ = registration.succeeded(binding, refreshAt: later)
    #expect(standing(registration) == "registered, bound")
    _ = registration.due(now: later)
    #expect(standing(registration) == "refreshing, bound")
    _ = registration.failed(until: later)
    #expect(standing(registration) == "waiting, bound, failing")
    _ = registration.due(now: later)
    #expect(standing(registration) == "refreshing, bound, failing")
    _ = registration.refused(.refused(status: 403), probe: nil)
    #expect(standing(registration) == "paused, bound, failing")
    _ = registration.pause()
    #expect(standing(registration) == "unregistering, bound")
    _ = registration.unregistered()
    #expect(standing(registration) == "paused, by operator")
  }

  @Test func theTallyIsThatOfTheAccounts() throws {
    var bench = try Bench.registered()
    let bound = bench.agent.counts
    #expect((bound.total, bound.bound, bound.failingRefreshes, bound.pausedByOperator) == (1, 1, 0, 0))
    bench.advance(try #require(bench.status?.next) - bench.now)
    bench.locate()
    try bench.respond(500)
    #expect(bench.state == .waiting)
    #expect(bench.agent.counts.failingRefreshes == 1)
    #expect(bench.agent.counts.bound == 1)
    bench.advance(.seconds(3_600))
    #expect((bench.agent.counts.bound, bench.agent.counts.failingRefreshes) == (0, 0))
    bench.handle(.pause(Bench.id))
    bench.advance(.seconds(60))
    #expect(bench.agent.counts.pausedByOperator == 1)
    bench.handle(.remove(Bench.id))
    #expect(bench.agent.counts == StateTally())
  }

  @Test func anOperatorDoesNotUndercutTheFloorBetweenTwoRequests() throws {
    var bench = try Bench.registered()
    for _ in 0..<20 {
      bench.handle(.refresh(Bench.id))
      bench.locate()
      bench.advance(.milliseconds(50))
    }
    #expect(bench.sent.count == 1)
    #expect(bench.status?.outlook == .own(try #require(bench.status?.sentAt) + .seconds(5)))
    bench.advance(.seconds(5))
    bench.locate()
    #expect(bench.sent.count == 2)
  }

  @Test func tenRefreshesAreKeptOfAnAccountThatIsWell() throws {
    var bench = try Bench.registered()
    for _ in 0..<20 {
      bench.advance(.seconds(5))
      bench.handle(.refresh(Bench.id))
      bench.locate()
      bench.advance(.milliseconds(30))
      try bench.respond(200)
      bench.store()
    }
    let exchanges = try #require(bench.status?.exchanges)
    #expect(exchanges.count == 10)
    #expect(exchanges.allSatisfy { $0.outcome == .accepted(status: 200) && $0.roundTrip == .milliseconds(30) })
    #expect(exchanges.map(\.sentAt) == exchanges.map(\.sentAt).sorted())
    #expect(bench.status?.isHistoryWhole == true)
  }

  @Test func challengesMakeRoomForRefreshes() throws {
    var bench = try Bench.registered()
    for _ in 0..<12 {
      bench.advance(.seconds(5))
      bench.handle(.refresh(Bench.id))
      bench.locate()
      try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="r", nonce="n\#(bench.sent.count)", stale=true"#)])
      try bench.respond(200)
      bench.store()
    }
    let outcomes = try #require(bench.status?.exchanges.map(\.outcome))
    #expect(outcomes == [Exchange.Outcome](repeating: .accepted(status: 200), count: 10))
  }

  @Test func ofVeryManyAccountsOnlyTroubleIsKept() throws {
    var settings = UserAgent.Settings()
    settings.accountsWithHistory = 0
    var bench = try Bench()
    bench.agent = UserAgent(settings: settings, random: Bench.Chance())
    bench.start()
    bench.locate()
    for status in [200, 200, 200, 500, 200] {
      try bench.respond(status)
      bench.store()
      bench.advance(try #require(bench.status?.next) - bench.now)
      bench.locate()
    }
    #expect(bench.status?.isHistoryWhole == false)
    #expect(bench.status?.exchanges.count == 3)
  }

  @Test func howThePeersSeeUsIsKnownWhereItIsAnotherAddress() throws {
    var bench = try Bench.registered()
    #expect(bench.status?.seenFrom == nil)
    #expect(bench.status?.local == Bench.local)
    bench.seenAs = Endpoint(address: .v4(0xCB00_7105), port: 40_000)
    bench.advance(.seconds(3_000))
    bench.locate()
    try bench.respond(200)
    #expect(bench.status?.seenFrom == bench.seenAs)
    bench.seenAs = Bench.local
    bench.advance(.seconds(3_000))
    bench.locate()
    try bench.respond(200)
    #expect(bench.status?.seenFrom == nil)
  }

  @Test func whatWasAnsweredLastIsNamedWithoutASecret() throws {
    var bench = try Bench.registering()
    try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="pbx", nonce="n", algorithm=SHA-256, qop="auth""#)])
    try bench.respond(200)
    #expect(bench.status?.credentials == [CredentialsUse(username: "alice", realm: "pbx", algorithm: "SHA-256")])
    #expect(bench.status?.asked == 3600)
  }

  @Test func whoWaitsInLineIsToldWhoAsks() throws {
    var bench = try crowd(3)
    bench.advance(.milliseconds(200))
    let outlooks = (0..<3).compactMap { bench.agent.status(of: AccountID(index: $0))?.outlook }
    #expect(outlooks == [.answer, .follows("a0"), .follows("a0")])
  }
}
