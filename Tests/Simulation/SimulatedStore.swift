import SIPTransaction
import SIPUserAgent

/// Records on a disk that takes its time: a write is acknowledged when it is safe, and lost in a crash before.
struct SimulatedStore {
  struct Write {
    var account: AccountID
    /// nil: the account is forgotten.
    var record: RegistrationRecord?
  }

  private(set) var durable: [AccountID: RegistrationRecord] = [:]
  /// In the order they were asked for; they become durable in this order.
  private(set) var pending: [Write] = []
  /// A fault to be found: acknowledges what is not safe yet.
  var liesAboutDurability = false

  mutating func write(_ account: AccountID, _ record: RegistrationRecord?) {
    pending.append(Write(account: account, record: record))
  }

  /// What the process itself believes to be stored.
  func latest(_ account: AccountID) -> RegistrationRecord? {
    if let write = pending.last(where: { $0.account == account }) { return write.record }
    return durable[account]
  }

  /// The oldest write is done. - Returns: what to acknowledge
  mutating func finishOldest() -> Write? {
    guard !pending.isEmpty else { return nil }
    let write = pending.removeFirst()
    if !liesAboutDurability { durable[write.account] = write.record }
    return write
  }

  /// What was on its way made it or did not: the first few did.
  mutating func crash(using random: inout SplitMix64) {
    guard !pending.isEmpty else { return }
    for write in pending.prefix(random.below(pending.count + 1)) where !liesAboutDurability {
      durable[write.account] = write.record
    }
    pending = []
  }
}
