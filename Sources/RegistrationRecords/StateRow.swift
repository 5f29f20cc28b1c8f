import SIPMessage
import SIPUserAgent
import ShardCore

/// A `RegistrationRecord` as a row of the table `account`. Text where an operator with `sqlite3` can read it.
///
/// Columns may hold more than they did when a version was new, as long as a process that does not know of it takes the
/// whole column for nothing, and loses a round trip by that and no identity: of `nonces` which were accepted, in `pause`
/// the fingerprint of rejected secrets, in `local` where the peers saw us beyond a NAT, and in `service_route` what else
/// was granted (`GrantCoding`).
enum StateRow {
  static let table = """
    CREATE TABLE account (
      name TEXT PRIMARY KEY NOT NULL, call_id TEXT NOT NULL, from_tag TEXT NOT NULL, cseq_ceiling INTEGER NOT NULL,
      saved_at INTEGER NOT NULL, saved_instant INTEGER NOT NULL, boot INTEGER NOT NULL,
      expires_at INTEGER, granted INTEGER, contact BLOB, route_index INTEGER, target TEXT, local TEXT,
      service_route TEXT, nonces BLOB, minimum_expires INTEGER, pause TEXT,
      renewals_in INTEGER NOT NULL DEFAULT 0, series INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID
    """
  static let insert =
    "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
  static let select = "SELECT * FROM account"
  static let delete = "DELETE FROM account WHERE name = ? RETURNING cseq_ceiling, series"

  /// nil for a row that nobody wrote so: an identity is whole or it is none. What only saves a round trip may be lost.
  static func read(
    _ statement: borrowing Statement, _ reading: StateTimes.Reading, _ renewals: borrowing Renewals,
    _ series: CSeqSeries, _ places: inout Places
  ) -> RegistrationRecord? {
    let identity = statement.withSpan(of: 1) { callID in
      statement.withSpan(of: 2) { fromTag in places.identities.read(callID: callID, fromTag: fromTag) }
    }
    guard let identity, let ceiling = series.ceiling(statement.integer(3), writtenIn: statement.integer(18)) else {
      return nil
    }
    let renewal = renewals.renewal(of: identity.key, after: statement.integer(17), reading)
    let rest = statement.isNull(16) ? nil : rest(statement.text(16))
    var granted: Granted?
    var record = RegistrationRecord(
      identity: identity, cSeqCeiling: ceiling, binding: binding(statement, reading, renewal, &places, &granted),
      nonces: statement.withSpan(of: 14, NonceCoding.decode) ?? [],
      minimumExpires: statement.isNull(15) ? nil : UInt32(exactly: statement.integer(15)),
      pause: rest?.pause, rejected: rest?.rejected)
    if case .some = record.binding {
      record.seenFrom = places.seenFrom
      if let granted { record.granted = granted }
    }
    if let renewal { record.renew(renewal) }
    return record
  }

  /// What most rows have in common is read once.
  struct Places: ~Copyable {
    fileprivate var identities = IdentityReader()
    private var target: (text: [UInt8], value: Target?) = ([], nil)
    private var local: (text: [UInt8], value: Endpoint?, seenAs: Endpoint?) = ([], nil, nil)
    /// Of the row whose local end was read last.
    fileprivate var seenFrom: Endpoint? { local.seenAs }

    fileprivate mutating func target(_ statement: borrowing Statement, _ column: Int32) -> Target? {
      if !statement.equals(target.text, at: column) {
        target = (statement.bytes(column), Target(stored: statement.text(column)))
      }
      return target.value
    }

    fileprivate mutating func local(_ statement: borrowing Statement, _ column: Int32) -> Endpoint? {
      if !statement.equals(local.text, at: column) {
        let words = statement.text(column).split(separator: " ", omittingEmptySubsequences: false)
        let isWhole = words.count == 1 || words.count == 2
        local = (
          statement.bytes(column), isWhole ? words.first.flatMap(Endpoint.init(stored:)) : nil,
          words.count == 2 ? Endpoint(stored: words[1]) : nil
        )
      }
      return local.value
    }
  }

