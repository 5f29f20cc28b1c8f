import Foundation
import SIPUserAgent
import Scratch
import ShardCore
import Testing

@testable import RegistrationRecords

@Suite struct StateStoreFaultTests {
  let scratch: ScratchDirectory
  let told = Told()

  init() throws { scratch = try ScratchDirectory() }

  let record = RegistrationRecord(callID: "a@example.com", fromTag: "t", cSeqCeiling: 17)

  /// A file with some rows, closed.
  private func makeState(rows: Int = 1) async throws {
    let store = try told.open(scratch.path)
    await store.saved((0..<rows).map { .record(name: .text("account \($0)"), record) })
    store.rememberPorts([5070])
    store.close()
  }

  private func edit(_ sql: String) throws {
    try Database(path: scratch.file("state.sqlite")).execute(sql)
  }

  @Test func aFileThatAnotherProgramHasOpenIsLeftAlone() async throws {
    try await makeState()
    let other = try Database(path: scratch.file("state.sqlite"))
    try other.execute("BEGIN IMMEDIATE")
    #expect(throws: StateInUse(directory: scratch.path)) { try told.open(scratch.path) }
    try other.execute("ROLLBACK")
    #expect(try scratch.names.filter { $0.contains("damaged") } == [])
  }

  struct Damage: CustomTestStringConvertible {
    let testDescription: String
    let reason: String
    let harm: @Sendable (inout Data) -> Void

    init(_ description: String, _ reason: String, _ harm: @escaping @Sendable (inout Data) -> Void) {
      (testDescription, self.reason, self.harm) = (description, reason, harm)
    }
  }

  static let damages = [
    Damage("garbage", "file is not a database") { $0 = Data(repeating: 0x5A, count: 10_000) },
    Damage("truncated", "database disk image is malformed") { $0.removeLast($0.count / 2) },
    Damage("another program's", "it is not a state file of sipregd") {
      $0.replaceSubrange(68..<72, with: [1, 2, 3, 4])
    },
    Damage("of a later version", "it has version 9, this sipregd knows version 3") {
      $0.replaceSubrange(60..<64, with: [0, 0, 0, 9])
    },
    Damage("overwritten in the middle", "") { data in
      data.replaceSubrange(12_288..<20_480, with: Data(repeating: 0xA5, count: 8_192))
    },
  ]

  @Test(arguments: damages)
  func aFileThatCannotBeUsedIsSetAsideLoudly(damage: Damage) async throws {
    try await makeState(rows: 500)
    var data = try scratch.data("state.sqlite")
    damage.harm(&data)
    try scratch.write(data, to: "state.sqlite")

    let store = try told.open(scratch.path)
    #expect(store.records.isEmpty)
    #expect(told.notices.count == 1)
    let notice = try #require(told.notices.first)
    #expect(notice.contains("the state file cannot be used (\(damage.reason)"))
    #expect(notice.contains("state.sqlite.damaged-20270115T080000Z"))
    #expect(try scratch.data("state.sqlite.damaged-20270115T080000Z") == data)
    // The new file works.
    await store.saved([.record(name: .text("alice"), record)])
    #expect(store.records == ["alice": record])
    #expect(told.health.isEmpty)
    store.close()
  }

  @Test func twoDamagedFilesOfOneSecondAreBothKept() throws {
    for _ in 1...2 {
      try scratch.write("no database, and long enough to look like one", to: "state.sqlite")
      try told.open(scratch.path).close()
    }
    #expect(try scratch.names.filter { $0.contains("damaged") }.count == 2)
  }

  @Test func aRowThatMakesNoSenseIsLeftOut() async throws {
    try await makeState(rows: 3)
    try edit(
      """
      UPDATE account SET call_id = 'a' || char(13, 10) || 'Via: x' WHERE name = 'account 0';
      UPDATE account SET cseq_ceiling = -1 WHERE name = 'account 1';
      """)
    let store = try told.open(scratch.path)
    #expect(store.records.keys.sorted() == ["account 2"])
    #expect(told.notices == ["2 rows of \(scratch.path)/state.sqlite make no sense and are left out"])
  }

