import SIPMessage
import SIPTransaction
import Testing

/// Figure 8 of RFC 3261 §17.2.2, every state × every event, on UDP and on a reliable transport.
@Suite struct NonInviteServerTransactionTests {
  enum State: String, CaseIterable { case trying, proceeding, completed, terminated }
  enum Event: String, CaseIterable { case request, provisional, final, timerJ, transportError }

  static let start = Instant(nanoseconds: 1_000_000_000)

  static func machine(_ state: State, isReliable: Bool) -> NonInviteServerTransaction {
    var machine = NonInviteServerTransaction(isReliable: isReliable)
    switch state {
    case .trying: break
    case .proceeding: _ = machine.respond([1], isFinal: false, timers: .standard, now: start)
    case .completed: _ = machine.respond([2], isFinal: true, timers: .standard, now: start)
    case .terminated: _ = machine.transportFailed()
    }
    return machine
  }

  static func outcome(_ machine: inout NonInviteServerTransaction, _ event: Event) -> String {
    let action =
      switch event {
      case .request: "\(machine.requestRepeated())"
      case .provisional: "\(machine.respond([3], isFinal: false, timers: .standard, now: start))"
      case .final: "\(machine.respond([4], isFinal: true, timers: .standard, now: start))"
      case .timerJ: "\(machine.timerFired(now: start + .seconds(32)))"
      case .transportError: "\(machine.transportFailed())"
      }
    return "\(action), \(machine.isTerminated ? "terminated" : machine.deadline == nil ? "open" : "completed")"
  }

  static let overUDP: [State: [String]] = [
    .trying: ["absorb, open", "send([3]), open", "send([4]), completed", "none, open", "passUp, terminated"],
    .proceeding: ["send([1]), open", "send([3]), open", "send([4]), completed", "none, open", "passUp, terminated"],
    .completed: [
      "send([2]), completed", "discard, completed", "discard, completed", "terminate, terminated", "passUp, terminated",
    ],
    .terminated: [
      "absorb, terminated", "discard, terminated", "discard, terminated", "none, terminated", "ignore, terminated",
    ],
  ]

  static let overTCP: [State: [String]] = [
    .trying: ["absorb, open", "send([3]), open", "send([4]), terminated", "none, open", "passUp, terminated"],
    .proceeding: ["send([1]), open", "send([3]), open", "send([4]), terminated", "none, open", "passUp, terminated"],
    // Timer J is zero there.
    .completed: [
      "absorb, terminated", "discard, terminated", "discard, terminated", "none, terminated", "ignore, terminated",
    ],
    .terminated: [
      "absorb, terminated", "discard, terminated", "discard, terminated", "none, terminated", "ignore, terminated",
    ],
  ]

  @Test(arguments: State.allCases, [false, true]) func everyEventInEveryState(state: State, isReliable: Bool) throws {
    let row = try #require((isReliable ? Self.overTCP : Self.overUDP)[state])
    for (event, expected) in zip(Event.allCases, row) {
      var machine = Self.machine(state, isReliable: isReliable)
      #expect(Self.outcome(&machine, event) == expected, "\(event)")
    }
  }

  @Test func timerJIs64TimesT1AfterTheFinalResponse() {
    let machine = Self.machine(.completed, isReliable: false)
    #expect(machine.deadline == Self.start + .seconds(32))
    var early = machine
    #expect(early.timerFired(now: Self.start + .milliseconds(31_999)) == .none)
  }
}
