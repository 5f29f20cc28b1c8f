import SIPMessage
import SIPTransaction
import SIPUserAgent
import Testing

/// What a registration makes of a connection that ends under its REGISTER.
@Suite struct ClosedConnectionTests {
  private func client(_ bench: Bench) throws -> ClientTransactionID {
    let branch = try #require(try bench.lastRequest().topmostVia().branch)
    return try #require(Branch(branch)).transaction
  }

  private func cSeq(_ bench: Bench) throws -> UInt32 { try bench.lastRequest().cSeq().number }

  private func close(_ bench: inout Bench, hasWorked: Bool) throws {
    bench.handle(.connectionClosed(carrying: [try client(bench)], hasWorked: hasWorked, reason: "reset"))
  }

  @Test func registerThatIsLostWithAConnectionThatWorkedGoesOverAnotherAtOnce() throws {
    var bench = try Bench.registered()
    bench.handle(.refresh(Bench.id))
    bench.advance(.seconds(6))
    bench.locate()
    let (count, number) = (bench.sent.count, try cSeq(bench))
    bench.reports = []
    try close(&bench, hasWorked: true)
    #expect(bench.sent.count == count + 1)
    #expect(try cSeq(bench) == number + 1)
    #expect(bench.reports == [])
    #expect(bench.agent.counters.failedAttempts == 0)
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test func connectionThatBroughtNothingIsAFailedAttempt() throws {
    var bench = try Bench.registering()
    try close(&bench, hasWorked: false)
    #expect(bench.sent.count == 1)
    #expect(bench.state == .waiting)
  }

  @Test func answerThatEndsAConnectionLeavesTheNextRequestAlone() throws {
    var bench = try Bench.registering()
    let first = try client(bench)
    try bench.respond(401, Bench.challenge)
    let count = bench.sent.count
    bench.handle(.connectionClosed(carrying: [first], hasWorked: true, reason: "closed"))
    #expect(bench.sent.count == count)
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test func peerThatTakesEveryRequestAlongIsLeftInTheEnd() throws {
    var bench = try Bench.registering()
    for _ in 0..<32 {
      try close(&bench, hasWorked: true)
      // As long as the next REGISTER may wait for its turn.
      bench.advance(.milliseconds(10))
    }
    #expect(bench.sent.count == 33)
    try close(&bench, hasWorked: true)
    #expect(bench.sent.count == 33)
    #expect(bench.state == .waiting)
  }

  /// A neighbour's request may be what the peer resets the connection of all for.
  @Test func whoGoesDownWithAConnectionWhileOthersAreAnsweredComesAgainSoon() throws {
    var bench = try Bench.registered()
    bench.advance(.seconds(6))
    let bob = AccountID(index: 1)
    let account = Account(
      name: "bob", addressOfRecord: try URI("sip:bob@example.test"), registrar: try URI("sip:example.test"))
    bench.handle(.add(bob, account, nil))
    bench.advance(.zero)
    let record = try #require(bench.record)
    bench.handle(.stored(bob, key: record.key, cSeqCeiling: record.cSeqCeiling))
    bench.locate()
    let lost = try client(bench)
    bench.advance(.milliseconds(20))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    try bench.respond(200)
    bench.reports = []
    bench.handle(.connectionClosed(carrying: [lost], hasWorked: false, reason: "reset"))
    guard case .failed(_, let next) = try #require(bench.reports.first) else {
      Issue.record("\(bench.reports)")
      return
    }
    #expect(next - bench.now >= .seconds(5) && next - bench.now <= .seconds(10))
  }
}
