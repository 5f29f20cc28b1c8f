import SIPMessage
import SIPUserAgent
import Scratch
import ShardCore
import Testing

@testable import RegistrationRecords

/// What one process after the other may use as CSeq, and under which identity, with one write for all accounts.
@Suite struct CSeqSeriesTests {
  let scratch: ScratchDirectory
  let told = Told()
  let account: Account

  init() throws {
    scratch = try ScratchDirectory()
    account = Account(
      name: "alice", addressOfRecord: try URI("sip:alice@example.com"), registrar: try URI("sip:example.com"))
  }

  func record(_ ceiling: UInt32) -> RegistrationRecord {
    RegistrationRecord(callID: "a@example.com", fromTag: "t", cSeqCeiling: ceiling)
  }

  /// What a process finds that begins a series, and leaves without a word.
  func ceilingOfNext() throws -> UInt32? {
    let store = try told.open(scratch.path)
    defer { store.close() }
    #expect(store.beginSeries() == IdentityOrigin.reserve)
    return store.records["alice"]?.cSeqCeiling
  }

  func origin(_ changes: [StateChange] = []) async throws -> RegistrationRecord {
    let store = try told.open(scratch.path)
    defer { store.close() }
    await store.saved(changes)
    return try #require(await store.makeOrigin()).record(of: account, key: account.storeKey.utf8.span)
  }

  @Test func eachProcessBeginsWhereTheFormerMayHaveEnded() async throws {
    let store = try told.open(scratch.path)
    #expect(store.beginSeries() == IdentityOrigin.reserve)
    await store.saved([.record(name: .text("alice"), record(100))])
    store.close()
    #expect(try ceilingOfNext() == 100)
    #expect(try ceilingOfNext() == 164)
    #expect(try ceilingOfNext() == 228)
  }

  @Test func whoReadsOnlyBeginsAboveWhatTheFormerReserved() async throws {
    let store = try told.open(scratch.path)
    _ = store.beginSeries()
    await store.saved([.record(name: .text("alice"), record(100))])
    store.close()
    #expect(try ceilingOfNext() == 100)
    let reader = try told.open(scratch.path)
    #expect(reader.records["alice"]?.cSeqCeiling == 164)
  }

  @Test func aRecordThatIsWrittenAnewBeginsAtItsOwnCeiling() async throws {
    _ = try await origin([.record(name: .text("alice"), record(100))])
    let store = try told.open(scratch.path)
    _ = store.beginSeries()
    await store.saved([.record(name: .text("alice"), record(9_000))])
    _ = await store.makeOrigin()
    store.close()
    #expect(try ceilingOfNext() == 9_064, "accounts that came meanwhile began a series")
  }

  @Test func aNewcomerIsTheSameInEachProcessAndItsNumbersRise() async throws {
    let first = try await origin()
    let second = try await origin()
    #expect((first.callID, first.fromTag) == (second.callID, second.fromTag))
    #expect(second.cSeqCeiling >= first.cSeqCeiling + IdentityOrigin.reserve)
  }

  @Test func whoWasForgottenComesBackAboveAllItHasUsed() async throws {
    let first = try await origin([.record(name: .text("alice"), record(70_000))])
    let second = try await origin([.forgotten(name: "alice")])
    #expect(first.callID == second.callID)
    #expect(second.cSeqCeiling > 70_000 + IdentityOrigin.reserve)
    let third = try await origin([.forgotten(name: "nobody")])
    #expect(third.cSeqCeiling >= second.cSeqCeiling + IdentityOrigin.reserve)
  }

  @Test func identitiesChangeWhereNoNumberIsLeft() async throws {
    let first = try await origin([.record(name: .text("alice"), record(2_000_000_000))])
    let second = try await origin([.forgotten(name: "alice")])
    #expect(first.callID != second.callID)
    #expect(second.cSeqCeiling < 10_000)
  }

