import RegistrationRecords
import SIPMessage
import SIPUserAgent

/// What of a shard has to survive the process, when what was written of it is lost.
extension Shard {
  /// Gives the store the whole records of these accounts, as they are now.
  ///
  /// - Parameter completion: called when they are on the disk, as that of `RecordStore.save`
  func saveWhole(among slots: Range<Int>, completion: @escaping @Sendable () -> Void) {
    // What waits for company is older than what follows.
    saveUnsaved()
    // Each question to the actor's own would copy all of it.
    let agent = agent
    var records: [KeptRecord] = []
    for slot in slots.clamped(to: agent.slots) {
      let id = AccountID(index: slot)
      // The row of an account on its way out is its successor's, or goes.
      guard !isLeaving(id), let account = agent.account(of: id), let record = agent.record(of: id) else { continue }
      records.append(KeptRecord(key: .account(account), record: record))
    }
    store.save(records.isEmpty ? [] : [.records(records)], completion: completion)
  }
}
