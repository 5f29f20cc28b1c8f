import SIPMessage
import SIPUserAgent

/// Records on a disk that takes its time: a write is acknowledged when it is safe, and lost in a crash before. At times
/// it reserves CSeq numbers for all of them at once.
struct SimulatedStore {
  struct Write {
    var account: AccountID
    /// nil: the account is forgotten.
    var record: RegistrationRecord?
    /// Of a record that is there, and keeps its ceiling.
    var isRenewal = false
  }

  private(set) var durable: [AccountID: RegistrationRecord] = [:]
  /// In which series each of them was written.
  private var written: [AccountID: UInt32] = [:]
  private var series: UInt32 = 0
  private var isBegun = false
  /// What accounts without a record may use, and no account that was forgotten has.
  private var newcomers: [AccountID: UInt32] = [:]
  private var base: UInt32 = 0
  /// In the order they were asked for; they become durable in this order.
  private(set) var pending: [Write] = []
  /// A fault to be found: acknowledges what is not safe yet.
  var liesAboutDurability = false

  mutating func write(_ account: AccountID, _ record: RegistrationRecord?) {
    pending.append(Write(account: account, record: record))
  }

  /// - Returns: false where there is nothing to renew.
  mutating func renew(_ account: AccountID, _ renewal: Renewal) -> Bool {
    guard var record = latest(account) else { return false }
    record.renew(renewal)
    pending.append(Write(account: account, record: record, isRenewal: true))
    return true
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
    keep(write)
    return write
  }

  private mutating func keep(_ write: Write) {
    guard !liesAboutDurability else { return }
    if write.record == nil { base = max(base, ceiling(of: write.account) ?? 0) }
    durable[write.account] = write.record
    if !write.isRenewal { written[write.account] = series }
    if write.record == nil { newcomers[write.account] = nil }
  }

  // MARK: Series

  /// A process starts, on a disk that takes the one write for all or does not.
  mutating func begin(canWrite: Bool) {
    isBegun = canWrite && !liesAboutDurability
    if isBegun { series += 1 }
  }

  /// Whether the identity of this account can not be had again: it was never stored, and nothing can be.
  func hasLost(_ id: AccountID) -> Bool { !isBegun && durable[id] == nil }

  /// What a process that has begun takes the account in with.
  mutating func beginning(of id: AccountID, _ account: Account) -> Event {
    if var record = durable[id] {
      // What this process wrote itself is as it is.
      let former = isBegun ? series - 1 : series
      record.cSeqCeiling += (max(former, written[id] ?? 0) - (written[id] ?? 0)) * IdentityOrigin.reserve
      return .add(id, account, record, reserved: isBegun ? IdentityOrigin.reserve : 0)
    }
    guard isBegun else { return .add(id, account, nil) }
    return .add(id, account, newcomer(id, account), reserved: IdentityOrigin.reserve)
  }

  /// What a newcomer begins with, when all before it is written.
  private mutating func newcomer(_ id: AccountID, _ account: Account) -> RegistrationRecord {
    series += 1
    let first = base + series * IdentityOrigin.reserve + 1
    newcomers[id] = first + IdentityOrigin.reserve
    return IdentityOrigin(seed: [1], firstCSeq: first).record(of: account, key: account.name.utf8.span)
  }

  /// No number of this or above is safe.
  func ceiling(of account: AccountID) -> UInt32? {
    let reserved = durable[account].map { $0.cSeqCeiling + (series - (written[account] ?? 0)) * IdentityOrigin.reserve }
    return [reserved, newcomers[account]].compactMap(\.self).max()
  }

  /// What was on its way made it or did not: the first few did.
  mutating func crash(using random: inout SplitMix64) {
    guard !pending.isEmpty else { return }
    for write in pending.prefix(random.below(pending.count + 1)) { keep(write) }
    pending = []
  }
}
