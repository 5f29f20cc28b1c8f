import SIPMessage

/// What the transaction layer wants done, in this order.
package enum TransactionAction: Sendable {
  /// `client`: whom to tell when the transport fails to send this.
  case send([UInt8], Destination, client: ClientTransactionID?)
  case setTimer(TransactionTimer, Instant)
  /// An answer to a request, 100…699. There may be several provisional ones, and one that is final.
  case received(Message, status: Int, for: TransactionUser)
  /// Timer F: nobody answered.
  case timedOut(TransactionUser)
  case failed(TransactionUser, reason: String)
  /// The connection that carried the request ended before anything was said to it, and had worked before: no failure of
  /// the peer.
  case lost(TransactionUser, reason: String)
  /// What came for the user of a client transaction can not be its answer.
  case discarded(TransactionUser, Flaw)
  /// A request to answer with `respond`.
  case request(Message, Flow)
}

/// What the layer has seen, since it began.
package struct TransactionCounters: Sendable, Equatable {
  package var requestsSent = 0
  package var retransmissions = 0
  package var timeouts = 0
  package var repeatedResponses = 0
  /// Responses that match no transaction, dropped (§18.1.2).
  package var strayResponses = 0
  package var requestsReceived = 0
  package var responsesSent = 0
  /// What was wrong with answers that were taken.
  package var ignored = FlawTally()
  /// Why answers were not taken.
  package var discarded = FlawTally()
}
