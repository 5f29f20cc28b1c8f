import SIPMessage

/// The client half of an INVITE transaction (RFC 3261 §17.1.1, Figure 5 as amended by RFC 6026 §7.2 and §8.4).
///
///                 Timer A      Timer B    Timer D, M   1xx        2xx        300–699    transport error
///     Calling     send again   time out   –            Proceeding Accepted   Completed  tell
///     Proceeding  –            –          –            pass up    Accepted   Completed  tell
///     Accepted    –            –          Terminated   –          pass up    –          –
///     Completed   –            –          Terminated   –          –          ACK        tell
///     Terminated  –            –          –            –          –          –          –
///
/// What leads to another state is passed up, and what leads to Completed is acknowledged before. The ACK of a 2xx is
/// the user's own (§13.2.2.4). Who is told of an error, or that time is out, finds the machine in Terminated.
///
/// A CANCEL waits for the first provisional response (§9.1). When the INVITE is not answered within 64 × T1 after that,
/// it is given up; without a CANCEL there is no timer in Proceeding: how long it may ring is for the user to say.
///
/// Holds no message: whoever owns it has the bytes, sends them when it says so, and keeps one timer armed at `deadline`.
package struct InviteClientTransaction: Sendable {
  private enum State: Sendable {
    /// No answer yet. Timer A doubles. `isCancelled`: a CANCEL waits for the first one.
    case calling(timerA: Instant?, interval: Duration, timerB: Instant, isCancelled: Bool)
    /// A provisional answer came. `end`: a CANCEL was sent, and when to wait no longer.
    case proceeding(end: Instant?)
    /// A 2xx came; there may be others, or the same again.
    case accepted(timerM: Instant)
    /// Another final answer came, and may come again when its ACK is lost.
    case completed(timerD: Instant)
    case terminated
  }

  /// What the answer of a peer is to the machine: 1xx, 2xx, 300–699.
  package enum ResponseKind: Sendable { case provisional, success, failure }

  private var state: State
  private let isReliable: Bool

  /// The request is sent at `now` by whoever makes this.
  package init(timers: TimerValues, isReliable: Bool, now: Instant) {
    self.isReliable = isReliable
    state = .calling(
      timerA: isReliable ? nil : now + timers.t1, interval: timers.t1, timerB: now + timers.timerB, isCancelled: false)
  }

  /// When `timerFired` has to be called next; nil when nothing is armed.
  package var deadline: Instant? {
    switch state {
    case .calling(let timerA, _, let timerB, _): min(timerA ?? timerB, timerB)
    case .proceeding(let end): end
    case .accepted(let timerM): timerM
    case .completed(let timerD): timerD
    case .terminated: nil
    }
  }

  package var isTerminated: Bool {
    switch state {
    case .calling, .proceeding, .accepted, .completed: false
    case .terminated: true
    }
  }

  /// The transaction user still waits for its final answer.
  package var isUnanswered: Bool {
    switch state {
    case .calling, .proceeding: true
    case .accepted, .completed, .terminated: false
    }
  }

  /// Not even a provisional answer came.
  package var isWithoutAnyAnswer: Bool {
    switch state {
    case .calling: true
    case .proceeding, .accepted, .completed, .terminated: false
    }
  }

  package enum TimerAction: Equatable, Sendable { case none, retransmit, timeOut }

  /// The machine looks at `now`, not at which of its timers was meant: a late call does what is due.
  package mutating func timerFired(now: Instant) -> TimerAction {
    switch state {
    case .calling(let timerA, let interval, let timerB, let isCancelled):
      if now >= timerB {
        state = .terminated
        return .timeOut
      }
      guard let timerA, now >= timerA else { return .none }
      let next = interval + interval
      state = .calling(timerA: now + next, interval: next, timerB: timerB, isCancelled: isCancelled)
      return .retransmit
    case .proceeding(let end):
      guard let end, now >= end else { return .none }
      state = .terminated
      return .timeOut
    case .accepted(let end), .completed(let end):
      if now >= end { state = .terminated }
      return .none
    case .terminated:
      return .none
    }
  }

  package enum ResponseAction: Equatable, Sendable {
    case passUp
    /// The CANCEL that has waited for this is sent.
    case cancelAndPassUp
    /// An ACK is made from the request, and this response passed up.
    case acknowledgeAndPassUp
    /// The response is a repetition: the ACK is sent again.
    case acknowledge
    case absorb
  }

  package mutating func received(_ kind: ResponseKind, timers: TimerValues, now: Instant) -> ResponseAction {
    switch (state, kind) {
    case (.calling(_, _, _, isCancelled: false), .provisional):
      state = .proceeding(end: nil)
      return .passUp
    case (.calling(_, _, _, isCancelled: true), .provisional):
      state = .proceeding(end: now + timers.timerB)
      return .cancelAndPassUp
    case (.proceeding, .provisional):
      return .passUp
    case (.calling, .success), (.proceeding, .success):
      state = .accepted(timerM: now + timers.timerM)
      return .passUp
    case (.calling, .failure), (.proceeding, .failure):
      state = isReliable ? .terminated : .completed(timerD: now + timers.timerD(isReliable: false))
      return .acknowledgeAndPassUp
    case (.accepted, .success):
      return .passUp
    case (.completed, .failure):
      return .acknowledge
    case (.accepted, .provisional), (.accepted, .failure), (.completed, .provisional), (.completed, .success),
      (.terminated, .provisional), (.terminated, .success), (.terminated, .failure):
      return .absorb
    }
  }

  package enum CancelAction: Equatable, Sendable {
    case send
    /// Once a provisional response has come.
    case sendLater
    /// It is sent already, or has nothing to end.
    case ignore
  }

  /// The transaction user does not want the answer any more.
  package mutating func cancel(timers: TimerValues, now: Instant) -> CancelAction {
    switch state {
    case .calling(let timerA, let interval, let timerB, isCancelled: false):
      state = .calling(timerA: timerA, interval: interval, timerB: timerB, isCancelled: true)
      return .sendLater
    case .proceeding(end: nil):
      state = .proceeding(end: now + timers.timerB)
      return .send
    case .calling(_, _, _, isCancelled: true), .proceeding(end: .some), .accepted, .completed, .terminated:
      return .ignore
    }
  }

  package enum FailureAction: Equatable, Sendable { case passUp, ignore }

  /// The transport could not send, or lost the connection.
  package mutating func transportFailed() -> FailureAction {
    switch state {
    case .calling, .proceeding, .completed:
      state = .terminated
      return .passUp
    case .accepted, .terminated:
      return .ignore
    }
  }
}
