import SIPMessage

/// The server half of an INVITE transaction (RFC 3261 §17.2.1, Figure 7 as amended by RFC 6026 §7.1 and §8.7).
///
///                 INVITE       ACK        1xx        2xx        300–699    Timer G     Timer H, I, L  transport error
///     Proceeding  last 1xx     –          send       Accepted   Completed  –           –              tell
///     Accepted    –            pass up    –          send       –          –           Terminated     tell
///     Completed   send again   Confirmed  –          –          –          send again  Terminated     tell
///     Confirmed   –            –          –          –          –          –           Terminated     –
///     Terminated  –            –          –          –          –          –           –              –
///
/// A response that leads to another state is sent. 100 is sent 200 ms after the INVITE unless its user has answered. To
/// repeat a 2xx until its ACK comes is the user's affair (§13.3.1.4). Timer H is told of: nobody acknowledged.
///
/// It keeps the bytes of the last response, since a repeated INVITE is answered with them.
package struct InviteServerTransaction: Sendable {
  private enum State: Sendable {
    /// Nobody has answered yet: at `due` the answer is 100.
    case untried(trying: [UInt8], due: Instant)
    case proceeding(response: [UInt8])
    /// A 2xx was sent; more of them may follow.
    case accepted(timerL: Instant)
    /// Another final response was sent. Timer G doubles up to T2.
    case completed(response: [UInt8], timerG: Instant?, interval: Duration, timerH: Instant)
    /// The ACK came.
    case confirmed(timerI: Instant)
    case terminated
  }

  /// What the answer of the user is to the machine: 1xx, 2xx, 300–699.
  package enum ResponseKind: Sendable { case provisional, success, failure }

  private var state: State
  private let isReliable: Bool

  /// - Parameter trying: the response 100 to this INVITE
  package init(trying: [UInt8], timers: TimerValues, isReliable: Bool, now: Instant) {
    self.isReliable = isReliable
    state = .untried(trying: trying, due: now + timers.trying)
  }

  /// When `timerFired` has to be called next; nil when nothing is armed.
  package var deadline: Instant? {
    switch state {
    case .untried(_, let due): due
    case .proceeding, .terminated: nil
    case .accepted(let timerL): timerL
    case .completed(_, let timerG, _, let timerH): min(timerG ?? timerH, timerH)
    case .confirmed(let timerI): timerI
    }
  }

  package var isTerminated: Bool {
    switch state {
    case .untried, .proceeding, .accepted, .completed, .confirmed: false
    case .terminated: true
    }
  }

  package enum RequestAction: Equatable, Sendable { case absorb, send([UInt8]) }

  /// A copy of the INVITE came.
  package func requestRepeated() -> RequestAction {
    switch state {
    case .proceeding(let response), .completed(let response, _, _, _): .send(response)
    case .untried, .accepted, .confirmed, .terminated: .absorb
    }
  }

  package enum AcknowledgementAction: Equatable, Sendable { case absorb, passUp }

  /// An ACK came that belongs to this INVITE.
  package mutating func acknowledged(timers: TimerValues, now: Instant) -> AcknowledgementAction {
    switch state {
    case .completed:
      state = isReliable ? .terminated : .confirmed(timerI: now + timers.timerI(isReliable: false))
      return .absorb
    case .accepted:
      return .passUp
    case .untried, .proceeding, .confirmed, .terminated:
      return .absorb
    }
  }

  package enum ResponseAction: Equatable, Sendable { case send([UInt8]), discard }

  /// The transaction user answers. What comes after a final response is discarded, but another 2xx after a 2xx.
  package mutating func respond(
    _ response: [UInt8], _ kind: ResponseKind, timers: TimerValues, now: Instant
  ) -> ResponseAction {
    switch (state, kind) {
    case (.untried, .provisional), (.proceeding, .provisional):
      state = .proceeding(response: response)
      return .send(response)
    case (.untried, .success), (.proceeding, .success):
      state = .accepted(timerL: now + timers.timerL)
      return .send(response)
    case (.untried, .failure), (.proceeding, .failure):
      state = .completed(
        response: response, timerG: isReliable ? nil : now + timers.t1, interval: timers.t1,
        timerH: now + timers.timerH)
      return .send(response)
    case (.accepted, .success):
      return .send(response)
    case (.accepted, .provisional), (.accepted, .failure), (.completed, .provisional), (.completed, .success),
      (.completed, .failure), (.confirmed, .provisional), (.confirmed, .success), (.confirmed, .failure),
      (.terminated, .provisional), (.terminated, .success), (.terminated, .failure):
      return .discard
    }
  }

  package enum TimerAction: Equatable, Sendable { case none, send([UInt8]), timeOut }

  /// The machine looks at `now`, not at which of its timers was meant: a late call does what is due.
  package mutating func timerFired(timers: TimerValues, now: Instant) -> TimerAction {
    switch state {
    case .untried(let trying, let due):
      guard now >= due else { return .none }
      state = .proceeding(response: trying)
      return .send(trying)
    case .completed(let response, let timerG, let interval, let timerH):
      if now >= timerH {
        state = .terminated
        return .timeOut
      }
      guard let timerG, now >= timerG else { return .none }
      let next = min(interval + interval, timers.t2)
      state = .completed(response: response, timerG: now + next, interval: next, timerH: timerH)
      return .send(response)
    case .accepted(let end), .confirmed(let end):
      if now >= end { state = .terminated }
      return .none
    case .proceeding, .terminated:
      return .none
    }
  }

  package enum FailureAction: Equatable, Sendable { case passUp, ignore }

  /// A response did not leave. The machine stays as it is: the client may still be heard, and the user may answer again
  /// (RFC 6026 §7.1).
  package func transportFailed() -> FailureAction {
    switch state {
    case .untried, .proceeding, .accepted, .completed: .passUp
    case .confirmed, .terminated: .ignore
    }
  }
}
