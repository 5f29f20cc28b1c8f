import SIPMessage
import SIPTransaction
import SIPTransport
import SIPUserAgent

/// An account and how it is, as one shard knows it.
struct AccountStatus: Sendable {
  var account: Account
  var status: RegistrationStatus
}

/// What a shard has counted.
struct ShardSummary: Sendable {
  var counts: StateTally
  /// Requests that wait for an answer.
  var underWay: Int
  var transactions: TransactionCounters
  var registrations: UserAgent.Counters
  var transport: TransportCounters
  var silentHops: [SilentHop]
}
