import SIPMessage

/// How the flow that holds a binding is kept open, for people.
package struct FlowStatus: Sendable, Equatable {
  package enum Method: Sendable, Equatable { case stun, ping, lineEnds, pingUnanswered }

  package var method: Method
  package var cadence: Cadence
  /// When the peer answered last; nil: it has not yet, or never does.
  package var lastAnswer: Instant?
  /// The edge sends what is for us over it (RFC 5626 §5.3).
  package var carriesCalls: Bool
  /// It has failed, and nothing was registered over it since.
  package var isBroken: Bool
}
