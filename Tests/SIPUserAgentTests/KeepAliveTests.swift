import SIPMessage
import Testing

@testable import SIPUserAgent

/// Every state of the machine that keeps a flow open, with every event.
@Suite struct KeepAliveTests {
  typealias State = KeepAlive.State

  private static let start = Instant(nanoseconds: 1_000_000_000_000)
  private static let usual = Cadence(every: .seconds(30))
  private static let shorter = Cadence(every: .seconds(10))

  /// Without its instants.
  enum Name: String, CaseIterable { case resting, holding, asking, broken }
  enum Happening: String, CaseIterable { case wanted, due, answered, lost }

  private static func machine(in name: Name, isReliable: Bool = false, hasAnswered: Bool = true) -> KeepAlive {
    var machine = KeepAlive(isReliable: isReliable, cadence: usual)
    guard name != .resting else { return machine }
    _ = machine.handle(.wanted(usual), now: start, chance: 0)
    if hasAnswered || name != .asking { _ = machine.handle(.answered, now: start, chance: 0) }
    switch name {
    case .resting, .holding: break
    case .asking: if hasAnswered { _ = machine.handle(.due, now: start, chance: 0) }
    case .broken: _ = machine.handle(.lost, now: start, chance: 0)
    }
    return machine
  }

  private static func name(_ state: State) -> Name {
    switch state {
    case .resting: .resting
    case .holding: .holding
    case .asking: .asking
    case .broken: .broken
    }
  }

  private static func event(_ happening: Happening) -> KeepAlive.Event {
    switch happening {
    case .wanted: .wanted(shorter)
    case .due: .due
    case .answered: .answered
    case .lost: .lost
    }
  }

  static let table: [(Name, Happening, Name, KeepAlive.Action)] = [
    (.resting, .wanted, .asking, .ask), (.resting, .due, .resting, .none), (.resting, .answered, .resting, .none),
    (.resting, .lost, .resting, .none),
    (.holding, .wanted, .holding, .none), (.holding, .due, .asking, .ask), (.holding, .answered, .holding, .none),
    (.holding, .lost, .broken, .fail),
    (.asking, .wanted, .asking, .none), (.asking, .due, .asking, .askAgain), (.asking, .answered, .holding, .none),
    (.asking, .lost, .broken, .fail),
    (.broken, .wanted, .asking, .ask), (.broken, .due, .resting, .none), (.broken, .answered, .broken, .none),
    (.broken, .lost, .broken, .none),
  ]

  @Test(arguments: table) func everyEventIsDecidedInEveryState(
    state: Name, happening: Happening, next: Name, action: KeepAlive.Action
  ) {
    var machine = Self.machine(in: state)
    #expect(Self.name(machine.state) == state)
    #expect(machine.handle(Self.event(happening), now: Self.start, chance: 0) == action)
    #expect(Self.name(machine.state) == next)
    #expect((machine.deadline == nil) == (next == .resting))
  }

  @Test func theTableIsWhole() {
    #expect(Self.table.count == Name.allCases.count * Happening.allCases.count)
    #expect(Set(Self.table.map { "\($0.0) \($0.1)" }).count == Self.table.count)
  }

  // MARK: Copies and patience

  /// Lets it run until it asks no more. - Returns: when each copy left, and when it was over, in seconds
  private static func exchange(_ machine: inout KeepAlive) -> (copies: [Double], end: Double) {
    var copies = [0.0]
    while case .asking(_, let until) = machine.state {
      let seconds = Double((until - start).wholeNanoseconds) / 1e9
      guard machine.handle(.due, now: until, chance: 0) == .askAgain else { return (copies, seconds) }
      copies.append(seconds)
    }
    return (copies, 0)
  }

  @Test func aQuestionIsRepeatedAndGivenUpWithinTenSeconds() {
    var machine = Self.machine(in: .asking)
    let (copies, end) = Self.exchange(&machine)
    #expect(copies == [0, 0.5, 1.5, 3.5, 7.5])
    #expect(end == 9.5)
    #expect(machine.isBroken)
  }

