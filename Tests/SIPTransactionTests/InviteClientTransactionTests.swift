import SIPMessage
import SIPTransaction
import Testing

/// Figure 5 of RFC 3261 §17.1.1 as amended by RFC 6026, every state × every event, on UDP and on a reliable transport.
@Suite struct InviteClientTransactionTests {
  /// `cancelWanted`: Calling, and a CANCEL waits for the first answer; `cancelled`: Proceeding, and a CANCEL was sent.
  enum State: String, CaseIterable {
    case calling, cancelWanted, proceeding, cancelled, accepted, completed, terminated
  }
  enum Event: String, CaseIterable {
    case timerA, timerB, timerDOrM, provisional, success, failure, cancel, transportError
  }

  static let start = Instant(nanoseconds: 1_000_000_000)
  static let timers = TimerValues.standard

  static func machine(_ state: State, isReliable: Bool) -> InviteClientTransaction {
    var machine = InviteClientTransaction(timers: timers, isReliable: isReliable, now: start)
    switch state {
    case .calling: break
    case .cancelWanted: _ = machine.cancel(timers: timers, now: start)
    case .proceeding: _ = machine.received(.provisional, timers: timers, now: start)
    case .cancelled:
      _ = machine.received(.provisional, timers: timers, now: start)
      _ = machine.cancel(timers: timers, now: start + .seconds(60))
    case .accepted: _ = machine.received(.success, timers: timers, now: start)
    case .completed: _ = machine.received(.failure, timers: timers, now: start)
    case .terminated: _ = machine.timerFired(now: start + .seconds(32))
    }
    return machine
  }

  /// The name of the state, by what can be seen of it, and how long after the beginning a timer is armed for.
  static func state(of machine: InviteClientTransaction) -> String {
    let name =
      machine.isTerminated
      ? "terminated"
      : machine.isWithoutAnyAnswer ? "calling" : machine.isUnanswered ? "proceeding" : "answered"
    return machine.deadline.map { "\(name) until \($0 - start)" } ?? name
  }

  static func outcome(_ machine: inout InviteClientTransaction, _ event: Event) -> String {
    let action =
      switch event {
      case .timerA: "\(machine.timerFired(now: start + .milliseconds(500)))"
      case .timerB: "\(machine.timerFired(now: start + .seconds(32)))"
      case .timerDOrM: "\(machine.timerFired(now: start + .seconds(92)))"
      case .provisional: "\(machine.received(.provisional, timers: timers, now: start + .milliseconds(100)))"
      case .success: "\(machine.received(.success, timers: timers, now: start + .milliseconds(100)))"
      case .failure: "\(machine.received(.failure, timers: timers, now: start + .milliseconds(100)))"
      case .cancel: "\(machine.cancel(timers: timers, now: start + .milliseconds(100)))"
      case .transportError: "\(machine.transportFailed())"
      }
    return "\(action), \(state(of: machine))"
  }

  static let overUDP: [State: [String]] = [
    .calling: [
      "retransmit, calling until 1.5 seconds", "timeOut, terminated", "timeOut, terminated", "passUp, proceeding",
      "passUp, answered until 32.1 seconds", "acknowledgeAndPassUp, answered until 32.1 seconds",
      "sendLater, calling until 0.5 seconds", "passUp, terminated",
    ],
    .cancelWanted: [
      "retransmit, calling until 1.5 seconds", "timeOut, terminated", "timeOut, terminated",
      "cancelAndPassUp, proceeding until 32.1 seconds", "passUp, answered until 32.1 seconds",
      "acknowledgeAndPassUp, answered until 32.1 seconds", "ignore, calling until 0.5 seconds", "passUp, terminated",
    ],
    .proceeding: [
      "none, proceeding", "none, proceeding", "none, proceeding", "passUp, proceeding",
      "passUp, answered until 32.1 seconds", "acknowledgeAndPassUp, answered until 32.1 seconds",
      "send, proceeding until 32.1 seconds", "passUp, terminated",
    ],
    .cancelled: [
      "none, proceeding until 92.0 seconds", "none, proceeding until 92.0 seconds", "timeOut, terminated",
      "passUp, proceeding until 92.0 seconds", "passUp, answered until 32.1 seconds",
      "acknowledgeAndPassUp, answered until 32.1 seconds", "ignore, proceeding until 92.0 seconds",
      "passUp, terminated",
    ],
    .accepted: [
      "none, answered until 32.0 seconds", "none, terminated", "none, terminated",
      "absorb, answered until 32.0 seconds", "passUp, answered until 32.0 seconds",
      "absorb, answered until 32.0 seconds", "ignore, answered until 32.0 seconds",
      "ignore, answered until 32.0 seconds",
    ],
    .completed: [
      "none, answered until 32.0 seconds", "none, terminated", "none, terminated",
      "absorb, answered until 32.0 seconds", "absorb, answered until 32.0 seconds",
      "acknowledge, answered until 32.0 seconds", "ignore, answered until 32.0 seconds", "passUp, terminated",
    ],
    .terminated: [
      "none, terminated", "none, terminated", "none, terminated", "absorb, terminated", "absorb, terminated",
      "absorb, terminated", "ignore, terminated", "ignore, terminated",
    ],
  ]

