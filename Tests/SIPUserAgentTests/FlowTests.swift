import SIPMessage
import SIPTransaction
import SIPUserAgent
import Testing

/// Flows that are kept open for those who are bound over them, and what follows from their end.
@Suite struct FlowTests {
  static let beyond = Endpoint(address: .v4(0xCB00_7105), port: 40_000)
  private static let elsewhere = Endpoint(address: .v4(0xCB00_7105), port: 41_000)
  private static let bob = AccountID(index: 1)

  /// Beyond a NAT, unless it is told otherwise.
  private static func registered(
    seenAs: Endpoint = beyond, _ change: (inout Account) throws -> Void = { _ in }
  ) throws -> Bench {
    var bench = try Bench(change)
    bench.seenAs = seenAs
    bench.start()
    bench.locate()
    try bench.respond(200)
    bench.store()
    return bench
  }

  /// Over a stream whose edge keeps flows (RFC 5626 §6).
  private static func connected(
    _ fields: [(HeaderName, String)] = [(.require, "outbound")], seenAs: Endpoint = Bench.local
  ) throws -> Bench {
    var bench = try Bench()
    (bench.transport, bench.connection, bench.seenAs) = (.tcp, 7, seenAs)
    bench.start()
    bench.locate()
    try accept(&bench, fields)
    bench.store()
    return bench
  }

  private static func accept(_ bench: inout Bench, _ fields: [(HeaderName, String)]) throws {
    let contact = try #require(try bench.lastRequest().first(.contact)).text
    try bench.respond(200, [(.contact, contact), (.expires, "3600")] + fields)
  }

  private static func flow(_ bench: Bench) -> Flow {
    Flow(
      target: Target(transport: .tcp, endpoint: Endpoint(address: .v4(bench.addresses[0]), port: 5060)),
      connection: bench.connection)
  }

  private static func answer(_ bench: inout Bench, mapped: Endpoint?) throws {
    let last = try #require(bench.keepAlives.last)
    guard case .binding(let question) = last.probe else { throw Bench.NothingSent() }
    bench.handle(.bindingAnswered(BindingAnswer(transaction: question, mapped: mapped), Flow(target: last.target)))
  }

  /// Lets time pass, and the peer answer at once what it is asked.
  private static func run(_ bench: inout Bench, _ duration: Duration, mapped: Endpoint?) throws {
    let end = bench.now + duration
    while bench.now < end {
      let count = bench.keepAlives.count
      bench.advance(.milliseconds(100))
      if bench.keepAlives.count > count { try answer(&bench, mapped: mapped) }
    }
  }

  /// Another account at the same place.
  private static func addBob(_ bench: inout Bench) throws {
    bench.handle(
      .add(
        bob,
        Account(
          name: "bob", addressOfRecord: try URI("sip:bob@example.test"), registrar: try URI("sip:example.test")),
        nil))
    bench.advance(.milliseconds(10))
    let record = try #require(bench.record)
    bench.handle(.stored(bob, key: record.key, cSeqCeiling: record.cSeqCeiling))
    bench.locate()
    try bench.respond(200)
    let stored = try #require(bench.record)
    bench.handle(.stored(bob, key: stored.key, cSeqCeiling: stored.cSeqCeiling))
  }

  private static func registers(_ bench: Bench, since count: Int) throws -> [String] {
    try bench.sent[count...].map { try Message(parsing: $0).to().uri.user?.text ?? "" }
  }

  // MARK: When

  @Test func aNATIsAskedByStunWithTheFirst2xx() throws {
    let bench = try Self.registered()
    #expect(bench.keepAlives.count == 1)
    guard case .binding? = bench.keepAlives.first?.probe else { throw Bench.NothingSent() }
    #expect(bench.status?.flow?.method == .stun)
  }

  @Test func whoIsSeenWhereHeIsKeepsNothingOpen() throws {
    var bench = try Self.registered(seenAs: Bench.local)
    bench.advance(.seconds(300))
    #expect(bench.keepAlives.isEmpty)
    #expect(bench.status?.flow == nil)
  }

