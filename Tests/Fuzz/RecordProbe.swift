import SIPMessage
import SIPTransaction
import SIPUserAgent
import ShardCore

@testable import RegistrationRecords

/// A row of the state file that may hold anything. What is read of it is written and read as the same again, and an
/// account that goes on from it sends nothing but messages, under a CSeq that was not used.
///
/// The input is the columns in the order of the table, with a line feed between two, and behind them the entries of a
/// row of renewals.
struct RecordProbe {
  private static let columns = 19
  private static let integers: Set<Int> = [3, 4, 5, 6, 7, 8, 10, 15, 17, 18]
  private static let blobs: Set<Int> = [9, 14]
  private static let optional = 7...16
  /// More than an account does before it waits for an answer.
  private static let steps = 16

  private static let reading = StateTimes.Reading(
    StateClock(now: { Instant(nanoseconds: 1_000_000_000_000) }, wall: { 1_800_000_000_000 }, boot: 7))
  private static let series = CSeqSeries(current: 3, seed: nil, base: nil)

  static func run(_ bytes: [UInt8]) {
    if let nonces = NonceCoding.decode(bytes.span) {
      var written: [UInt8] = []
      for nonce in nonces { NonceCoding.append(nonce, to: &written) }
      precondition(NonceCoding.decode(written.span) == nonces, "nonces are not read back")
    }
    do {
      try check(bytes.split(separator: UInt8(ascii: "\n"), maxSplits: columns, omittingEmptySubsequences: false))
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private static func check(_ fields: [ArraySlice<UInt8>]) throws(DatabaseError) {
    let database = try Database(path: ":memory:")
    try database.execute("\(StateRow.table); \(RenewalRow.table)")
    try fill(database, fields)
    guard let record = try read(database) else { return }
    var writer = try RowWriter(in: database)
    let name = StateKey.text(fields.first.map { String(decoding: $0, as: UTF8.self) } ?? "")
    try writer.write([KeptRecord(key: name, record: record)], renewalsIn: .max, series: series.current, reading)
    let again = try read(database)
    precondition(again == record, "a record is not read back")
    resume(record)
  }

  private static func fill(_ database: Database, _ fields: [ArraySlice<UInt8>]) throws(DatabaseError) {
    let row = try Statement(StateRow.insert, in: database)
    for column in 0..<columns {
      let field = column < fields.count ? fields[column] : []
      let parameter = Int32(column + 1)
      if field.isEmpty, optional.contains(column) {
        row.bindNull(at: parameter)
      } else if integers.contains(column) {
        row.bind(Int64(String(decoding: field, as: UTF8.self)) ?? 0, at: parameter)
      } else if blobs.contains(column) {
        row.bind(Array(field), at: parameter)
      } else {
        row.bind(String(decoding: field, as: UTF8.self), at: parameter)
      }
    }
    try row.run()
    guard fields.count > columns else { return }
    let renewal = try Statement(RenewalRow.insert, in: database)
    for (index, value) in [5, reading.wall, reading.wall, 1_000_000, reading.boot].enumerated() {
      renewal.bind(value, at: Int32(index + 1))
    }
    renewal.bind(Array(fields[columns]), at: 6)
    try renewal.run()
  }

  private static func read(_ database: Database) throws(DatabaseError) -> RegistrationRecord? {
    var renewals = Renewals()
    let selectRenewals = try Statement(RenewalRow.select, in: database)
    while try selectRenewals.step() { renewals.add(selectRenewals) }
    let select = try Statement(StateRow.select, in: database)
    var places = StateRow.Places()
    guard try select.step() else { preconditionFailure("the row is gone") }
    return StateRow.read(select, reading, renewals, series, &places)
  }

  // MARK: - An account that goes on from it

  private static let account: Account = {
    guard let addressOfRecord = try? URI("sip:alice@example.test"), let registrar = try? URI("sip:example.test") else {
      preconditionFailure("no account")
    }
    return Account(
      name: "alice", addressOfRecord: addressOfRecord, registrar: registrar,
      credentials: [Credential(username: "alice", password: "sesame")])
  }()

  private static let end = Endpoint(address: .v4(0xC000_0201), port: 5060)

  private static func resume(_ record: RegistrationRecord) {
    var agent = UserAgent(random: Zeros())
    var events: [Event] = [.add(AccountID(index: 0), account, record)]
    var now = reading.now
    for _ in 0..<steps {
      guard !events.isEmpty else { return }
      var effects: [Effect] = []
      agent.handle(events.removeFirst(), now: now, effects: &effects)
      for effect in effects {
        switch effect {
        case .send(let bytes, _, _): check(bytes, record)
        case .setTimer(let timer, let instant):
          now = max(now, instant)
          events.append(.timerFired(timer))
        case .locate(_, let question):
          let way = Way(target: Target(transport: .udp, endpoint: end), local: end)
          events.append(.located(question, .ways([way])))
        case .store(let id, let stored):
          events.append(.stored(id, key: stored.key, cSeqCeiling: stored.cSeqCeiling))
        case .cancelTimer, .renew, .forget, .released, .stopped, .report, .reportHop, .reportRequest, .keepAlive,
          .close:
          break
        }
      }
    }
  }

  private static func check(_ bytes: [UInt8], _ record: RegistrationRecord) {
    guard let message = try? Message(parsing: bytes), message.defect() == nil, let cSeq = try? message.cSeq() else {
      preconditionFailure("what is sent is no message")
    }
    let isSame = message.callID?.elementsEqual(record.callID.utf8) == true
    precondition(!isSame || cSeq.number >= record.cSeqCeiling, "a CSeq is used twice")
  }

  private struct Zeros: RandomNumberGenerator, Sendable {
    mutating func next() -> UInt64 { 0 }
  }
}