  /// Where it differs: nothing is repeated, and nobody repeats a failure.
  static let overTCP: [State: [Event: String]] = [
    .calling: [
      .timerA: "none, calling until 32.0 seconds", .failure: "acknowledgeAndPassUp, terminated",
      .cancel: "sendLater, calling until 32.0 seconds",
    ],
    .cancelWanted: [
      .timerA: "none, calling until 32.0 seconds", .failure: "acknowledgeAndPassUp, terminated",
      .cancel: "ignore, calling until 32.0 seconds",
    ],
    .proceeding: [.failure: "acknowledgeAndPassUp, terminated"],
    .cancelled: [.failure: "acknowledgeAndPassUp, terminated"],
    // Timer D is zero there.
    .completed: [
      .timerA: "none, terminated", .provisional: "absorb, terminated", .success: "absorb, terminated",
      .failure: "absorb, terminated", .cancel: "ignore, terminated", .transportError: "ignore, terminated",
    ],
  ]

  @Test(arguments: State.allCases, [false, true]) func everyEventInEveryState(state: State, isReliable: Bool) throws {
    let row = try #require(Self.overUDP[state])
    try #require(row.count == Event.allCases.count)
    for (event, expected) in zip(Event.allCases, row) {
      var machine = Self.machine(state, isReliable: isReliable)
      let outcome = Self.outcome(&machine, event)
      #expect(outcome == (isReliable ? Self.overTCP[state]?[event] : nil) ?? expected, "\(event)")
    }
  }

  @Test func timerADoublesWithoutEndUntilTimerB() {
    var machine = Self.machine(.calling, isReliable: false)
    var fired: [Duration] = []
    while let deadline = machine.deadline {
      fired.append(deadline - Self.start)
      #expect(machine.timerFired(now: deadline) == (deadline < Self.start + .seconds(32) ? .retransmit : .timeOut))
    }
    #expect(fired == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 32].map(Duration.seconds))
  }

  @Test func anEarlyCallDoesNothing() {
    for state in State.allCases {
      for isReliable in [false, true] {
        var machine = Self.machine(state, isReliable: isReliable)
        guard let deadline = machine.deadline else { continue }
        let before = Self.state(of: machine)
        #expect(machine.timerFired(now: deadline - .nanoseconds(1)) == .none)
        #expect(Self.state(of: machine) == before)
      }
    }
  }

  /// §17.1.1.2: Timer D is 32 seconds at least, however short T1 is.
  @Test func timerDIsNotShorterThanThirtyTwoSeconds() {
    var timers = TimerValues.standard
    timers.t1 = .milliseconds(100)
    #expect(timers.timerB == .milliseconds(6_400))
    #expect(timers.timerD(isReliable: false) == .seconds(32))
    timers.t1 = .seconds(1)
    #expect(timers.timerD(isReliable: false) == .seconds(64))
    #expect(timers.timerD(isReliable: true) == .zero)
  }
}
