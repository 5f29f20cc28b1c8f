import SIPMessage

/// The client half of a transaction, by the method of its request (RFC 3261 §17.1).
enum ClientMachine: Sendable {
  case nonInvite(NonInviteClientTransaction)
  /// `cancel`: the transaction of its CANCEL (§9.1), which has the branch of the INVITE, while that is not answered.
  case invite(InviteClientTransaction, cancel: ClientTransactionID?)

  init(_ method: Method, timers: TimerValues, isReliable: Bool, now: Instant) {
    if case .invite = method {
      self = .invite(InviteClientTransaction(timers: timers, isReliable: isReliable, now: now), cancel: nil)
    } else {
      self = .nonInvite(NonInviteClientTransaction(timers: timers, isReliable: isReliable, now: now))
    }
  }

  /// What the slot of a client is to it from now on.
  enum Standing {
    /// It waits for a timer at the instant; nil: for its peer or its user alone.
    case waits(Instant?)
    /// It waits for nothing, and may be looked at until somebody else needs the slot.
    case answered
    case terminated
  }

  @inline(__always) var standing: Standing {
    switch self {
    case .nonInvite(let machine):
      if let deadline = machine.deadline { .waits(deadline) } else { machine.isTerminated ? .terminated : .answered }
    case .invite(let machine, _): machine.isTerminated ? .terminated : .waits(machine.deadline)
    }
  }

  /// The transaction user still waits for its final answer.
  var isUnanswered: Bool {
    switch self {
    case .nonInvite(let machine): machine.isUnanswered
    case .invite(let machine, _): machine.isUnanswered
    }
  }

  /// Not even a provisional answer came.
  var isWithoutAnyAnswer: Bool {
    switch self {
    case .nonInvite(let machine): machine.isWithoutAnyAnswer
    case .invite(let machine, _): machine.isWithoutAnyAnswer
    }
  }

  /// What comes may be more than a copy of an answer that nobody needs.
  var isOpen: Bool {
    switch self {
    case .nonInvite(let machine): machine.isUnanswered
    case .invite(let machine, _): !machine.isTerminated
    }
  }

  enum TimerAction { case none, retransmit, timeOut }

  mutating func timerFired(timers: TimerValues, now: Instant) -> TimerAction {
    switch self {
    case .nonInvite(var machine):
      let action = machine.timerFired(timers: timers, now: now)
      self = .nonInvite(machine)
      return switch action {
      case .none: .none
      case .retransmit: .retransmit
      case .timeOut: .timeOut
      }
    case .invite(var machine, let cancel):
      let action = machine.timerFired(now: now)
      self = .invite(machine, cancel: cancel)
      return switch action {
      case .none: .none
      case .retransmit: .retransmit
      case .timeOut: .timeOut
      }
    }
  }

  enum FailureAction { case passUp, ignore }

  mutating func transportFailed() -> FailureAction {
    switch self {
    case .nonInvite(var machine):
      let action = machine.transportFailed()
      self = .nonInvite(machine)
      return switch action {
      case .passUp: .passUp
      case .ignore: .ignore
      }
    case .invite(var machine, let cancel):
      let action = machine.transportFailed()
      self = .invite(machine, cancel: cancel)
      return switch action {
      case .passUp: .passUp
      case .ignore: .ignore
      }
    }
  }
}
