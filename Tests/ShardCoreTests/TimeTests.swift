import SIPMessage
import SIPUserAgent
import Testing

@testable import ShardCore

/// When it wants to be woken, and who may start then.
@Suite struct TimeTests {
  /// So many that are bound, and due for a refresh, and so many that come.
  private func crowd(bound: Int, new: Int) throws -> (CoreBench, Instant) {
    var bench = CoreBench()
    let way = Way(target: CoreBench.peer, local: CoreBench.local)
    let restored = try bench.core.reserve(bound).map { id in
      var record = RegistrationRecord(callID: "\(id.index)@example.test", fromTag: "t", cSeqCeiling: 1)
      record.binding = Binding(
        registeredAt: bench.now - .seconds(590), expiresAt: bench.now + .seconds(10),
        contact: Array("sip:u\(id.index)@192.0.2.1".utf8), routeIndex: 0, way: way)
      return RestoredAccount(id: id, account: try CoreBench.account("u\(id.index)"), record: record)
    }
    let arrivals = try bench.core.reserve(new).map { id in
      Arrival(id: id, account: try CoreBench.account("u\(id.index)"))
    }
    bench.handle(.add(arrivals, from: CoreBench.origin))
    bench.handle(.restore(restored, reserved: 64))
    return (bench, bench.now)
  }

  private func callIDs(_ bench: CoreBench) throws -> [String] {
    try bench.sent.map { try Message(parsing: $0).callID?.text ?? "" }
  }

  @Test func deadlinesAreRoundedUpToTheGrainAndAskedForOnce() throws {
    var bench = CoreBench()
    bench.handle(.started)
    // The clock is looked at now and then, whatever sleeps.
    #expect(bench.wakesAt == bench.now + ShardCore.Limits.longestSleep + ShardCore.Limits.grain)
    bench.now = bench.now + .milliseconds(7)
    _ = bench.add(try CoreBench.account())
    #expect(bench.wakesAt == bench.now - .milliseconds(7) + ShardCore.Limits.grain)
    var outputs = Outputs()
    bench.core.handle(.turn, now: bench.now, outputs: &outputs)
    #expect(outputs.wakeAt == nil, "it is on its way")
    // Nobody came.
    bench.core.handle(.turn, now: bench.now + .seconds(2), outputs: &outputs)
    #expect(outputs.wakeAt != nil)
  }

  @Test func whatIsOverdueDoesNotWaitUntilAFloodIsOver() throws {
    var bench = CoreBench()
    _ = bench.add(try CoreBench.account())
    var outputs = Outputs()
    bench.core.catchUp(now: bench.now + .milliseconds(900), outputs: &outputs)
    bench.core.finish(now: bench.now + .milliseconds(900), outputs: &outputs)
    #expect(outputs.lookups.isEmpty)
    #expect(bench.core.isOverdue(now: bench.now + .milliseconds(900)))
    bench.core.catchUp(now: bench.now + .milliseconds(1_200), outputs: &outputs)
    #expect(outputs.lookups.count == 1)
  }

  @Test func withRoomForAllOfThemAllStartAtOnce() throws {
    var (bench, _) = try crowd(bound: 100, new: 100)
    bench.advance(.milliseconds(100))
    bench.locate()
    #expect(bench.sent.count == 200)
    #expect(!bench.wantsTurn)
  }

  @Test func refreshesStartBeforeFirstRegistrationsAndNoMoreThanTheWindowHolds() throws {
    var (bench, _) = try crowd(bound: 300, new: 300)
    bench.advance(.milliseconds(50))
    bench.locate()
    #expect(bench.sent.count == StartQueue.window)
    #expect(try callIDs(bench).allSatisfy { $0.hasSuffix("@example.test") && $0.count < 20 })
    let answered = bench.sent.count
    for index in 0..<answered { try bench.respond(200, to: index) }
    bench.locate()
    // An answer makes room for one more.
    #expect(bench.sent.count >= answered + 200)
    #expect(try Set(callIDs(bench)).count == bench.sent.count)
    bench.advance(.seconds(3))
    #expect(try Set(callIDs(bench)).count == 600)
  }

  @Test func whoDoesNotAnswerHoldsNobodyUpForLong() throws {
    var (bench, _) = try crowd(bound: 1_000, new: 0)
    bench.advance(.milliseconds(100))
    bench.locate()
    #expect(bench.sent.count == StartQueue.window)
    bench.advance(.seconds(1))
    #expect(try Set(callIDs(bench)).count == 1_000)
  }

  @Test func aTimerThatMeansNothingAnyMoreDoesNothing() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    for _ in 0..<20 {
      bench.advance(.seconds(5))
      bench.handle(.want(.refresh, of: [id]))
      bench.locate()
      try bench.respond(200)
    }
    let sent = bench.sent.count
    #expect(bench.core.heap.count > 1)
    bench.locate()
    // All that was set before comes up, and the last refresh is not due.
    bench.advance(.seconds(250))
    #expect(bench.sent.count == sent)
    #expect(bench.core.agent.stateName(of: id) == .registered)
    bench.advance(.seconds(300))
    bench.locate()
    #expect(bench.sent.count > sent)
  }

  @Test func whatIsWantedOfFewIsDoneAtOnceAndOfManyInTurn() throws {
    var (bench, _) = try crowd(bound: 0, new: 400)
    #expect(bench.core.isAtOnce(64))
    #expect(!bench.core.isAtOnce(65))
    bench.advance(.seconds(2))
    bench.locate()
    bench.advance(.seconds(2))
    let ids = (0..<400).map { AccountID(index: $0) }
    bench.handle(.want(.pause, of: ids))
    while bench.wantsTurn {
      bench.wantsTurn = false
      bench.handle(.turn)
    }
    bench.advance(.seconds(2))
    #expect(ids.allSatisfy { bench.core.agent.course(of: $0)?.isPausedByOperator == true })
    #expect(bench.core.isAtOnce(1))
  }

  @Test func aTurnIsAskedForOnce() throws {
    var (bench, _) = try crowd(bound: 0, new: 10)
    // A wish that leads to no request takes no room, so that more are let out than have a turn.
    let ids = (0..<2_000).map { AccountID(index: $0 % 10) }
    bench.handle(.want(.resume, of: ids))
    #expect(bench.wantsTurn)
    bench.wantsTurn = false
    bench.handle(.want(.resume, of: [ids[0]]))
    #expect(!bench.wantsTurn)
    bench.handle(.turn)
    #expect(bench.core.isAtOnce(1))
  }

  @Test func nobodyIsStuckWhoWaitsForATurn() throws {
    let (bench, now) = try crowd(bound: 300, new: 300)
    #expect(bench.core.stuck(among: 0..<700, now: now + .seconds(59)).isEmpty)
    #expect(bench.core.stuck(among: 0..<700, now: now + .seconds(3_600)).count == 600)
    #expect(bench.core.slots.contains(599))
  }
}
