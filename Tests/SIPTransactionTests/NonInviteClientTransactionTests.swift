import SIPMessage
import SIPTransaction
import Testing

/// Figure 6 of RFC 3261 §17.1.2, every state × every event, on UDP and on a reliable transport.
@Suite struct NonInviteClientTransactionTests {
  enum State: String, CaseIterable { case trying, proceeding, completed, terminated }
  enum Event: String, CaseIterable { case timerE, timerF, provisional, final, transportError }

  static let start = Instant(nanoseconds: 1_000_000_000)

  static func machine(_ state: State, isReliable: Bool) -> NonInviteClientTransaction {
    var machine = NonInviteClientTransaction(timers: .standard, isReliable: isReliable, now: start)
    switch state {
    case .trying: break
    case .proceeding: _ = machine.received(.provisional)
    case .completed: _ = machine.received(.final)
    case .terminated: _ = machine.timerFired(timers: .standard, now: start + .seconds(32))
    }
    return machine
  }

  /// The name of the state, by what can be seen of it.
  static func state(of machine: NonInviteClientTransaction) -> String {
    machine.isTerminated ? "terminated" : machine.isUnanswered ? "open" : "completed"
  }

  static func outcome(_ machine: inout NonInviteClientTransaction, _ event: Event) -> String {
    let action =
      switch event {
      case .timerE: "\(machine.timerFired(timers: .standard, now: start + .milliseconds(500)))"
      case .timerF: "\(machine.timerFired(timers: .standard, now: start + .seconds(32)))"
      case .provisional: "\(machine.received(.provisional))"
      case .final: "\(machine.received(.final))"
      case .transportError: "\(machine.transportFailed())"
      }
    return "\(action), \(state(of: machine))"
  }

  static let overUDP: [State: [String]] = [
    .trying: [
      "retransmit, open", "timeOut, terminated", "passUp, open", "passUp, completed", "passUp, terminated",
    ],
    .proceeding: [
      "retransmit, open", "timeOut, terminated", "passUp, open", "passUp, completed", "passUp, terminated",
    ],
    .completed: [
      "none, completed", "none, completed", "absorb, completed", "absorb, completed", "ignore, completed",
    ],
    .terminated: [
      "none, terminated", "none, terminated", "absorb, terminated", "absorb, terminated", "ignore, terminated",
    ],
  ]

  static let overTCP: [State: [String]] = [
    .trying: [
      "none, open", "timeOut, terminated", "passUp, open", "passUp, terminated", "passUp, terminated",
    ],
    .proceeding: [
      "none, open", "timeOut, terminated", "passUp, open", "passUp, terminated", "passUp, terminated",
    ],
    .completed: [
      "none, terminated", "none, terminated", "absorb, terminated", "absorb, terminated", "ignore, terminated",
    ],
    .terminated: [
      "none, terminated", "none, terminated", "absorb, terminated", "absorb, terminated", "ignore, terminated",
    ],
  ]

  @Test(arguments: State.allCases, [false, true]) func everyEventInEveryState(state: State, isReliable: Bool) throws {
    let row = try #require((isReliable ? Self.overTCP : Self.overUDP)[state])
    for (event, expected) in zip(Event.allCases, row) {
      var machine = Self.machine(state, isReliable: isReliable)
      #expect(Self.outcome(&machine, event) == expected, "\(event)")
      #expect((machine.deadline != nil) == machine.isUnanswered, "\(event): a timer is armed until the answer")
    }
  }

  /// Every instant at which something is sent, up to Timer F.
  static func instants(provisionalAt: Duration?) -> [Duration] {
    var machine = NonInviteClientTransaction(timers: .standard, isReliable: false, now: start)
    var sent: [Duration] = []
    var isProceeding = false
    while let deadline = machine.deadline {
      if let provisionalAt, !isProceeding, start + provisionalAt <= deadline {
        isProceeding = true
        #expect(machine.received(.provisional) == .passUp)
        continue
      }
      switch machine.timerFired(timers: .standard, now: deadline) {
      case .retransmit, .timeOut: sent.append(deadline - start)
      case .none: Issue.record("nothing was due at \(deadline)")
      }
    }
    return sent
  }

  @Test func timerEDoublesUpToT2UntilTimerF() {
    #expect(
      Self.instants(provisionalAt: nil)
        == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32].map(Duration.seconds))
  }

  @Test func afterAProvisionalTimerEFiresEveryT2() {
    #expect(
      Self.instants(provisionalAt: .seconds(1))
        == [0.5, 1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5, 32].map(Duration.seconds))
  }

  @Test func aLateCallDoesWhatIsDueOnce() {
    var machine = NonInviteClientTransaction(timers: .standard, isReliable: false, now: Self.start)
    #expect(machine.timerFired(timers: .standard, now: Self.start + .seconds(20)) == .retransmit)
    #expect(machine.deadline == Self.start + .seconds(21))
    #expect(machine.timerFired(timers: .standard, now: Self.start + .seconds(40)) == .timeOut)
  }

  @Test func anEarlyCallDoesNothing() {
    var machine = NonInviteClientTransaction(timers: .standard, isReliable: false, now: Self.start)
    let deadline = machine.deadline
    #expect(machine.timerFired(timers: .standard, now: Self.start + .milliseconds(499)) == .none)
    #expect(machine.deadline == deadline)
  }
}