  @Test func noCopyLeavesWhenTheNextQuestionWould() {
    var machine = KeepAlive(isReliable: false, cadence: Cadence(every: .seconds(3)))
    _ = machine.handle(.wanted(Cadence(every: .seconds(3))), now: Self.start, chance: 0)
    _ = machine.handle(.answered, now: Self.start, chance: 0)
    _ = machine.handle(.due, now: Self.start, chance: 0)
    #expect(Self.exchange(&machine).copies == [0, 0.5, 1.5])
  }

  @Test func whoHasNeverAnsweredIsNotDeadAndIsAskedOnceMoreOnly() {
    var machine = Self.machine(in: .asking, hasAnswered: false)
    let (copies, end) = Self.exchange(&machine)
    #expect(copies == [0, 0.5, 1.5])
    #expect(end == 3.5)
    #expect(!machine.isBlind)
    // From the first copy on, and not from the last.
    #expect(machine.deadline == Self.start + .seconds(24))
    #expect(machine.handle(.due, now: Self.start + .seconds(24), chance: 0) == .ask)
    while case .asking(_, let until) = machine.state { _ = machine.handle(.due, now: until, chance: 0) }
    #expect(machine.isBlind)
    for _ in 0..<3 {
      let due = machine.deadline ?? .origin
      #expect(machine.handle(.due, now: due, chance: 0) == .sendBlindly)
      #expect(machine.deadline == due + .seconds(24))
    }
  }

  @Test func aPongIsWaitedForTenSecondsAndThePingNotRepeated() {
    var machine = Self.machine(in: .asking, isReliable: true)
    #expect(machine.deadline == Self.start + .seconds(10))
    #expect(machine.handle(.due, now: Self.start + .seconds(10), chance: 0) == .fail)
    #expect(machine.isBroken)
  }

  @Test func whoHasAgreedToAnswerIsDeadWhenItDoesNot() {
    var machine = Self.machine(in: .asking, isReliable: true, hasAnswered: false)
    machine.isOwed = true
    #expect(machine.handle(.due, now: Self.start + .seconds(10), chance: 0) == .fail)
  }

  @Test func whatWasKnownOfABrokenFlowIsForgotten() {
    var machine = Self.machine(in: .broken)
    #expect(machine.lastAnswer != nil)
    _ = machine.handle(.wanted(Self.usual), now: Self.start + .seconds(60), chance: 0)
    #expect(machine.lastAnswer == nil)
    #expect(Self.exchange(&machine).copies.count == 3)
    #expect(!machine.isBroken)
  }

  @Test func aShorterIntervalCountsFromTheLastQuestion() {
    var machine = Self.machine(in: .holding)
    _ = machine.handle(.wanted(Self.shorter), now: Self.start + .seconds(2), chance: 0)
    #expect(machine.deadline == Self.start + .seconds(8))
    _ = machine.handle(.wanted(Cadence(every: .seconds(1))), now: Self.start + .seconds(3), chance: 0)
    #expect(machine.deadline == Self.start + .seconds(3))
  }

  // MARK: Cadence

  @Test(arguments: [
    (Cadence.datagrams, 24.0, 29.0), (.streams, 95, 120), (Cadence(every: .seconds(30)), 24, 30),
    (Cadence(every: .zero), 0.8, 1),
  ]) func intervalsAreDrawnBetweenTheirBounds(cadence: Cadence, shortest: Double, longest: Double) {
    var chance = Bench.Chance(state: 7)
    let drawn = (0..<2_000).map { _ in
      Double(cadence.interval(chance: chance.next()).wholeNanoseconds) / 1e9
    }
    #expect(drawn.allSatisfy { $0 >= shortest && $0 <= longest })
    let width = longest - shortest
    #expect((drawn.min() ?? 0) < shortest + width * 0.02)
    #expect((drawn.max() ?? 0) > longest - width * 0.02)
    #expect(cadence.interval(chance: .max) <= .seconds(longest))
  }
}
