import SIPMessage
import SIPUserAgent

/// Records that wait for company before they are written together, and who among them waits for that.
struct PendingRecords: Sendable {
  /// More of them than this do not come together again soon.
  private static let usualCount = 4096

  private var ids: [AccountID] = []
  private var records: [KeptRecord] = []
  private var renewals: [Renewal] = []
  /// Keys of accounts that are gone.
  private var forgotten: [String] = []
  /// Until then.
  private(set) var dueAt: Instant?
  /// Those whose CSeq reservation is waited for.
  private var reservations: [Reservation] = []
  /// The CSeq ceiling of each account that is on its way to the disk, or there.
  private var safeCeilings: [UInt32] = []
  /// No account that was forgotten has used a number of this or above.
  private(set) var highestForgotten: UInt32 = 0

  var isEmpty: Bool { records.isEmpty && renewals.isEmpty && forgotten.isEmpty }
  /// Somebody waits for what is in it, or may: it goes at once.
  var isAwaited: Bool { !reservations.isEmpty || !forgotten.isEmpty }

  mutating func reserve(_ count: Int) { safeCeilings.reserveCapacity(count) }

  /// - Returns: whether more CSeq numbers are in it, for which the account waits: it goes at once.
  @discardableResult
  mutating func keep(_ record: RegistrationRecord, of id: AccountID, _ account: Account, until instant: Instant) -> Bool
  {
    let isSafe = safeCeilings.indices.contains(Int(id.index)) && record.cSeqCeiling <= safeCeilings[Int(id.index)]
    if !isSafe { reservations.append(Reservation(id: id, key: record.key, ceiling: record.cSeqCeiling)) }
    note(record.cSeqCeiling, isSafeFor: id)
    ids.append(id)
    records.append(KeptRecord(key: .account(account), record: record))
    dueAt = dueAt ?? instant
    return !isSafe
  }

  mutating func keep(_ renewal: Renewal, until instant: Instant) {
    renewals.append(renewal)
    dueAt = dueAt ?? instant
  }

  /// No number of the account below this one has to be waited for.
  mutating func note(_ ceiling: UInt32, isSafeFor id: AccountID) {
    let index = Int(id.index)
    while safeCeilings.count <= index { safeCeilings.append(0) }
    safeCeilings[index] = ceiling
  }

  /// The account is gone.
  mutating func forget(_ id: AccountID) {
    while let index = ids.firstIndex(of: id) {
      ids.remove(at: index)
      records.remove(at: index)
    }
    reservations.removeAll { $0.id == id }
    guard safeCeilings.indices.contains(Int(id.index)) else { return }
    highestForgotten = max(highestForgotten, safeCeilings[Int(id.index)])
    safeCeilings[Int(id.index)] = 0
  }

  /// What was kept under the key goes.
  mutating func forget(key: String) { forgotten.append(key) }

  /// Records in the order in which they came, behind renewals of those that were written before. One that came after a
  /// record of the same account is lost with that: its account is refreshed a little earlier after a restart.
  mutating func take(_ outputs: inout Outputs) {
    // First: what was kept under these keys since is of others.
    if !forgotten.isEmpty {
      outputs.changes += forgotten.map { .forgotten(name: $0) }
      outputs.forgotten += forgotten
      forgotten = []
    }
    if !renewals.isEmpty { outputs.changes.append(.renewals(renewals)) }
    if !records.isEmpty { outputs.changes.append(.records(records)) }
    if outputs.reservations.isEmpty {
      outputs.reservations = reservations
    } else {
      outputs.reservations += reservations
    }
    ids.removeAll(keepingCapacity: ids.count < Self.usualCount)
    (records, renewals, reservations, dueAt) = ([], [], [], nil)
  }
}
