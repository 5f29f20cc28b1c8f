import SIPMessage
import SIPUserAgent

/// What a shard tells the rest of the daemon. Called on the shard's queue, once per batch: whoever takes it hands it on.
protocol ShardObserver: Sendable {
  /// Whether anybody will read it: most reports are of refreshes, and most of the time nobody watches.
  func isWanted(_ report: Report) -> Bool
  func happened(_ happenings: [Happening])
  func happened(toHop uri: URI, _ report: HopReport)
  /// - Parameter account: whose it is, and how it is, where that is known
  func arrived(_ request: ArrivedRequest, at now: Instant, for account: (SIPUserAgent.Account, StateName)?)
  /// Some addresses of a next hop are not tried, and the words say why. On any thread.
  func leftOut(_ words: String, of uri: URI)
}

/// A report with what a reader needs beside it.
struct Happening: Sendable {
  var at: Instant
  var account: SIPUserAgent.Account
  var state: StateName
  var callID: String
  /// When the binding ends, if there is one.
  var boundUntil: Instant?
  var outlook = Outlook.rest
  var report: Report
}

extension Happening {
  init(at: Instant, account: SIPUserAgent.Account, _ status: RegistrationStatus, _ report: Report) {
    self.init(
      at: at, account: account, state: status.state, callID: status.callID, boundUntil: status.binding?.expiresAt,
      outlook: status.outlook, report: report)
  }
}
