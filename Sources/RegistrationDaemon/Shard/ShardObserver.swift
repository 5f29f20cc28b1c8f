import SIPMessage
import SIPUserAgent
import ShardCore

/// What a shard tells the rest of the daemon. Called on the shard's queue, once per batch: whoever takes it hands it on.
protocol ShardObserver: Sendable {
  /// The least that anybody reads: most reports are of refreshes, and most of the time nobody watches.
  var leastRead: Report.Weight { get }
  func happened(_ happenings: [Happening])
  func happened(toHop uri: URI, _ report: HopReport)
  /// - Parameter account: whose it is, and how it is, where that is known
  func arrived(_ request: ArrivedRequest, at now: Instant, for account: (Account, StateName)?)
  /// Some addresses of a next hop are not tried, and the words say why. On any thread.
  func leftOut(_ words: String, of uri: URI)
  /// Something is to be known of a peer that is spoken to.
  func remarked(_ words: String, of target: Target)
}
