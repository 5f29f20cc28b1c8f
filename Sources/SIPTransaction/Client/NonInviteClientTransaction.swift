import SIPMessage

/// The client half of a transaction that is not INVITE (RFC 3261 §17.1.2, Figure 6: Trying, Proceeding,
/// Completed, Terminated).
///
/// Holds no message: whoever owns it has the bytes, sends them when it says so, and keeps one timer armed at
/// `deadline`. On a reliable transport there is no Timer E, and nothing comes after the final answer.
///
/// Deviation: Completed has no Timer K. How long it lasts is its owner's affair, who knows repetitions by their branch
/// for longer than that, and needs no timer for each request.
package struct NonInviteClientTransaction: Sendable {
  private enum State: Sendable {
    /// No answer yet. Timer E doubles up to T2.
    case trying(timerE: Instant?, interval: Duration, timerF: Instant)
    /// A provisional answer came. Timer E goes on every T2.
    case proceeding(timerE: Instant?, timerF: Instant)
    /// The final answer was passed on; its repetitions are absorbed.
    case completed
    case terminated
  }

  /// What the answer of a peer is to the machine.
  package enum ResponseKind: Sendable { case provisional, final }

  private var state: State
  private let isReliable: Bool

  /// The request is sent at `now` by whoever makes this.
  package init(timers: TimerValues, isReliable: Bool, now: Instant) {
    self.isReliable = isReliable
    state = .trying(
      timerE: isReliable ? nil : now + timers.t1, interval: timers.t1, timerF: now + timers.timerF)
  }

  /// When `timerFired` has to be called next; nil once it is answered or over.
  package var deadline: Instant? {
    switch state {
    case .trying(let timerE, _, let timerF), .proceeding(let timerE, let timerF): min(timerE ?? timerF, timerF)
    case .completed, .terminated: nil
    }
  }

  package var isTerminated: Bool {
    switch state {
    case .trying, .proceeding, .completed: false
    case .terminated: true
    }
  }

  /// The transaction user still waits for its answer.
  package var isUnanswered: Bool {
    switch state {
    case .trying, .proceeding: true
    case .completed, .terminated: false
    }
  }

  /// Not even a provisional answer came.
  package var isWithoutAnyAnswer: Bool {
    switch state {
    case .trying: true
    case .proceeding, .completed, .terminated: false
    }
  }

  package enum TimerAction: Equatable, Sendable { case none, retransmit, timeOut }

  /// The machine looks at `now`, not at which of its timers was meant: a late call does what is due.
  package mutating func timerFired(timers: TimerValues, now: Instant) -> TimerAction {
    switch state {
    case .trying(let timerE, let interval, let timerF):
      if now >= timerF {
        state = .terminated
        return .timeOut
      }
      guard let timerE, now >= timerE else { return .none }
      let next = min(interval * 2, timers.t2)
      state = .trying(timerE: now + next, interval: next, timerF: timerF)
      return .retransmit
    case .proceeding(let timerE, let timerF):
      if now >= timerF {
        state = .terminated
        return .timeOut
      }
      guard let timerE, now >= timerE else { return .none }
      state = .proceeding(timerE: now + timers.t2, timerF: timerF)
      return .retransmit
    case .completed, .terminated:
      return .none
    }
  }

  package enum ResponseAction: Equatable, Sendable { case passUp, absorb }

  package mutating func received(_ kind: ResponseKind) -> ResponseAction {
    switch (state, kind) {
    case (.trying(let timerE, _, let timerF), .provisional):
      // Timer E keeps its instant and fires at T2 intervals from there (§17.1.2.2).
      state = .proceeding(timerE: timerE, timerF: timerF)
      return .passUp
    case (.proceeding, .provisional):
      return .passUp
    case (.trying, .final), (.proceeding, .final):
      state = isReliable ? .terminated : .completed
      return .passUp
    case (.completed, .provisional), (.completed, .final), (.terminated, .provisional), (.terminated, .final):
      return .absorb
    }
  }

  package enum FailureAction: Equatable, Sendable { case passUp, ignore }

  /// The transport could not send, or lost the connection.
  package mutating func transportFailed() -> FailureAction {
    switch state {
    case .trying, .proceeding:
      state = .terminated
      return .passUp
    case .completed, .terminated:
      return .ignore
    }
  }
}
