import SIPMessage

/// Where an outbound message goes: to a target, over whatever leads there, or back over the flow a message came from.
package enum Route: Hashable, Sendable {
  case target(Target)
  case flow(Flow)
}

/// One whole message to send, already serialised.
package struct Outbound: Sendable {
  package var bytes: [UInt8]
  package var route: Route
  /// The sender's own number for this message; `sendFailed` names it.
  package var token: UInt64

  package init(bytes: [UInt8], route: Route, token: UInt64) {
    self.bytes = bytes
    self.route = route
    self.token = token
  }
}

/// What the transport layer tells the one who uses it.
package enum TransportEvent: Sendable {
  /// One whole message: a datagram, or what Content-Length cut from a stream (RFC 3261 §18.3).
  case received([UInt8], Flow)
  /// The message with this token did not leave, or not as a whole (§18.4: the transaction user is told).
  case sendFailed(token: UInt64, TransportFailure)
  /// Nobody is at a UDP target that did not answer a request: ICMP says so. It may be news again every few seconds.
  case unreachable(Target, TransportFailure)
  /// The established connection that requests to the target travel over ended; nil: the peer closed it in good order.
  /// Never for one that the peer made: no request travels over it.
  case connectionClosed(Target, TransportFailure?)
}