  @Test func identitiesChangeWhereRowsCanNotBeRead() async throws {
    let first = try await origin([.record(name: .text("alice"), record(70_000))])
    try Database(path: "\(scratch.path)/\(StateFile.name)").execute("UPDATE account SET call_id = ''")
    let store = try told.open(scratch.path)
    _ = store.beginSeries()
    #expect(store.records.isEmpty)
    let second = try #require(await store.makeOrigin()).record(of: account, key: account.storeKey.utf8.span)
    #expect(first.callID != second.callID)
  }

  @Test(arguments: ["x", "", "éééééééééééééééé", "zz0102030405060708090a0b0c0d0e0f"]) func aSeedThatIsNoneIsMadeAnew(
    seed: String
  ) async throws {
    _ = try await origin()
    try Database(path: "\(scratch.path)/\(StateFile.name)").execute(
      "UPDATE meta SET value = '\(seed)' WHERE key = 'identity_seed'; UPDATE meta SET value = '-5' WHERE key = 'series'"
    )
    #expect(try await origin().callID == origin().callID)
    #expect(told.notices.isEmpty)
  }

  @Test func nothingIsReservedOnADiskThatIsFull() async throws {
    _ = try await origin()
    try Database(path: "\(scratch.path)/\(StateFile.name)").execute(
      "CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    let store = try told.open(scratch.path)
    #expect(store.beginSeries() == 0)
    #expect(await store.makeOrigin() == nil)
    #expect(told.health == [.degraded(reason: "disk full")])
  }

  @Test(
    arguments: [Int64.min, -1, 1 << 40, .max], ["series", "cseq_ceiling"])
  func aRowWithAnImpossibleNumberIsNoneAndGoes(number: Int64, column: String) async throws {
    _ = try await origin([.record(name: .text("alice"), record(100)), .record(name: .text("bob"), record(100))])
    let path = "\(scratch.path)/\(StateFile.name)"
    try Database(path: path).execute("UPDATE account SET \(column) = \(number) WHERE name = 'alice'")
    let store = try told.open(scratch.path)
    #expect(store.beginSeries() == IdentityOrigin.reserve)
    #expect(store.records.keys.sorted() == ["bob"])
    store.forget(["alice", "bob"])
    store.close()
    #expect(told.notices == ["1 rows of \(path) make no sense and are left out"])
    #expect(try Database(path: path).integer("SELECT count(*) FROM account") == 0)
    #expect(try await origin().cSeqCeiling > 100)
  }

  @Test(
    arguments: ["9223372036854775807", "-9223372036854775808", "1099511627776", "4294967295", "x", ""],
    ["series", "identity_cseq"])
  func anImpossibleCountStopsNobody(value: String, key: String) async throws {
    let first = try await origin([.record(name: .text("alice"), record(100))])
    try Database(path: "\(scratch.path)/\(StateFile.name)").execute(
      "INSERT OR REPLACE INTO meta VALUES ('\(key)', '\(value)')")
    let store = try told.open(scratch.path)
    #expect(store.beginSeries() == IdentityOrigin.reserve)
    // Above all that may have been used, or not at all.
    #expect(store.records["alice"].map { $0.cSeqCeiling >= 100 } != false)
    let second = await store.makeOrigin()?.record(of: account, key: account.storeKey.utf8.span)
    #expect(second.map { $0.callID != first.callID || $0.cSeqCeiling >= first.cSeqCeiling } != false)
    store.forget(["alice"])
    store.close()
    #expect(told.health.isEmpty)
  }

  @Test func afterATimeWithoutTheFileNewcomersAreOthers() async throws {
    let first = try await origin()
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON account BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    try Database(path: "\(scratch.path)/\(StateFile.name)").execute(trigger)
    let store = try told.open(scratch.path)
    await store.saved([.record(name: .text("alice"), record(70_000))])
    await store.saved([.forgotten(name: "alice")])
    store.close()
    #expect(told.health == [.degraded(reason: "disk full"), .good])
    #expect(try await origin().callID != first.callID)
  }
}
