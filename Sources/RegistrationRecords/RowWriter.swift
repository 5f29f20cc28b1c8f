import SIPMessage
import SIPUserAgent
import ShardCore

/// Writes records into the table `account`, many in a row: what they have in common is bound once and stays bound, and
/// what each has for itself is lent to SQLite and not copied.
struct RowWriter: ~Copyable {
  private let statement: Statement
  private var own = LentValues()
  private var shared = Shared()

  /// What is bound in the parameters that most rows share; nil: NULL, as in a new statement.
  private struct Shared {
    var way: Way?
    var seenFrom: Endpoint?
    var minimumExpires: UInt32?
    var pause: PauseReason?
    var rejected: UInt16?
  }

  init(in database: Database) throws(DatabaseError) {
    statement = try Statement(StateRow.insert, in: database)
  }

  /// - Parameters:
  ///   - batch: of the renewals that are in the records already
  ///   - series: of CSeq numbers, that of this process (`CSeqSeries`)
  mutating func write(
    _ records: [KeptRecord], renewalsIn batch: Int64, series: Int64, _ reading: StateTimes.Reading
  ) throws(DatabaseError) {
    let times = StateTimes(registeredAt: nil, expiresAt: nil, reading: reading)
    statement.bind(times.savedAt, at: 5)
    statement.bind(times.savedInstant, at: 6)
    statement.bind(times.boot, at: 7)
    statement.bind(batch, at: 18)
    statement.bind(series, at: 19)
    for kept in records { try write(kept, reading) }
  }

  private mutating func write(_ kept: KeptRecord, _ reading: StateTimes.Reading) throws(DatabaseError) {
    own.removeAll()
    own.text(at: 1) { kept.key.append(to: &$0) }
    own.text(at: 2) { kept.record.append(callIDTo: &$0) }
    own.text(at: 3) { kept.record.append(fromTagTo: &$0) }
    statement.bind(Int64(kept.record.cSeqCeiling), at: 4)
    if let binding = kept.record.binding { bind(binding, of: kept.record, reading) } else { bindNoBinding() }
    if kept.record.hasNonces {
      own.blob(at: 15) { bytes in kept.record.forEachNonce { NonceCoding.append($0, to: &bytes) } }
    } else {
      statement.bindNull(at: 15)
    }
    bind(minimumExpires: kept.record.minimumExpires, kept.record.pause, rejected: kept.record.rejected)
    try statement.run(lending: own)
  }

  private mutating func bind(_ binding: Binding, of record: RegistrationRecord, _ reading: StateTimes.Reading) {
    let seenFrom = record.seenFrom
    let times = StateTimes(registeredAt: binding.registeredAt, expiresAt: binding.expiresAt, reading: reading)
    statement.bind(times.expiresAt, at: 8)
    statement.bind(times.granted, at: 9)
    own.blob(at: 10) { $0.append(bytes: binding.contact) }
    statement.bind(Int64(binding.routeIndex), at: 11)
    if shared.way != binding.way || shared.seenFrom != seenFrom {
      statement.bind(binding.target.description, at: 12)
      statement.bind(Endpoint.text(binding.local, seenFrom: seenFrom), at: 13)
      (shared.way, shared.seenFrom) = (binding.way, seenFrom)
    }
    own.text(at: 14) { text in
      // No URI holds a space.
      for (index, uri) in binding.serviceRoute.enumerated() {
        if index > 0 { text.append(0x20) }
        text.append(bytes: uri.text)
      }
      if let granted = record.granted { GrantCoding.append(granted, to: &text) }
    }
  }

  private mutating func bindNoBinding() {
    for parameter: Int32 in 8...14 { statement.bindNull(at: parameter) }
    shared.way = nil
  }

  private mutating func bind(minimumExpires: UInt32?, _ pause: PauseReason?, rejected: UInt16?) {
    if shared.minimumExpires != minimumExpires {
      statement.bind(minimumExpires.map(Int64.init), at: 16)
      shared.minimumExpires = minimumExpires
    }
    if shared.pause != pause || shared.rejected != rejected {
      statement.bind(StateRow.text(pause, rejected: rejected), at: 17)
      (shared.pause, shared.rejected) = (pause, rejected)
    }
  }
}