  @Test func whatIsOffStaysOff() throws {
    var bench = try Self.registered { $0.policy.keepAlive = .off }
    bench.advance(.seconds(300))
    #expect(bench.keepAlives.isEmpty)
  }

  @Test func whatIsConfiguredNeedsNoNAT() throws {
    var bench = try Self.registered(seenAs: Bench.local) { $0.policy.keepAlive = .every(.seconds(10)) }
    try Self.answer(&bench, mapped: Bench.local)
    try Self.run(&bench, .seconds(100), mapped: Bench.local)
    #expect((11...14).contains(bench.keepAlives.count))
  }

  @Test func aFlowTimerIsHonoured() throws {
    var bench = try Self.connected([(.flowTimer, "20")])
    #expect(bench.status?.flow?.cadence == Cadence(every: .seconds(20)))
    bench.handle(.pong(Self.flow(bench)))
    bench.advance(.milliseconds(15_900))
    #expect(bench.keepAlives.count == 1)
    bench.advance(.milliseconds(4_100))
    #expect(bench.keepAlives.count == 2)
  }

  @Test func noEdgeKnowsOfANATBeforeIt() throws {
    var bench = try Bench()
    bench.seenAs = Self.beyond
    bench.start()
    bench.locate()
    try Self.accept(&bench, [(.flowTimer, "600")])
    #expect(bench.status?.flow?.cadence.longest == .seconds(29))
  }

  @Test func manyAccountsAreOneKeepAlive() throws {
    var bench = try Self.registered()
    try Self.answer(&bench, mapped: Self.beyond)
    try Self.addBob(&bench)
    #expect(bench.keepAlives.count == 1)
    try Self.run(&bench, .seconds(30), mapped: Self.beyond)
    #expect(bench.keepAlives.count == 2)
  }

  @Test func theShortestIntervalWinsUntilItLeaves() throws {
    var bench = try Self.registered()
    try Self.answer(&bench, mapped: Self.beyond)
    try Self.addBob(&bench)
    var account = try #require(bench.agent.account(of: Self.bob))
    account.policy.keepAlive = .every(.seconds(5))
    bench.handle(.change(Self.bob, account))
    #expect(bench.status?.flow?.cadence.longest == .seconds(5))
    account.policy.keepAlive = .automatic
    bench.handle(.change(Self.bob, account))
    bench.advance(.seconds(5))
    #expect(bench.status?.flow?.cadence.longest == .seconds(29))
  }

  @Test func nothingIsKeptOpenForNobody() throws {
    var bench = try Self.registered()
    try Self.answer(&bench, mapped: Self.beyond)
    bench.handle(.remove(Bench.id))
    bench.locate()
    try bench.respond(200)
    #expect(bench.state == nil)
    bench.advance(.seconds(300))
    #expect(bench.keepAlives.count == 1)
  }

  @Test func aRestartGoesOnWhereItIsConfigured() throws {
    let former = try Self.registered(seenAs: Bench.local) { $0.policy.keepAlive = .every(.seconds(10)) }
    var bench = try Bench { $0.policy.keepAlive = .every(.seconds(10)) }
    bench.now = former.now + .seconds(3)
    bench.start(former.record)
    #expect(bench.sent.isEmpty)
    #expect(bench.keepAlives.count == 1)
  }

  @Test func aRestartFindsOutThatTheNATMovedUs() throws {
    let former = try Self.registered()
    #expect(former.record?.seenFrom == Self.beyond)
    var bench = try Bench()
    bench.now = former.now + .seconds(60)
    bench.start(former.record)
    #expect(bench.sent.isEmpty)
    try Self.answer(&bench, mapped: Self.elsewhere)
    bench.advance(.milliseconds(10))
    bench.store()
    bench.locate()
    #expect(bench.sent.count == 1)
  }

  @Test func aRestartBehindTheSameNATSendsNoREGISTER() throws {
    let former = try Self.registered()
    var bench = try Bench()
    bench.now = former.now + .seconds(10)
    bench.start(former.record)
    try Self.answer(&bench, mapped: Self.beyond)
    bench.advance(.seconds(10))
    #expect(bench.sent.isEmpty)
    #expect(bench.status?.seenFrom == Self.beyond)
  }

