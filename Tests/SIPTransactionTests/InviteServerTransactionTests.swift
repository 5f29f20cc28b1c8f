import SIPMessage
import SIPTransaction
import Testing

/// Figure 7 of RFC 3261 §17.2.1 as amended by RFC 6026, every state × every event, on UDP and on a reliable transport.
@Suite struct InviteServerTransactionTests {
  /// `untried`: Proceeding, and nobody has answered yet.
  enum State: String, CaseIterable { case untried, proceeding, accepted, completed, confirmed, terminated }
  enum Event: String, CaseIterable {
    case request, acknowledgement, provisional, success, failure, trying, timerG, timerHOrIOrL, transportError
  }

  static let start = Instant(nanoseconds: 1_000_000_000)
  static let timers = TimerValues.standard

  static func machine(_ state: State, isReliable: Bool) -> InviteServerTransaction {
    var machine = InviteServerTransaction(trying: [100], timers: timers, isReliable: isReliable, now: start)
    switch state {
    case .untried: break
    case .proceeding: _ = machine.respond([1], .provisional, timers: timers, now: start)
    case .accepted: _ = machine.respond([2], .success, timers: timers, now: start)
    case .completed: _ = machine.respond([4], .failure, timers: timers, now: start)
    case .confirmed:
      _ = machine.respond([4], .failure, timers: timers, now: start)
      _ = machine.acknowledged(timers: timers, now: start)
    case .terminated:
      _ = machine.respond([2], .success, timers: timers, now: start)
      _ = machine.timerFired(timers: timers, now: start + .seconds(32))
    }
    return machine
  }

  static func state(of machine: InviteServerTransaction) -> String {
    machine.isTerminated ? "terminated" : machine.deadline.map { "until \($0 - start)" } ?? "waits"
  }

  static func outcome(_ machine: inout InviteServerTransaction, _ event: Event) -> String {
    let now = start + .milliseconds(100)
    let action =
      switch event {
      case .request: "\(machine.requestRepeated())"
      case .acknowledgement: "\(machine.acknowledged(timers: timers, now: now))"
      case .provisional: "\(machine.respond([11], .provisional, timers: timers, now: now))"
      case .success: "\(machine.respond([22], .success, timers: timers, now: now))"
      case .failure: "\(machine.respond([44], .failure, timers: timers, now: now))"
      case .trying: "\(machine.timerFired(timers: timers, now: start + .milliseconds(200)))"
      case .timerG: "\(machine.timerFired(timers: timers, now: start + .milliseconds(500)))"
      case .timerHOrIOrL: "\(machine.timerFired(timers: timers, now: start + .seconds(32)))"
      case .transportError: "\(machine.transportFailed())"
      }
    return "\(action), \(state(of: machine))"
  }

  static let overUDP: [State: [String]] = [
    .untried: [
      "absorb, until 0.2 seconds", "absorb, until 0.2 seconds", "send([11]), waits", "send([22]), until 32.1 seconds",
      "send([44]), until 0.6 seconds", "send([100]), waits", "send([100]), waits", "send([100]), waits",
      "passUp, until 0.2 seconds",
    ],
    .proceeding: [
      "send([1]), waits", "absorb, waits", "send([11]), waits", "send([22]), until 32.1 seconds",
      "send([44]), until 0.6 seconds", "none, waits", "none, waits", "none, waits", "passUp, waits",
    ],
    .accepted: [
      "absorb, until 32.0 seconds", "passUp, until 32.0 seconds", "discard, until 32.0 seconds",
      "send([22]), until 32.0 seconds", "discard, until 32.0 seconds", "none, until 32.0 seconds",
      "none, until 32.0 seconds", "none, terminated", "passUp, until 32.0 seconds",
    ],
    .completed: [
      "send([4]), until 0.5 seconds", "absorb, until 5.1 seconds", "discard, until 0.5 seconds",
      "discard, until 0.5 seconds", "discard, until 0.5 seconds", "none, until 0.5 seconds",
      "send([4]), until 1.5 seconds", "timeOut, terminated", "passUp, until 0.5 seconds",
    ],
    .confirmed: [
      "absorb, until 5.0 seconds", "absorb, until 5.0 seconds", "discard, until 5.0 seconds",
      "discard, until 5.0 seconds", "discard, until 5.0 seconds", "none, until 5.0 seconds",
      "none, until 5.0 seconds", "none, terminated", "ignore, until 5.0 seconds",
    ],
    .terminated: [
      "absorb, terminated", "absorb, terminated", "discard, terminated", "discard, terminated", "discard, terminated",
      "none, terminated", "none, terminated", "none, terminated", "ignore, terminated",
    ],
  ]

  /// Where it differs: there is no Timer G, and Timer I is zero.
  static let overTCP: [State: [Event: String]] = [
    .untried: [.failure: "send([44]), until 32.1 seconds"],
    .proceeding: [.failure: "send([44]), until 32.1 seconds"],
    .completed: [
      .request: "send([4]), until 32.0 seconds", .acknowledgement: "absorb, terminated",
      .provisional: "discard, until 32.0 seconds", .success: "discard, until 32.0 seconds",
      .failure: "discard, until 32.0 seconds", .trying: "none, until 32.0 seconds",
      .timerG: "none, until 32.0 seconds", .transportError: "passUp, until 32.0 seconds",
    ],
    .confirmed: [
      .request: "absorb, terminated", .acknowledgement: "absorb, terminated", .provisional: "discard, terminated",
      .success: "discard, terminated", .failure: "discard, terminated", .trying: "none, terminated",
      .timerG: "none, terminated", .transportError: "ignore, terminated",
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

  @Test func timerGDoublesUpToT2UntilTimerH() {
    var machine = Self.machine(.completed, isReliable: false)
    var fired: [Duration] = []
    while let deadline = machine.deadline {
      fired.append(deadline - Self.start)
      let isLast = deadline == Self.start + .seconds(32)
      #expect(machine.timerFired(timers: Self.timers, now: deadline) == (isLast ? .timeOut : .send([4])))
    }
    #expect(fired == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32].map(Duration.seconds))
  }

  @Test func whatWasTriedIsRepeatedOnDemand() {
    var machine = Self.machine(.untried, isReliable: false)
    #expect(machine.timerFired(timers: Self.timers, now: Self.start + .milliseconds(199)) == .none)
    #expect(machine.timerFired(timers: Self.timers, now: Self.start + .milliseconds(200)) == .send([100]))
    #expect(machine.requestRepeated() == .send([100]))
    #expect(machine.respond([1], .provisional, timers: Self.timers, now: Self.start) == .send([1]))
    #expect(machine.requestRepeated() == .send([1]))
  }
}
