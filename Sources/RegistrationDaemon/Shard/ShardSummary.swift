import SIPTransaction
import SIPTransport
import SIPUserAgent

/// An account and how it is, as one shard knows it.
struct AccountStatus: Sendable {
  var account: SIPUserAgent.Account
  var status: RegistrationStatus
}

/// An account on its way into a shard, with what a former process left of it.
struct Arrival: Sendable {
  var id: AccountID
  var account: SIPUserAgent.Account
  var record: RegistrationRecord?
}

/// What a shard has counted.
struct ShardSummary: Sendable {
  var counts: StateTally
  var transactions: TransactionCounters
  var registrations: UserAgent.Counters
  var transport: TransportCounters
  var silentHops: [SilentHop]
}

extension SIPUserAgent.Account {
  /// What its state is kept under: a Call-ID belongs to an address of record at a registrar.
  var storeKey: String { "\(name) \(addressOfRecord) \(registrar)" }

  /// The same question without making the key.
  func isStored(under key: String) -> Bool {
    let (aor, registrar) = (addressOfRecord.text, registrar.text)
    var key = key.utf8[...]
    guard key.count == name.utf8.count + aor.count + registrar.count + 2, key.starts(with: name.utf8) else {
      return false
    }
    key = key.dropFirst(name.utf8.count + 1)
    return key.starts(with: aor) && key.dropFirst(aor.count + 1).elementsEqual(registrar)
  }
}