  // MARK: Its end

  @Test func whoeverIsBoundRegistersAnewWhenTheNATMovesUs() throws {
    var bench = try Self.registered()
    try Self.answer(&bench, mapped: Self.beyond)
    try Self.addBob(&bench)
    bench.advance(.seconds(29))
    let count = bench.sent.count
    bench.seenAs = Self.elsewhere
    bench.questions = []
    try Self.answer(&bench, mapped: Self.elsewhere)
    #expect(bench.hopReports.contains { if case .flowFailed(_, .moved, accounts: 2) = $0 { true } else { false } })
    bench.advance(.milliseconds(100))
    bench.locateAll()
    #expect(try Set(Self.registers(bench, since: count)) == ["alice", "bob"])
    for bytes in bench.sent[count...] { try bench.respond(200, to: try Message(parsing: bytes)) }
    #expect(bench.agent.counters.failedAttempts == 0)
    // What they are told then is no further news.
    bench.advance(.seconds(10))
    #expect(bench.sent.count == count + 2)
  }

  @Test func silenceWhereAnAnswerCameBeforeIsTheEndOfTheFlow() throws {
    var bench = try Self.registered()
    try Self.answer(&bench, mapped: Self.beyond)
    let count = bench.sent.count
    bench.advance(.seconds(29))
    bench.advance(.milliseconds(9_500))
    #expect(bench.hopReports.contains { if case .flowFailed(_, .silent, accounts: 1) = $0 { true } else { false } })
    bench.advance(.milliseconds(10))
    bench.locate()
    #expect(bench.sent.count == count + 1)
    #expect(bench.status?.flow?.isBroken == true)
    try bench.respond(200)
    #expect(bench.status?.flow?.isBroken == false)
    #expect(bench.agent.counters.failedAttempts == 0)
  }

  @Test func whoDoesNotSpeakStunGetsLineEnds() throws {
    var bench = try Self.registered()
    let count = bench.sent.count
    bench.advance(.seconds(300))
    #expect(bench.sent.count == count)
    #expect(bench.keepAlives.dropFirst(6).allSatisfy { $0.probe == .lineEnds })
    #expect(bench.keepAlives.count > 12)
    #expect(bench.status?.flow?.method == .lineEnds)
  }

  @Test func a2xxThatSeesUsElsewhereMovesTheOthers() throws {
    var bench = try Self.registered()
    try Self.addBob(&bench)
    bench.advance(.seconds(60))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    let count = bench.sent.count
    bench.seenAs = Self.elsewhere
    try bench.respond(200)
    bench.advance(.seconds(1))
    bench.locate()
    #expect(try Self.registers(bench, since: count) == ["bob"])
  }

  @Test func aNATThatShowsAnotherPortEachTimeIsNotChased() throws {
    var bench = try Self.registered()
    var moves = 0
    for port in 1...12 as ClosedRange<UInt16> {
      let seen = Endpoint(address: .v4(0xCB00_7105), port: 40_000 + port)
      try Self.answer(&bench, mapped: seen)
      let (count, asked) = (bench.sent.count, bench.keepAlives.last?.probe)
      bench.seenAs = seen
      bench.advance(.seconds(2))
      bench.locate()
      if bench.sent.count > count {
        moves += 1
        try bench.respond(200)
      }
      while bench.keepAlives.last?.probe == asked { bench.advance(.milliseconds(100)) }
    }
    #expect(moves == 3)
  }

  @Test func answersOfOthersSayNothing() throws {
    var bench = try Self.registered()
    try Self.answer(&bench, mapped: Self.beyond)
    bench.advance(.seconds(29))
    let last = try #require(bench.keepAlives.last)
    guard case .binding(let question) = last.probe else { throw Bench.NothingSent() }
    let count = bench.sent.count
    var other = last.target
    other.endpoint.port += 1
    bench.handle(.bindingAnswered(BindingAnswer(transaction: question, mapped: Self.elsewhere), Flow(target: other)))
    bench.handle(
      .bindingAnswered(
        BindingAnswer(transaction: BindingTransaction(upper: 1, lower: 2), mapped: Self.elsewhere),
        Flow(target: last.target)))
    bench.advance(.seconds(3))
    #expect(bench.sent.count == count)
  }