  private static func binding(
    _ statement: borrowing Statement, _ reading: StateTimes.Reading, _ renewal: Renewal?, _ places: inout Places,
    _ granted: inout Granted?
  ) -> Binding? {
    guard !statement.isNull(7), !statement.isNull(8) else { return nil }
    let times = StateTimes(
      savedAt: statement.integer(4), savedInstant: statement.integer(5), boot: statement.integer(6),
      expiresAt: statement.integer(7), granted: statement.integer(8))
    let renewed = renewal.map { ($0.registeredAt, $0.expiresAt) }
    guard let (registeredAt, expiresAt) = renewed ?? times.binding(at: reading), expiresAt > reading.now,
      let routeIndex = Int(exactly: statement.integer(10)), routeIndex >= 0,
      let target = places.target(statement, 11), let local = places.local(statement, 12)
    else { return nil }
    var serviceRoute: [URI?] = []
    if !statement.equals([], at: 13) {
      let fields = statement.text(13).split(separator: "\t", omittingEmptySubsequences: false)
      serviceRoute = fields[0].split(separator: " ").map { try? URI(String($0)) }
      granted = GrantCoding.decode(fields[1...])
    }
    guard serviceRoute.allSatisfy({ $0 != nil }) else { return nil }
    return Binding(
      registeredAt: registeredAt, expiresAt: expiresAt, contact: statement.bytes(9), routeIndex: routeIndex,
      target: target, local: local, serviceRoute: serviceRoute.compactMap(\.self))
  }

  /// Why an account rests; with it, in hexadecimal digits, the fingerprint of secrets that were rejected.
  static func text(_ pause: PauseReason?, rejected: UInt16?) -> String? {
    switch (pause, rejected) {
    case (.byOperator, _): "operator"
    case (.refused(let status), _): "refused \(status)"
    case (.noCredentials, _): "no credentials"
    case (nil, let rejected?), (.credentialsRejected, let rejected?):
      "\(credentialsRejected) \(String(rejected, radix: 16))"
    case (.credentialsRejected, nil): credentialsRejected
    case (nil, nil): nil
    }
  }

  private static let credentialsRejected = "credentials rejected"

  private static func rest(_ text: String) -> (pause: PauseReason, rejected: UInt16?)? {
    switch text {
    case "operator": return (.byOperator, nil)
    case credentialsRejected: return (.credentialsRejected, nil)
    case "no credentials": return (.noCredentials, nil)
    default:
      if text.hasPrefix(credentialsRejected + " ") {
        return UInt16(text.dropFirst(credentialsRejected.count + 1), radix: 16).map { (.credentialsRejected, $0) }
      }
      guard text.hasPrefix("refused ") else { return nil }
      return UInt16(text.dropFirst(8)).map { (.refused(status: $0), nil) }
    }
  }
}

extension Endpoint {
  /// Our end of a way, and where the peers saw it beyond a NAT: `192.168.1.10:5060 203.0.113.5:40000`.
  static func text(_ local: Endpoint, seenFrom: Endpoint?) -> String {
    seenFrom.map { "\(local) \($0)" } ?? local.description
  }
}

extension Target {
  /// `udp:192.0.2.1:5060`
  fileprivate init?(stored text: String) {
    guard let colon = text.firstIndex(of: ":"), let transport = TransportProtocol(Bytes(String(text[..<colon]))),
      let endpoint = Endpoint(stored: text[text.index(after: colon)...])
    else { return nil }
    self.init(transport: transport, endpoint: endpoint)
  }
}

extension Endpoint {
  /// `192.0.2.1:5060` or `[2001:db8::1]:5060`
  fileprivate init?(stored text: Substring) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      case .address(let address)? = Host(String(text[..<colon]))
    else { return nil }
    self.init(address: address, port: port)
  }
}
