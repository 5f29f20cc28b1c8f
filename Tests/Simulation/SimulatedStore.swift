import SIPMessage
import SIPUserAgent
import ShardCore

/// A store on a disk that takes its time: what it is asked for is done in that order, each at once or not at all, and is
/// acknowledged when it is safe. A crash leaves the first few of what was on its way. Which numbers are safe is decided by
/// the rules of the real one (`CSeqSeries`).
struct SimulatedStore {
  struct Row {
    var record: RegistrationRecord
    var series: Int64
  }

  enum Work {
    case write([StateChange], reservations: [Reservation], forgotten: [String])
    /// For an account that has no record.
    case makeOrigin(forAccount: Int)
  }

  enum Outcome {
    case stored([Reservation], forgotten: [String])
    case origin(IdentityOrigin?, forAccount: Int)
  }

  private(set) var rows: [String: Row] = [:]
  private var series = CSeqSeries()
  private var chance: SplitMix64
  /// The process could not write when it began: what was used without a row is not known.
  private var isFailing = false
  private(set) var pending: [Work] = []
  /// A fault to be found: acknowledges what is not safe yet.
  var liesAboutDurability = false

  init(seed: UInt64) { chance = SplitMix64(seed: seed) }

  // MARK: At the start

  /// A process starts, on a disk that takes the one write for all or does not.
  ///
  /// - Returns: so many numbers of each account are safe.
  mutating func beginSeries(canWrite: Bool) -> UInt32 {
    isFailing = !canWrite
    guard canWrite else { return 0 }
    if !liesAboutDurability { series.begin() }
    return IdentityOrigin.reserve
  }

  /// What a former process left, in the order of the keys.
  func load() -> [(key: String, record: RegistrationRecord)] {
    rows.keys.sorted().compactMap { key in
      guard var row = rows[key],
        let ceiling = series.ceiling(Int64(row.record.cSeqCeiling), writtenIn: row.series)
      else { return nil }
      row.record.cSeqCeiling = ceiling
      return (key, row.record)
    }
  }

  /// nil while nothing can be written.
  mutating func makeOrigin() -> IdentityOrigin? {
    guard !isFailing else { return nil }
    guard !liesAboutDurability else {
      var series = series
      return series.makeOrigin(using: &chance)
    }
    return series.makeOrigin(using: &chance)
  }

  // MARK: While it runs

  mutating func ask(_ work: Work) { pending.append(work) }

  /// The oldest is done.
  mutating func finishOldest() -> Outcome? {
    guard !pending.isEmpty else { return nil }
    return finish(pending.removeFirst())
  }

  private mutating func finish(_ work: Work) -> Outcome {
    switch work {
    case .write(let changes, let reservations, let forgotten):
      if !liesAboutDurability { write(changes) }
      return .stored(reservations, forgotten: forgotten)
    case .makeOrigin(let account): return .origin(makeOrigin(), forAccount: account)
    }
  }

  /// One transaction.
  private mutating func write(_ changes: [StateChange]) {
    for change in changes {
      switch change {
      case .records(let records):
        for kept in records { rows[kept.key.text] = Row(record: kept.record, series: series.current) }
      case .renewals(let renewals): for renewal in renewals { renew(renewal) }
      case .forgotten(let key):
        guard let row = rows.removeValue(forKey: key) else { continue }
        series.forget(ceiling: Int64(row.record.cSeqCeiling), writtenIn: row.series)
      case .ports: break
      }
    }
    guard isFailing else { return }
    series.renewSeed(using: &chance)
    isFailing = false
  }

  private mutating func renew(_ renewal: Renewal) {
    for key in rows.keys.sorted() where rows[key]?.record.key == renewal.key { rows[key]?.record.renew(renewal) }
  }

  // MARK: The end of a process

  /// All that was asked for is done.
  mutating func close() {
    for work in pending { _ = finish(work) }
    pending = []
    leave()
  }

  /// What was on its way made it or did not: the first few did.
  mutating func crash(using random: inout SplitMix64) {
    for work in pending.prefix(random.below(pending.count + 1)) { _ = finish(work) }
    pending = []
    leave()
  }

  private mutating func leave() { series = nextSeries }

  /// As the next process finds it.
  private var nextSeries: CSeqSeries { CSeqSeries(current: series.current, seed: series.seed, base: series.base) }

  /// The first number of the account that the next process uses, should this one end now; nil: it would have another
  /// identity.
  func nextBeginning(of account: Account) -> UInt32? {
    var next = nextSeries
    next.begin()
    if let row = rows[account.storeKey] {
      return next.ceiling(Int64(row.record.cSeqCeiling), writtenIn: row.series)
    }
    guard next.seed != nil else { return nil }
    var chance = chance
    return next.makeOrigin(using: &chance)?.record(of: account, key: account.storeKey.utf8.span).cSeqCeiling
  }

  /// Those of which something is on its way to the disk.
  var unwritten: Set<String> {
    var keys = Set<String>()
    for case .write(let changes, _, _) in pending {
      for change in changes {
        switch change {
        case .records(let records): for kept in records { keys.insert(kept.key.text) }
        case .forgotten(let key): keys.insert(key)
        case .renewals, .ports: break
        }
      }
    }
    return keys
  }
}
