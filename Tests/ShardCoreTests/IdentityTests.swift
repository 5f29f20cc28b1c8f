import SIPMessage
import SIPUserAgent
import Testing

@testable import ShardCore

/// Who has which Call-ID, and which CSeq numbers are safe (RFC 3261 §10.2, §10.2.4).
@Suite struct IdentityTests {
  private func key(_ account: Account) -> [UInt8] { Array(account.storeKey.utf8) }

  // MARK: Reservations

  @Test func whatTheOriginReservedIsUsedWithoutAWrite() throws {
    var bench = CoreBench()
    let account = try CoreBench.account()
    _ = bench.add(account)
    #expect(bench.changes.isEmpty)
    bench.advance(.milliseconds(100))
    bench.locate()
    #expect(try bench.request().cSeq().number == 1_001)
    let record = CoreBench.origin.record(of: account, key: key(account).span)
    #expect(try bench.request().callID?.text == record.callID)
  }

  @Test func aNewIdentityIsWrittenBeforeItIsUsed() throws {
    var bench = CoreBench()
    let id = bench.add(try CoreBench.account(), from: nil)
    #expect(bench.records.map(\.record.cSeqCeiling) == [65])
    #expect(bench.reservations.map(\.ceiling) == [65])
    bench.advance(.seconds(5))
    bench.locate()
    #expect(bench.sent.isEmpty)
    // Of one that had its number before.
    bench.handle(.stored([Reservation(id: id, key: 1, ceiling: 65)], forgotten: []))
    bench.locate()
    #expect(bench.sent.isEmpty)
    bench.store()
    bench.locate()
    #expect(try bench.request().cSeq().number == 1)
  }

  @Test(arguments: [UInt32(0), 64]) func aRecordGoesOnAtItsCeiling(reserved: UInt32) throws {
    var bench = CoreBench()
    let record = RegistrationRecord(callID: "former@example.test", fromTag: "t", cSeqCeiling: 4_711)
    let returner = RestoredAccount(id: bench.core.reserve(1)[0], account: try CoreBench.account(), record: record)
    bench.handle(.restore([returner], reserved: reserved))
    bench.advance(.milliseconds(100))
    #expect(bench.reservations.map(\.ceiling) == (reserved == 0 ? [4_775] : []))
    bench.locate()
    #expect(bench.sent.isEmpty == (reserved == 0))
    bench.store()
    bench.locate()
    #expect(try bench.request().cSeq().number == 4_711)
    #expect(try bench.request().callID?.text == "former@example.test")
  }

