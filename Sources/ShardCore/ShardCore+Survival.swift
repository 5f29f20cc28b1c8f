import SIPMessage
import SIPUserAgent

/// What has to survive of a shard when what was written of it is lost, and whether it moves.
extension ShardCore {
  /// The numbers of registrations that `stuck` and `wholeRecords` can be asked about, some at a time.
  package var slots: Range<Int> { agent.slots }

  /// The whole records of the accounts whose registrations have these numbers, as they are now. What waits for company is older: it has to be handed out before.
  package func wholeRecords(among slots: Range<Int>) -> [KeptRecord] {
    slots.clamped(to: agent.slots).compactMap { slot in
      // The row of an account on its way out is its successor's, or goes.
      guard let id = agent.account(inSlot: slot), departing[id] == nil, let account = agent.account(of: id),
        let record = agent.record(of: id)
      else {
        return nil
      }
      return KeptRecord(key: .account(account), record: record)
    }
  }

  /// Accounts that nothing will move again; empty, or this program is wrong.
  package func stuck(among slots: Range<Int>, now: Instant) -> [AccountID] {
    agent.stuck(
      among: slots, now: now, overdue: starts.isEmpty ? Limits.longestSleep * 2 : Limits.longestWait)
  }
}
