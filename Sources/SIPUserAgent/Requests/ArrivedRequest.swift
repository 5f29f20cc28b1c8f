import SIPMessage

/// A request of somebody else's that is worth telling of, and what became of it.
package struct ArrivedRequest: Sendable, Equatable {
  package enum Outcome: Sendable, Equatable {
    case answered(status: Int)
    case dropped(Flaw)
  }

  package var method: String
  /// From and Request-URI as they came, fit for a terminal and shortened.
  package var from: String
  package var to: String
  package var source: Target
  /// What a NOTIFY is about (RFC 6665), and a word of it; nil for other methods.
  package var subject: String?
  package var outcome: Outcome
  /// Whose it is, where that is known.
  package var account: AccountID?
  /// Requests of this kind that were not told of since the last one that was.
  package var untold: Int
}
