import SIPMessage

/// What the transaction layer wants done, in this order.
package enum TransactionAction: Sendable {
  /// `client`: whom to tell when the transport fails to send this.
  case send([UInt8], Destination, client: ClientTransactionID?)
  case setTimer(TransactionTimer, Instant)
  /// An answer to a request, 100…699. There may be several provisional ones, and one that is final.
  case received(Message, status: Int, for: TransactionUser)
  /// Timer B or F: nobody answered. Timer H: nobody acknowledged.
  case timedOut(TransactionUser)
  /// What was sent did not leave: a request, the ACK of a failure, a response.
  case failed(TransactionUser, reason: String)
  /// The connection that carried the request ended before anything was said to it, and had worked before: no failure of
  /// the peer.
  case lost(TransactionUser, reason: String)
  /// What came for the user of a client transaction can not be its answer.
  case discarded(TransactionUser, Flaw)
  /// A request to answer, with or without memory: `serve`, `respond`.
  case request(Message, Flow)
  /// An ACK for the 2xx of a server, under the branch of its INVITE (RFC 6026 §7.1).
  case acknowledged(Message, for: TransactionUser)
  /// A CANCEL for the INVITE of a server, to answer with 200 without memory (§9.2).
  case cancelled(Message, Flow, for: TransactionUser)
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
  /// Of them those that a server has known already.
  package var repeatedRequests = 0
  package var responsesSent = 0
  /// What was wrong with answers that were taken.
  package var ignored = FlawTally()
  /// Why answers were not taken.
  package var discarded = FlawTally()
}
