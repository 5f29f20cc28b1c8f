import SIPMessage

/// One whole message to send, already serialised.
package struct Outbound: Sendable {
  package var bytes: [UInt8]
  package var destination: Destination
  /// The sender's own number for this message; `sendFailed` and `connectionClosed` name it.
  package var token: UInt64
  /// Where a datagram leaves from; the layer fills it in.
  var departure = LocalTerms.Departure()

  /// The token of an answer: nobody waits to hear what becomes of it (RFC 3261 §17.2.2), and to a stranger not every one
  /// leaves (`AnswerBudget`).
  package static let answer = UInt64.max

  package init(bytes: [UInt8], destination: Destination, token: UInt64) {
    self.bytes = bytes
    self.destination = destination
    self.token = token
  }
}

/// What the transport layer tells the one who uses it.
package enum TransportEvent: Sendable {
  /// One whole message: a datagram, or what Content-Length cut from a stream (RFC 3261 §18.3).
  case received([UInt8], Flow)
  /// A datagram that answers a Binding request of STUN, perhaps one of ours (RFC 5626 §8).
  case bindingAnswered(BindingAnswer, Flow)
  /// The message with this token did not leave, or not as a whole (§18.4: the transaction user is told).
  case sendFailed(token: UInt64, TransportFailure)
  /// Nobody is at a UDP target that did not answer a request: ICMP says so. It may be news again every few seconds.
  case unreachable(Target, TransportFailure)
  /// A connection that requests travelled over ended. Never for one that the peer made: no request travels over it.
  indirect case connectionClosed(ConnectionEnd)
  /// The peer answered a keep-alive (RFC 5626 §4.4.1, or a WebSocket pong): the flow is alive.
  case pong(Flow)
  /// A peer passed, and somebody should know how: in words, once for each name of a peer.
  case remarked(Target, String)
}

/// How a connection ended, and what it took along.
package struct ConnectionEnd: Sendable {
  /// Which one: a request that left over another connection to the same target is none of its business.
  package var flow: Flow
  /// The tokens of the messages that it carried lately or that waited in it, in the order in which they were sent. Those
  /// that were answered are among them.
  package var carried: [UInt64]
  /// It brought a message before it ended: the peer worked, and may do so over another one.
  package var hasBroughtMessages: Bool
  /// nil: the peer closed it in good order.
  package var failure: TransportFailure?

  package init(flow: Flow, carried: [UInt64], hasBroughtMessages: Bool, failure: TransportFailure?) {
    self.flow = flow
    self.carried = carried
    self.hasBroughtMessages = hasBroughtMessages
    self.failure = failure
  }
}
