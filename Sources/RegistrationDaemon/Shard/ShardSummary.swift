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
  var droppedMessages: Int
}

extension SIPUserAgent.Account {
  /// What its state is kept under: a Call-ID belongs to an address of record at a registrar.
  var storeKey: String { "\(name) \(addressOfRecord) \(registrar)" }
}
