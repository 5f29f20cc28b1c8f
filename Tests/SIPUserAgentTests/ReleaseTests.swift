import SIPMessage
import SIPTransaction
import SIPUserAgent
import Testing

/// An account that somebody else keeps from now on.
@Suite struct ReleaseTests {
  private func released(_ bench: inout Bench) throws -> RegistrationRecord {
    let sent = bench.sent.count
    bench.handle(.release(Bench.id))
    #expect(bench.sent.count == sent, "nothing is un-REGISTERed")
    let records = bench.effects.compactMap { effect -> RegistrationRecord? in
      if case .released(Bench.id, let record) = effect { record } else { nil }
    }
    return try #require(records.first)
  }

  @Test func itGoesWithItsRecordAndSendsNothing() throws {
    var bench = try Bench.registered()
    let binding = try #require(bench.status?.binding)
    let record = try released(&bench)
    #expect(record.binding == binding)
    #expect(bench.state == nil)
    #expect(bench.agent.counts.total == 0)
    bench.advance(.seconds(7200))
    #expect(bench.sent.count == 1)
  }

  @Test func whoKeepsItFromThenOnRefreshesTheSameBinding() throws {
    var bench = try Bench.registered()
    let callID = try #require(bench.lastRequest().callID)
    let record = try released(&bench)
    var other = try Bench()
    other.now = bench.now
    other.start(record)
    #expect(other.state == .registered)
    other.handle(.refresh(Bench.id))
    other.advance(.seconds(5))
    other.store()
    other.locate()
    let request = try other.lastRequest()
    #expect(request.callID == callID)
    #expect(try request.cSeq().number > bench.lastRequest().cSeq().number)
  }

  @Test func anAnswerThatComesAfterwardsIsNobodys() throws {
    var bench = try Bench.registering()
    let record = try released(&bench)
    #expect(record.binding == nil)
    try bench.respond(200)
    #expect(bench.reports.isEmpty && bench.state == nil)
    #expect(bench.agent.transactionCount == 0)
  }

  @Test func itsNumberIsAnothersAndItsTimerNobodys() throws {
    var bench = try Bench.registered()
    let former = bench.timers
    _ = try released(&bench)
    bench.record = nil
    bench.handle(.add(AccountID(index: 7), try Bench.account { $0.expires = 60 }, nil))
    for timer in former.keys where timer.kind == .registration { #expect(!bench.agent.isArmed(timer)) }
    #expect(bench.agent.stateName(of: AccountID(index: 7)) == .unregistered)
    #expect(bench.agent.slots == 0..<1, "the slot of the one that went is used again")
  }
}
