import SIPMessage
import SIPUserAgent
import Scratch
import Testing

@testable import RegistrationRecords

/// What a refresh leaves in the state file, and what a later process makes of it.
@Suite struct RenewalTests {
  let scratch: ScratchDirectory
  let clock = SetClock()
  let told = Told()

  init() throws { scratch = try ScratchDirectory() }

  func record(tag: String = "00000000000000ff", granted: Int64) -> RegistrationRecord {
    let end = Endpoint(address: .v4(0xC000_0201), port: 5070)
    return RegistrationRecord(
      callID: "uuid@example.com", fromTag: tag, cSeqCeiling: 64,
      binding: Binding(
        registeredAt: clock.now, expiresAt: clock.now + .seconds(granted), contact: Array("sip:a@192.0.2.1".utf8),
        routeIndex: 0, target: Target(transport: .udp, endpoint: end), local: end),
      nonces: [
        CachedNonce(
          source: .server, realm: [1], nonce: [2], algorithm: DigestAlgorithm(hash: .md5), quality: .auth, count: 7)
      ])
  }

  func renewal(of record: RegistrationRecord, granted: Int64, count: UInt32 = 8) -> Renewal {
    Renewal(
      key: record.key, registeredAt: clock.now, expiresAt: clock.now + .seconds(granted), nonceCount: count)
  }

  func save(_ records: [RegistrationRecord], _ renewals: [Renewal]) throws {
    let store = try told.open(scratch.path, clock)
    store.save((renewals.isEmpty ? [] : [.renewals(renewals)]) + records.map { .record(name: .text($0.fromTag), $0) })
    store.close()
  }

  func remaining(_ record: RegistrationRecord) throws -> Int64? {
    let store = try told.open(scratch.path, clock)
    defer { store.close() }
    return store.records[record.fromTag]?.binding.map { ($0.expiresAt - clock.now).wholeSeconds }
  }

  @Test(arguments: ["00000000000000ff", "another", "0000000000000g00"]) func aRenewalMovesTimesAndCounts(
    tag: String
  ) throws {
    let former = record(tag: tag, granted: 60)
    try save([former], [])
    clock.advance(50)
    try save([], [renewal(of: former, granted: 600)])
    var expected = former
    expected.renew(renewal(of: former, granted: 600))
    let store = try told.open(scratch.path, clock)
    #expect(store.records == [tag: expected])
    #expect(store.records[tag]?.nonces.map(\.count) == [8])
    clock.advance(100)
    #expect(store.records[tag]?.binding?.expiresAt == expected.binding?.expiresAt)
    store.close()
  }

  @Test func ofTwoRenewalsTheLaterHolds() throws {
    let former = record(granted: 60)
    try save([former], [renewal(of: former, granted: 900), renewal(of: former, granted: 600)])
    #expect(try remaining(former) == 60, "what is written with a record was before it")
    try save([], [renewal(of: former, granted: 900), renewal(of: former, granted: 600)])
    #expect(try remaining(former) == 600)
    try save([], [renewal(of: former, granted: 300)])
    #expect(try remaining(former) == 300)
  }

  @Test func aRecordMakesFormerRenewalsVoid() throws {
    let former = record(granted: 60)
    try save([former], [])
    try save([], [renewal(of: former, granted: 3_600)])
    try save([record(granted: 30)], [])
    #expect(try remaining(former) == 30)
    var unbound = record(granted: 30)
    unbound.binding = nil
    try save([], [renewal(of: former, granted: 3_600)])
    try save([unbound], [])
    #expect(try remaining(former) == nil)
  }

  @Test func aRenewalOfNobodyIsNothing() throws {
    let own = record(granted: 60)
    try save([own], [])
    try save([], [renewal(of: record(tag: "0000000000000001", granted: 1), granted: 3_600)])
    #expect(try remaining(own) == 60)
  }

  @Test func ofManyEachFindsItsOwn() throws {
    let tags = (0..<1_000).map { String($0 * 1_048_576, radix: 16) }
      .map { String(repeating: "0", count: 16 - $0.utf8.count) + $0 }
    let records = tags.map { record(tag: $0, granted: 60) }
    try save(records, [])
    for part in 0..<2 {
      try save(
        [],
        records.indices.filter { $0 % 2 == part }.map {
          renewal(of: records[$0], granted: Int64(100 + $0), count: UInt32(100 + $0))
        })
    }
    let store = try told.open(scratch.path, clock)
    let found = store.records
    store.close()
    for (index, tag) in tags.enumerated() {
      let record = try #require(found[tag])
      #expect(record.binding?.expiresAt == clock.now + .seconds(Int64(100 + index)))
      #expect(record.nonces.map(\.count) == [UInt32(100 + index)])
    }
  }

  @Test(arguments: StateStoreTests.passages) func aRenewalNeverSeemsToLiveLonger(
    passage: StateStoreTests.Passage
  ) throws {
    let former = record(granted: 3_600)
    try save([former], [])
    var renewal = renewal(of: former, granted: 3_500)
    renewal.registeredAt = clock.now - .seconds(100)
    try save([], [renewal])
    passage.happens(clock)
    #expect(try remaining(former) == passage.remaining)
  }

  @Test func whatHasEndedIsTakenOut() throws {
    let former = record(granted: 60)
    for _ in 0..<20 { try save([], [renewal(of: former, granted: 10)]) }
    clock.advance(100)
    for _ in 0..<4 { try save([], [renewal(of: former, granted: 10)]) }
    let database = try Database(path: "\(scratch.path)/\(StateFile.name)")
    #expect(try database.integer("SELECT count(*) FROM renewal") == 4)
  }

  /// As the file was when every refresh wrote the whole record, and when every row reserved CSeq numbers of its own.
  @Test(
    arguments: [
      "ALTER TABLE account DROP COLUMN renewals_in; DROP TABLE renewal; PRAGMA user_version = 1",
      "PRAGMA user_version = 2",
    ])
  func aFileOfAFormerVersionIsTakenOver(difference: String) throws {
    let former = record(granted: 60)
    try save([former], [])
    try Database(path: "\(scratch.path)/\(StateFile.name)").execute(
      "ALTER TABLE account DROP COLUMN series; \(difference)")
    #expect(try remaining(former) == 60)
    try save([], [renewal(of: former, granted: 600)])
    #expect(try remaining(former) == 600)
    #expect(told.notices.isEmpty)
  }
}
