import SIPTransaction
import SIPUserAgent

/// What a shard tells the rest of the daemon. Called on the shard's queue, once per batch: whoever takes it hands it on.
protocol ShardObserver: Sendable {
  func happened(_ happenings: [Happening])
}

/// A report with what a reader needs beside it.
struct Happening: Sendable {
  var at: Instant
  var account: SIPUserAgent.Account
  var state: StateName
  var callID: String
  var report: Report
}