  // MARK: Streams

  @Test func aPongThatDoesNotComeClosesTheConnection() throws {
    var bench = try Self.connected()
    #expect(bench.keepAlives.map(\.probe) == [.ping])
    bench.handle(.pong(Self.flow(bench)))
    bench.advance(.seconds(120))
    #expect(bench.keepAlives.count == 2)
    let count = bench.sent.count
    bench.advance(.seconds(10))
    #expect(bench.closed == [Self.flow(bench)])
    bench.handle(.connectionClosed(carrying: [], hasWorked: true, reason: "closed", flow: Self.flow(bench)))
    bench.advance(.milliseconds(10))
    bench.locate()
    #expect(bench.sent.count == count + 1)
    bench.connection = 8
    try Self.accept(&bench, [(.require, "outbound")])
    bench.advance(.seconds(5))
    #expect(bench.sent.count == count + 1)
    #expect(bench.agent.counters.failedAttempts == 0)
  }

  @Test func aConnectionThatEndsIsRegisteredOverAnewAtOnce() throws {
    var bench = try Self.connected()
    bench.advance(.seconds(5))
    let count = bench.sent.count
    bench.handle(.connectionClosed(carrying: [], hasWorked: true, reason: "reset", flow: Self.flow(bench)))
    bench.advance(.milliseconds(10))
    bench.locate()
    #expect(bench.sent.count == count + 1)
  }

  @Test func aConnectionThatNobodyKeepsOpenEndsWithoutAWord() throws {
    var bench = try Self.connected([])
    let count = bench.sent.count
    bench.handle(.connectionClosed(carrying: [], hasWorked: true, reason: "reset", flow: Self.flow(bench)))
    bench.advance(.seconds(60))
    #expect(bench.sent.count == count)
    #expect(bench.keepAlives.isEmpty)
  }

  @Test func thePortOfAStreamIsNoNAT() throws {
    let bench = try Self.connected([], seenAs: Endpoint(address: Bench.local.address, port: 50_123))
    #expect(bench.keepAlives.isEmpty)
    let beyond = try Self.connected([], seenAs: Self.beyond)
    #expect(beyond.keepAlives.count == 1)
  }

  @Test func anotherConnectionThatTookItsPlaceMovesTheOthers() throws {
    var bench = try Self.connected()
    bench.handle(.pong(Self.flow(bench)))
    bench.advance(.seconds(2))
    bench.connection = 8
    try Self.addBob(&bench)
    // Bob's 2xx does not say that the edge keeps flows, and so does not concern the one that is kept.
    let count = bench.sent.count
    bench.advance(.seconds(60))
    #expect(bench.sent.count == count)
    bench.handle(.refresh(Self.bob))
    bench.locate()
    try Self.accept(&bench, [(.require, "outbound")])
    bench.advance(.seconds(1))
    bench.locate()
    #expect(try Self.registers(bench, since: count + 1) == ["alice"])
  }

  @Test func aPeerThatEndsEveryConnectionIsNotChased() throws {
    var bench = try Self.connected()
    var registers = 0
    let end = bench.now + .seconds(3_600)
    while bench.now < end {
      let count = bench.sent.count
      bench.handle(.connectionClosed(carrying: [], hasWorked: true, reason: "reset", flow: Self.flow(bench)))
      while bench.sent.count == count, bench.now < end {
        bench.advance(.seconds(1))
        bench.locate()
      }
      guard bench.sent.count > count else { break }
      registers += 1
      bench.connection += 1
      try Self.accept(&bench, [(.require, "outbound")])
    }
    #expect((5...14).contains(registers), "\(registers) REGISTERs in an hour")
  }
}
