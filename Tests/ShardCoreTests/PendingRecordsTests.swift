import SIPMessage
import SIPUserAgent
import Testing

@testable import ShardCore

/// What waits for the disk, and who waits for it.
@Suite struct PendingRecordsTests {
  let id = AccountID(index: 3)
  let account: Account

  init() throws {
    account = Account(
      name: "alice", addressOfRecord: try URI("sip:alice@example.com"), registrar: try URI("sip:example.com"))
  }

  func record(_ ceiling: UInt32) -> RegistrationRecord {
    RegistrationRecord(callID: "a@example.com", fromTag: "t", cSeqCeiling: ceiling)
  }

  func isAwaited(_ record: RegistrationRecord, of id: AccountID, _ pending: inout PendingRecords) -> Bool {
    pending.keep(record, of: id, account, until: .origin)
  }

  func taken(_ pending: inout PendingRecords) -> (changes: [StateChange], reservations: [Reservation]) {
    var outputs = Outputs()
    pending.take(&outputs)
    return (outputs.changes, outputs.reservations)
  }

  func ceilings(_ changes: [StateChange]) -> [UInt32] {
    changes.flatMap { change -> [UInt32] in
      guard case .records(let records) = change else { return [] }
      return records.map(\.record.cSeqCeiling)
    }
  }

  @Test func aCeilingIsWaitedForUnlessItIsSafe() {
    var pending = PendingRecords()
    #expect(isAwaited(record(65), of: id, &pending))
    #expect(!isAwaited(record(65), of: id, &pending))
    #expect(isAwaited(record(129), of: id, &pending))
    let (changes, reservations) = taken(&pending)
    #expect(ceilings(changes) == [65, 65, 129])
    #expect(reservations.map(\.ceiling) == [65, 129])
    #expect(pending.isEmpty && pending.dueAt == nil)
    pending.note(300, isSafeFor: id)
    #expect(!isAwaited(record(300), of: id, &pending))
  }

  @Test func theFirstOfABatchSaysWhenItIsDue() {
    var pending = PendingRecords()
    _ = pending.keep(record(65), of: id, account, until: .origin + .seconds(1))
    pending.keep(
      Renewal(key: 1, registeredAt: .origin, expiresAt: .origin, nonceCount: 1), until: .origin + .seconds(2))
    #expect(pending.dueAt == .origin + .seconds(1))
  }

  @Test func whatIsForgottenIsNotWrittenAndHowFarItCameIsKnown() {
    var pending = PendingRecords()
    _ = pending.keep(record(65), of: id, account, until: .origin)
    _ = pending.keep(record(700), of: AccountID(index: 1), account, until: .origin)
    pending.forget(id)
    #expect(pending.highestForgotten == 65)
    let (changes, reservations) = taken(&pending)
    #expect(ceilings(changes) == [700] && reservations.map(\.ceiling) == [700])
    pending.forget(AccountID(index: 1))
    #expect(pending.highestForgotten == 700)
    #expect(isAwaited(record(65), of: AccountID(index: 1), &pending), "its number is another's now")
  }
}
