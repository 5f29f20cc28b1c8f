import SIPMessage
import SIPTransaction
import SIPUserAgent

/// What a shard tells the rest of the daemon. Called on the shard's queue, once per batch: whoever takes it hands it on.
protocol ShardObserver: Sendable {
  /// Whether anybody will read it: most reports are of refreshes, and most of the time nobody watches.
  func isWanted(_ report: Report) -> Bool
  func happened(_ happenings: [Happening])
  func happened(toHop uri: URI, _ report: HopReport)
  /// - Parameter account: whose it is, and how it is, where that is known
  func arrived(_ request: ArrivedRequest, at now: Instant, for account: (SIPUserAgent.Account, StateName)?)
}

/// A report with what a reader needs beside it.
struct Happening: Sendable {
  var at: Instant
  var account: SIPUserAgent.Account
  var state: StateName
  var callID: String
  var report: Report
}