  @Test func moreNumbersAreAskedForBeforeTheyRunOutAndNobodyWaits() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    var ceilings: [UInt32] = []
    for _ in 0..<60 {
      bench.advance(.seconds(5))
      bench.handle(.want(.refresh, of: [id]))
      bench.advance(.milliseconds(500))
      bench.locate()
      try bench.respond(200)
      ceilings += bench.reservations.map(\.ceiling)
      bench.store()
    }
    // 16 are left of 64 when 48 were used.
    #expect(ceilings == [1_113])
    #expect(try bench.request().cSeq().number == 1_061)
  }

  // MARK: Company

  @Test func aRefreshIsWrittenWhenItsCompanyHasCome() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    bench.advance(.seconds(5))
    bench.handle(.want(.refresh, of: [id]))
    bench.locate()
    try bench.respond(200)
    #expect(bench.changes.isEmpty)
    bench.advance(ShardCore.Limits.storeDelay + ShardCore.Limits.grain)
    guard case .renewals(let renewals)? = bench.changes.first else {
      Issue.record("\(bench.changes)")
      return
    }
    #expect(renewals.count == 1 && bench.changes.count == 1)
    #expect(bench.reservations.isEmpty)
  }

  @Test func whatWaitsIsHandedOutAtTheEnd() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    bench.handle(.want(.pause, of: [id]))
    #expect(bench.changes.isEmpty)
    var outputs = Outputs()
    bench.core.hand(out: &outputs)
    #expect(outputs.changes.count == 1)
    bench.core.hand(out: &outputs)
    #expect(outputs.changes.count == 1)
  }

  // MARK: Who comes back before it has gone

  @Test func aLeaverIsSucceededUnderItsCallID() throws {
    var bench = CoreBench()
    let account = try CoreBench.account()
    let former = try bench.register(account)
    bench.handle(.remove([former]))
    let farewell = try bench.request()
    #expect(farewell.expires?.value == 0)
    let successor = bench.add(account)
    #expect(successor != former)
    bench.advance(.milliseconds(100))
    bench.locate()
    // Its numbers are above all that the predecessor may use, and are written first.
    #expect(bench.reservations.map(\.ceiling) == [1_065 + 64])
    #expect(bench.sent.count == 1)
    bench.store()
    bench.locate()
    let request = try bench.request()
    #expect(request.callID?.text == farewell.callID?.text)
    #expect(try request.cSeq().number == 1_065)
    #expect(request.expires?.value == 600)
  }

  @Test func aSuccessorsRowIsNotOverwrittenByItsPredecessor() throws {
    var bench = CoreBench()
    let account = try CoreBench.account()
    let former = try bench.register(account)
    // A challenge without an end: it uses numbers, and has news of nonces.
    bench.handle(.remove([former]))
    _ = bench.add(account)
    bench.store()
    bench.take(.pause(former))
    try bench.respond(200, to: 0)
    bench.advance(.seconds(2))
    #expect(bench.records.allSatisfy { $0.record.cSeqCeiling > 1_065 && $0.record.pause == nil })
    #expect(bench.forgotten.isEmpty)
    #expect(bench.core.agent.account(of: former) == nil)
    // Its number is free, and nobody hears from it any more.
    #expect(bench.core.reserve(1) == [former])
  }

  @Test func whoIsGoneIsForgottenAndSaysSo() throws {
    var bench = CoreBench()
    let account = try CoreBench.account()
    let id = try bench.register(account)
    bench.handle(.remove([id]))
    bench.happenings = []
    try bench.respond(200)
    #expect(bench.forgotten == [account.storeKey])
    guard case .forgotten(account.storeKey)? = bench.changes.first else {
      Issue.record("\(bench.changes)")
      return
    }
    #expect(bench.happenings.map(\.report) == [.unregistered])
    #expect(bench.happenings.map(\.account) == [account])
    #expect(bench.core.reserve(1) == [id])
  }

  /// A crash before the row is gone would have the next process go on from it, with numbers that are used now.
  @Test func nobodyBeginsFromTheOriginWhileARowOfItsMayBeLeft() throws {
    var bench = CoreBench()
    let account = try CoreBench.account()
    let former = try bench.register(account)
    bench.handle(.remove([former]))
    let callID = try bench.request().callID?.text
    try bench.respond(200)
    let above = IdentityOrigin(seed: Array(repeating: 7, count: IdentityOrigin.seedLength), firstCSeq: 50_001)
    let next = bench.add(account, from: above)
    #expect(bench.core.agent.record(of: next)?.callID != callID)
    #expect(bench.records.map(\.record.cSeqCeiling) == [65])
    // The row of who came stays: what was there before goes first.
    guard case .forgotten? = bench.changes.first, case .records? = bench.changes.last else {
      Issue.record("\(bench.changes)")
      return
    }
    bench.store()
    bench.handle(.remove([next]))
    bench.store()
    let third = bench.add(account, from: above)
    #expect(bench.core.agent.record(of: third)?.callID == callID)
  }

  @Test func anOriginThatIsOlderThanWhoLeftIsNotBelieved() throws {
    var bench = CoreBench()
    let account = try CoreBench.account()
    let former = try bench.register(account)
    bench.handle(.remove([former]))
    try bench.respond(200)
    bench.store()
    let id = bench.add(account)
    #expect(bench.records.map(\.record.cSeqCeiling) == [65], "another identity")
    #expect(bench.core.agent.record(of: id)?.cSeqCeiling == 65)
  }

  @Test func whatHasToSurviveIsAllButWhoLeaves() throws {
    var bench = CoreBench()
    let (alice, bob) = (try CoreBench.account("alice"), try CoreBench.account("bob"))
    let id = try bench.register(alice)
    _ = try bench.register(bob)
    #expect(bench.core.wholeRecords(among: 0..<10).map(\.key.text) == [alice.storeKey, bob.storeKey])
    bench.handle(.remove([id]))
    #expect(bench.core.wholeRecords(among: 0..<10).map(\.key.text) == [bob.storeKey])
    #expect(bench.core.wholeRecords(among: 0..<1).isEmpty)
  }

  /// Numbers of accounts are given out before their registrations have slots: what goes between the two parts them.
  @Test func whatHasToSurviveIsFoundWhereverItsSlotIs() throws {
    var bench = CoreBench()
    let (alice, bob, carol) = (
      try CoreBench.account("alice"), try CoreBench.account("bob"), try CoreBench.account("carol")
    )
    let id = try bench.register(alice)
    _ = try bench.register(bob)
    let reserved = bench.core.reserve(1)
    bench.handle(.remove([id]))
    try bench.respond(200)
    bench.handle(.add([Arrival(id: reserved[0], account: carol)], from: CoreBench.origin))
    #expect(bench.core.slots == 0..<2)
    let names = bench.core.wholeRecords(among: bench.core.slots).map(\.key.text)
    #expect(Set(names) == [bob.storeKey, carol.storeKey])
  }

  @Test func aStopKeepsTheRow() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    bench.handle(.stop([id]))
    #expect(bench.core.stopping == 1)
    #expect(try bench.request().expires?.value == 0)
    try bench.respond(200)
    #expect(bench.core.stopping == 0)
    #expect(bench.forgotten.isEmpty)
    #expect(bench.core.agent.account(of: id) != nil)
  }
}