  @Test func aDirectoryThatCannotBeMadeStopsNobodyAndIsTriedAgain() async throws {
    // Where the directory's parent should be, there is a file.
    let parent = try scratch.write("", to: "parent")
    let store = try told.open("\(parent)/state", retryInterval: .milliseconds(5))
    #expect(told.health.first == .degraded(reason: "cannot make \(parent)/state: Not a directory"))
    #expect(store.records.isEmpty)
    // Acknowledged from memory.
    await store.saved([.record(name: .text("alice"), record)])
    var newer = record
    newer.cSeqCeiling = 42
    await store.saved([.record(name: .text("alice"), newer)])

    try FileManager.default.removeItem(atPath: parent)
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
    store.close()
    #expect(told.health.last == .good)
    let later = try told.open("\(parent)/state")
    #expect(later.records["alice"]?.cSeqCeiling == 42)
    #expect(later.records.count == 1)
  }

  @Test func aFileThatCanOnlyBeReadStillTellsTheIdentitiesAndPorts() async throws {
    try await makeState()
    // SQLite cannot write its log where a directory is in the way.
    try FileManager.default.createDirectory(
      atPath: scratch.file("state.sqlite-wal"), withIntermediateDirectories: false)
    let store = try told.open(scratch.path)
    #expect(told.health.count == 1)
    #expect(store.lastPorts() == [5070])
    #expect(store.records == ["account 0": record])
    #expect(told.notices.isEmpty)
    await store.saved([.record(name: .text("account 0"), record)])
    try FileManager.default.removeItem(atPath: scratch.file("state.sqlite-wal"))
    store.close()
    #expect(told.health.last == .good)
    #expect(try told.open(scratch.path).records.count == 1)
  }

  @Test func identitiesThatCannotBeReadAreMissedLoudly() async throws {
    try await makeState()
    try FileManager.default.removeItem(atPath: scratch.file("state.sqlite"))
    try FileManager.default.createDirectory(atPath: scratch.file("state.sqlite"), withIntermediateDirectories: false)
    let store = try told.open(scratch.path)
    #expect(store.records.isEmpty)
    #expect(told.health == [.degraded(reason: "cannot open \(scratch.path)/state.sqlite: Is a directory")])
    #expect(
      told.notices == [
        "nothing could be read from \(scratch.path)/state.sqlite; accounts go on with new Call-IDs"
      ])
  }

  @Test(.timeLimit(.minutes(1))) func theStoreRecoversByItself() async throws {
    let parent = try scratch.write("", to: "parent")
    let store = try told.open("\(parent)/state", retryInterval: .milliseconds(5))
    await store.saved([.record(name: .text("alice"), record)])
    try FileManager.default.removeItem(atPath: parent)
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
    while told.health.last != .good { try await Task.sleep(for: .milliseconds(2)) }
    #expect(store.records == ["alice": record])
    store.close()
  }

  @Test func afterAWriteThatFailedTheNewestRecordsAreWrittenTogether() async throws {
    try await makeState()
    // A trigger that refuses writes stands for a disk that does.
    try edit("CREATE TRIGGER full BEFORE INSERT ON account BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    let store = try told.open(scratch.path)
    await store.saved([.record(name: .text("alice"), record)])
    #expect(told.health == [.degraded(reason: "disk full")])
    store.close()
    #expect(told.notices.isEmpty)

    let other = try told.open(scratch.path)
    #expect(other.records.keys.sorted() == ["account 0"])
  }

  @Test func aHundredThousandRecordsComeBack() async throws {
    let count = 100_000
    let store = try told.open(scratch.path)
    let batch: [StateChange] = (0..<count).map { index in
      var record = record
      record.cSeqCeiling = UInt32(index)
      return .record(name: .text("account \(index)"), record)
    }
    await store.saved(batch)
    store.close()
    var sum = 0
    var found = 0
    try told.open(scratch.path).load { _, record in
      found += 1
      sum += Int(record.cSeqCeiling)
    }
    #expect(found == count)
    #expect(sum == count * (count - 1) / 2)
  }
}
