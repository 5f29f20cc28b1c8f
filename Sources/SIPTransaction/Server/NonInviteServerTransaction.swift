import SIPMessage

/// The server half of a transaction that is not INVITE (RFC 3261 §17.2.2, Figure 8: Trying, Proceeding, Completed,
/// Terminated). It keeps the bytes of the last response, since a repeated request is answered with them. It is
/// for requests within a dialog, where the peer is known: what comes outside of one is answered without memory (§8.2.7).
package struct NonInviteServerTransaction: Sendable {
  private enum State: Sendable {
    /// The transaction user has not answered yet.
    case trying
    case proceeding(response: [UInt8])
    /// The final response was sent and is repeated on demand until Timer J.
    case completed(response: [UInt8], timerJ: Instant)
    case terminated
  }

  private var state = State.trying
  private let isReliable: Bool

  package init(isReliable: Bool) { self.isReliable = isReliable }

  /// When `timerFired` has to be called next; nil when nothing is armed.
  package var deadline: Instant? {
    switch state {
    case .completed(_, let timerJ): timerJ
    case .trying, .proceeding, .terminated: nil
    }
  }

  package var isTerminated: Bool {
    switch state {
    case .trying, .proceeding, .completed: false
    case .terminated: true
    }
  }

  package enum RequestAction: Equatable, Sendable { case absorb, send([UInt8]) }

  /// A copy of the request came.
  package func requestRepeated() -> RequestAction {
    switch state {
    case .trying, .terminated: .absorb
    case .proceeding(let response), .completed(let response, _): .send(response)
    }
  }

  package enum ResponseAction: Equatable, Sendable { case send([UInt8]), discard }

  /// The transaction user answers. A second final answer is discarded (§17.2.2).
  package mutating func respond(
    _ response: [UInt8], isFinal: Bool, timers: TimerValues, now: Instant
  ) -> ResponseAction {
    switch state {
    case .trying, .proceeding:
      if !isFinal {
        state = .proceeding(response: response)
      } else if isReliable {
        state = .terminated
      } else {
        state = .completed(response: response, timerJ: now + timers.timerJ(isReliable: false))
      }
      return .send(response)
    case .completed, .terminated:
      return .discard
    }
  }

  package enum TimerAction: Equatable, Sendable { case none, terminate }

  package mutating func timerFired(now: Instant) -> TimerAction {
    switch state {
    case .completed(_, let timerJ):
      guard now >= timerJ else { return .none }
      state = .terminated
      return .terminate
    case .trying, .proceeding, .terminated:
      return .none
    }
  }

  package enum FailureAction: Equatable, Sendable { case passUp, ignore }

  /// A response did not leave.
  package mutating func transportFailed() -> FailureAction {
    switch state {
    case .trying, .proceeding, .completed:
      state = .terminated
      return .passUp
    case .terminated:
      return .ignore
    }
  }
}
