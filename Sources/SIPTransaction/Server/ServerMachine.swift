import SIPMessage

/// The server half of a transaction, by the method of its request (RFC 3261 §17.2).
enum ServerMachine: Sendable {
  case nonInvite(NonInviteServerTransaction)
  case invite(InviteServerTransaction)

  var deadline: Instant? {
    switch self {
    case .nonInvite(let machine): machine.deadline
    case .invite(let machine): machine.deadline
    }
  }

  var isTerminated: Bool {
    switch self {
    case .nonInvite(let machine): machine.isTerminated
    case .invite(let machine): machine.isTerminated
    }
  }

  /// - Returns: what to send; nil: nothing.
  func requestRepeated() -> [UInt8]? {
    switch self {
    case .nonInvite(let machine):
      switch machine.requestRepeated() {
      case .send(let response): response
      case .absorb: nil
      }
    case .invite(let machine):
      switch machine.requestRepeated() {
      case .send(let response): response
      case .absorb: nil
      }
    }
  }

  /// - Returns: what to send; nil: nothing.
  mutating func respond(_ response: [UInt8], status: Int, timers: TimerValues, now: Instant) -> [UInt8]? {
    switch self {
    case .nonInvite(var machine):
      let action = machine.respond(response, isFinal: status >= 200, timers: timers, now: now)
      self = .nonInvite(machine)
      return switch action {
      case .send(let response): response
      case .discard: nil
      }
    case .invite(var machine):
      let kind: InviteServerTransaction.ResponseKind = status < 200 ? .provisional : status < 300 ? .success : .failure
      let action = machine.respond(response, kind, timers: timers, now: now)
      self = .invite(machine)
      return switch action {
      case .send(let response): response
      case .discard: nil
      }
    }
  }

  enum TimerAction { case none, send([UInt8]), timeOut }

  mutating func timerFired(timers: TimerValues, now: Instant) -> TimerAction {
    switch self {
    case .nonInvite(var machine):
      let action = machine.timerFired(now: now)
      self = .nonInvite(machine)
      return switch action {
      case .none, .terminate: .none
      }
    case .invite(var machine):
      let action = machine.timerFired(timers: timers, now: now)
      self = .invite(machine)
      return switch action {
      case .none: .none
      case .send(let response): .send(response)
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
    case .invite(let machine):
      return switch machine.transportFailed() {
      case .passUp: .passUp
      case .ignore: .ignore
      }
    }
  }
}
