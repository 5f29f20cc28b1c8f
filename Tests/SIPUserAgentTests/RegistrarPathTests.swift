import SIPMessage
import Testing

@testable import SIPUserAgent

/// The machine of one path: states × events × evidence as its file has them.
@Suite struct RegistrarPathTests {
  static let hysteresis: Duration = .seconds(120)
  let now = Instant(nanoseconds: 1_000_000_000_000)
  let hop: NextHop

  init() throws {
    var hop = NextHop(uri: try URI("sip:p1.test;lr"), rate: 0)
    hop.gains()
    self.hop = hop
  }

  func path(_ population: Int = 100) throws -> RegistrarPath {
    var path = RegistrarPath(hop: 0, registrar: try URI("sip:example.test"))
    for _ in 0..<population { _ = path.gains() }
    return path
  }

  func engagement(_ role: Attempt.Engagement.Role = .free, since: Instant? = nil) -> Attempt.Engagement {
    Attempt.Engagement(path: 0, role: role, since: since ?? now)
  }

  func open(_ population: Int = 100) throws -> RegistrarPath {
    var path = try path(population)
    _ = path.concluded(
      .good, by: 0, isWitness: false, failedBefore: nil, engagement(since: now - .seconds(1)), chance: 0, now: now)
    return path
  }

  /// Closed by the only account that is there.
  func closed(_ verdict: RegistrarPath.Verdict = .silent) throws -> RegistrarPath {
    var path = try open(1)
    let time = now + .seconds(1)
    _ = path.concluded(
      verdict, by: 0, isWitness: true, failedBefore: nil, engagement(since: time), chance: 25, now: time)
    return path
  }

  // MARK: Evidence

  enum Stage: CaseIterable { case unknown, open, opening, closed }

  func path(in stage: Stage) throws -> RegistrarPath {
    switch stage {
    case .unknown: return try path()
    case .open: return try open()
    case .closed: return try closed()
    case .opening:
      var path = try closed()
      for _ in 0..<99 { _ = path.gains() }
      path.wait(1, end: nil, isWitness: true, hasAsked: false, now: now)
      _ = path.concluded(
        .good, by: 0, isWitness: true, failedBefore: nil, engagement(since: now + .seconds(2)), chance: 0,
        now: now + .seconds(2))
      return path
    }
  }

  /// What one failure comes to: of a witness or a stranger, in each state, by each verdict.
  @Test(
    arguments: [
      // Nobody was answered yet: a refusal is everybody's, and what is answered is the account's own.
      (.unknown, false, .silent, .none, true), (.unknown, false, .failing, .none, false),
      (.unknown, false, .refused, .closed, true),
      // One of a hundred: it may be that one.
      (.open, true, .silent, .none, true), (.open, true, .failing, .none, true), (.open, true, .refused, .none, true),
      (.open, false, .silent, .none, false), (.open, false, .failing, .none, false),
      (.open, false, .refused, .none, false), (.opening, true, .silent, .none, true),
      (.opening, false, .silent, .none, false), (.closed, true, .silent, .none, true),
      (.closed, true, .failing, .none, true), (.closed, false, .silent, .none, true),
      // Witnesses were told the same.
      (.closed, false, .failing, .none, true),
    ] as [(Stage, Bool, RegistrarPath.Verdict, RegistrarPath.Change, Bool)])
  func aFailureOf(
    _ stage: Stage, isWitness: Bool, _ verdict: RegistrarPath.Verdict, change: RegistrarPath.Change,
    follows: Bool
  ) throws {
    var path = try path(in: stage)
    let began = now + .seconds(3)
    path.begins(question: 9, isWitness: true, now: began)
    path.begins(question: 8, isWitness: true, now: began)
    let conclusion = path.concluded(
      verdict, by: 9, isWitness: isWitness, failedBefore: nil, engagement(.question, since: began), chance: 0,
      now: began)
    #expect(conclusion == .init(change: change, follows: follows))
  }

  @Test func whatStrangersOnlyAreToldStaysTheirOwn() throws {
    var path = try path()
    for slot in 0..<40 as Range<Int32> {
      let time = now + .seconds(Int(slot))
      path.begins(question: slot, isWitness: false, now: time)
      let conclusion = path.concluded(
        .failing, by: slot, isWitness: false, failedBefore: nil, engagement(.question, since: time), chance: 0,
        now: time)
      #expect(!conclusion.follows)
    }
    #expect(path.isClosed)
  }

  @Test(arguments: Stage.allCases.filter { $0 != .unknown })
  func whatBeganBeforeTheLastGoodAnswerProvesNothing(stage: Stage) throws {
    var path = try path(in: stage)
    let state = path.state
    for verdict in [RegistrarPath.Verdict.silent, .failing, .refused] {
      let conclusion = path.concluded(
        verdict, by: 9, isWitness: true, failedBefore: nil, engagement(since: now - .seconds(30)), chance: 0,
        now: now + .seconds(4))
      #expect(conclusion == .init(isOwn: true))
    }
    #expect(path.state == state)
  }

  @Test func whoFailsAgainWhileOthersWereAnsweredBetweenFailsByItself() throws {
    for stage in [Stage.open, .opening] {
      var path = try path(in: stage)
      let (first, good, second) = (now + .seconds(3), now + .seconds(4), now + .seconds(8))
      _ = path.concluded(
        .failing, by: 9, isWitness: true, failedBefore: nil, engagement(since: first), chance: 0, now: first)
      _ = path.concluded(
        .good, by: 8, isWitness: true, failedBefore: nil, engagement(since: good), chance: 0, now: good)
      let conclusion = path.concluded(
        .failing, by: 9, isWitness: true, failedBefore: first, engagement(since: second), chance: 0, now: second)
      #expect(conclusion == .init())
      // Nobody was answered between: it is everybody's.
      let third = path.concluded(
        .failing, by: 9, isWitness: true, failedBefore: second, engagement(since: second + .seconds(5)), chance: 0,
        now: second + .seconds(5))
      #expect(third.follows)
    }
  }

  @Test func threeWitnessesAtThreeMomentsCloseIt() throws {
    var path = try open()
    var changes: [RegistrarPath.Change] = []
    for slot in 0..<3 as Range<Int32> {
      let time = now + .seconds(1 + Int(slot))
      changes.append(
        path.concluded(
          .silent, by: slot, isWitness: true, failedBefore: nil, engagement(since: time), chance: 0, now: time
        ).change)
    }
    #expect(changes == [.none, .none, .closed])
    #expect(path.closedSince == now + .seconds(1))
  }

  @Test func whatFailsWithinAMomentIsOneFailure() throws {
    var path = try open()
    for slot in 0..<30 as Range<Int32> {
      let time = now + .milliseconds(1 + Int64(slot) * 30)
      let conclusion = path.concluded(
        .failing, by: slot, isWitness: true, failedBefore: nil, engagement(since: time), chance: 0, now: time)
      #expect(conclusion == .init(follows: true))
    }
    #expect(!path.isClosed)
    #expect(path.admission(99, isWitness: true, through: hop, now: now + .seconds(1)) == .start)
  }

  @Test func theSameAccountAgainAndAgainClosesItForNobodyElse() throws {
    var path = try open()
    for second in 1..<20 {
      let time = now + .seconds(second)
      _ = path.concluded(
        .failing, by: 7, isWitness: true, failedBefore: nil, engagement(since: time), chance: 0, now: time)
    }
    #expect(!path.isClosed)
  }

  @Test func aGoodAnswerBetweenThemCountsFromTheBeginning() throws {
    var path = try open()
    for second in 1..<40 {
      let time = now + .seconds(second)
      _ = path.concluded(
        second.isMultiple(of: 3) ? .good : .failing, by: Int32(second), isWitness: true, failedBefore: nil,
        engagement(since: time),
        chance: 0, now: time)
    }
    #expect(!path.isClosed)
  }

  @Test func manyStrangersThatFailWhereNobodyIsAnsweredCloseIt() throws {
    var path = try open()
    for slot in 0..<32 as Range<Int32> {
      #expect(!path.isClosed)
      let time = now + .seconds(1)
      _ = path.concluded(
        .silent, by: slot, isWitness: false, failedBefore: nil, engagement(since: time), chance: 0, now: time)
    }
    #expect(path.isClosed)
    // A witness that comes now is news.
    path.begins(question: 50, isWitness: true, now: now + .seconds(1))
    #expect(path.admission(51, isWitness: false, through: hop, now: now + .seconds(9)) == .wait)
    #expect(path.admission(51, isWitness: true, through: hop, now: now + .seconds(9)) == .ask)
  }

  @Test func anAttemptThatEndsWithoutAVerdictLeavesThePlaceOfWhoAsked() throws {
    var path = try closed()
    path.wait(1, end: nil, isWitness: true, hasAsked: false, now: now)
    let later = now + .seconds(60)
    path.begins(question: 9, isWitness: true, now: later)
    #expect(path.asker == 9)
    #expect(path.work(hysteresis: Self.hysteresis, now: later) == .none)
    #expect(
      path.concluded(
        .none, by: 9, isWitness: true, failedBefore: nil, engagement(.question), chance: 0, now: later) == .init())
    #expect(path.asker == nil)
    #expect(path.isClosed)
    #expect(path.work(hysteresis: Self.hysteresis, now: later) == .ask)
  }

  // MARK: Who knows nothing

  @Test func whoKnowsNothingAsksOnceAndThenMore() throws {
    var path = try path()
    var asked: [Int] = []
    for half in 0..<10 {
      let time = now + .milliseconds(500) * half
      while path.admission(0, isWitness: false, through: hop, now: time) == .ask {
        path.begins(question: 0, isWitness: true, now: time)
        if asked.count == half { asked.append(0) }
        asked[half] += 1
      }
    }
    #expect(asked == [1, 1, 2, 4, 8, 16])
    #expect(!path.isFailing)
  }

  @Test func oneThatIsAnsweredBadlyHandsTheQuestionOnAtOnce() throws {
    var path = try path()
    var rounds: [Int] = []
    for _ in 0..<5 {
      var count = 0
      while path.admission(0, isWitness: false, through: hop, now: now) == .ask {
        path.begins(question: 0, isWitness: true, now: now)
        count += 1
      }
      rounds.append(count)
      for _ in 0..<count {
        _ = path.concluded(
          .failing, by: 0, isWitness: false, failedBefore: nil, engagement(.question), chance: 0, now: now)
      }
    }
    #expect(rounds.prefix(4) == [1, 2, 4, 8])
    #expect(rounds.reduce(0, +) <= 32)
    #expect(path.isClosed || rounds.reduce(0, +) < 32)
  }

  @Test func aFirstGoodAnswerOpensAndIsNoNews() throws {
    var path = try path()
    path.begins(question: 7, isWitness: true, now: now)
    #expect(
      path.concluded(
        .good, by: 7, isWitness: false, failedBefore: nil, engagement(.question), chance: 0, now: now
      ).change
        == .opened(after: nil))
    #expect(path.state == .open(since: now))
    #expect(path.admission(1, isWitness: false, through: hop, now: now) == .start)
  }

  @Test func aLiveBindingOfAFormerRunIsAGoodSign() throws {
    var path = try path()
    path.presume(goodAt: now)
    #expect(path.admission(1, isWitness: true, through: hop, now: now) == .start)
    var other = try closed()
    other.presume(goodAt: now)
    #expect(other.isClosed)
  }

  // MARK: Asking

  @Test func oneAsksAtATimeAndOverSilenceOneAfterTheOther() throws {
    var path = try closed()
    for slot in 1..<100 as Range<Int32> {
      path.wait(slot, end: nil, isWitness: true, hasAsked: false, now: now)
    }
    let later = now + .seconds(2)
    #expect(path.deadline(hysteresis: Self.hysteresis) == later)
    #expect(path.work(hysteresis: Self.hysteresis, now: later) == .ask)
    let first = path.takeFromLine(isQuestion: true)
    let slot = try #require(first)
    path.begins(question: slot, isWitness: true, now: later)
    #expect(path.work(hysteresis: Self.hysteresis, now: later + .seconds(31)) == .none)
    #expect(path.deadline(hysteresis: Self.hysteresis) == nil)
    // A Timer F later it is asked again at once: the copies of the request notice the return.
    _ = path.concluded(
      .silent, by: slot, isWitness: true, failedBefore: nil, engagement(.question, since: later), chance: 0,
      now: later + .seconds(32))
    #expect(path.work(hysteresis: Self.hysteresis, now: later + .seconds(32)) == .ask)
    let second = path.takeFromLine(isQuestion: true)
    #expect(second != slot)
  }

  /// After so many seconds of an outage the next question comes so much later, give or take a quarter.
  @Test(
    arguments: [
      (1, 0, 1000), (10, 50, 1000), (40, 0, 1500), (40, 50, 2500), (100, 0, 3750), (100, 25, 5000), (100, 50, 6250),
      (600, 0, 22_500), (600, 25, 30_000), (600, 50, 30_000), (86_400, 0, 30_000),
    ] as [(Int, UInt64, Int64)])
  func overRefusalsTheQuestionsComeTheLessOftenTheLongerItLasts(
    seconds: Int, chance: UInt64, milliseconds: Int64
  ) throws {
    for (verdict, shortest) in [(.refused, 1000), (.unlocated, 5000)] as [(RegistrarPath.Verdict, Int64)] {
      var path = try closed(.refused)
      let began = now + .seconds(1 + seconds)
      path.begins(question: 3, isWitness: true, now: began)
      _ = path.concluded(
        verdict, by: 3, isWitness: true, failedBefore: nil, engagement(.question, since: began), chance: chance,
        now: began)
      let pause = (path.nextQuestion - began).wholeNanoseconds / 1_000_000
      #expect(pause == max(milliseconds, shortest))
    }
  }

  @Test func aBindingThatEndsSoonBringsTheQuestionForward() throws {
    var path = try closed(.refused)
    let began = now + .seconds(601)
    path.wait(5, end: began + .seconds(40), isWitness: true, hasAsked: false, now: now)
    path.begins(question: 3, isWitness: true, now: began)
    _ = path.concluded(
      .refused, by: 3, isWitness: true, failedBefore: nil, engagement(.question, since: began), chance: 25, now: began)
    #expect(path.nextQuestion == began + .seconds(10))
    path.wait(6, end: began + .seconds(8), isWitness: true, hasAsked: false, now: began)
    #expect(path.nextQuestion == began + .seconds(2))
  }

  @Test func aChangeOfTheNetworkBringsItForward() throws {
    var path = try closed(.refused)
    path.wait(1, end: nil, isWitness: true, hasAsked: false, now: now)
    let time = now + .seconds(1)
    #expect(path.work(hysteresis: Self.hysteresis, now: time) == .none)
    path.reconsider(now: time)
    #expect(path.work(hysteresis: Self.hysteresis, now: time) == .ask)
  }

  @Test func beyondAHopThatSaysNothingNobodyStartsFreely() throws {
    var hop = hop
    hop.gains()
    _ = hop.responds()
    hop.closes(isSilent: true)
    hop.closes(isSilent: true)
    var path = try open()
    #expect(path.admission(1, isWitness: true, through: hop, now: now) == .wait)
    path.closesWithHop(now: now)
    #expect(path.admission(1, isWitness: true, through: hop, now: now) == .ask)
    hop.begins(now: now)
    #expect(path.admission(1, isWitness: true, through: hop, now: now) == .wait)
  }

  // MARK: The line goes on

  @Test func theLineIsLetGoInAWindowThatEachAnswerWidens() throws {
    var path = try closed()
    for slot in 1...1000 as ClosedRange<Int32> {
      path.wait(slot, end: nil, isWitness: true, hasAsked: false, now: now)
    }
    let now = now + .seconds(10)
    #expect(
      path.concluded(
        .good, by: 0, isWitness: true, failedBefore: nil, engagement(since: now), chance: 0, now: now
      ).change
        == .opened(after: .seconds(9)))
    #expect(path.state == .opening(since: now))
    // Who comes now comes after those who waited.
    #expect(path.admission(2000, isWitness: true, through: hop, now: now) == .wait)
    var rounds: [Int] = []
    while !path.line.isEmpty, rounds.count < 20 {
      var started: [Int32] = []
      while path.work(hysteresis: Self.hysteresis, now: now) == .release,
        let slot = path.takeFromLine(isQuestion: false)
      {
        path.released(now: now)
        started.append(slot)
      }
      rounds.append(started.count)
      for slot in started {
        _ = path.concluded(
          .good, by: slot, isWitness: true, failedBefore: nil, engagement(.released), chance: 0, now: now)
      }
    }
    #expect(rounds.prefix(4) == [2, 4, 8, 16])
    #expect(rounds.reduce(0, +) == 1000)
    #expect(path.state == .open(since: now))
  }

  @Test func silentOnesInTheLineDoNotHoldUpTheOthers() throws {
    var path = try closed()
    for slot in 1...100 as ClosedRange<Int32> {
      path.wait(slot, end: nil, isWitness: true, hasAsked: false, now: now)
    }
    var now = now + .seconds(10)
    _ = path.concluded(
      .good, by: 0, isWitness: true, failedBefore: nil, engagement(since: now), chance: 0, now: now)
    var started = 0
    for _ in 0..<10 {
      while path.work(hysteresis: Self.hysteresis, now: now) == .release,
        path.takeFromLine(isQuestion: false) != nil
      {
        path.released(now: now)
        started += 1
      }
      now = now + .seconds(1)
    }
    #expect(started == 20)
  }

  @Test func aLineThatFailsAgainIsHeldBack() throws {
    var path = try closed()
    for _ in 0..<100 { _ = path.gains() }
    for slot in 1...1000 as ClosedRange<Int32> {
      path.wait(slot, end: nil, isWitness: true, hasAsked: false, now: now)
    }
    _ = path.concluded(
      .good, by: 0, isWitness: true, failedBefore: nil, engagement(since: now + .seconds(2)), chance: 0,
      now: now + .seconds(2))
    for slot in 1...3 as ClosedRange<Int32> {
      let time = now + .seconds(3 + Int(slot))
      _ = path.concluded(
        .silent, by: slot, isWitness: true, failedBefore: nil, engagement(since: time), chance: 0, now: time)
    }
    #expect(path.isClosed)
    #expect(path.line.count == 1000)
  }

  @Test func whoFailedBeforeAnotherWasAnsweredGoesOnAtOnce() throws {
    var path = try open()
    let time = now + .seconds(1)
    #expect(
      path.concluded(
        .failing, by: 1, isWitness: true, failedBefore: nil, engagement(since: time), chance: 0, now: time
      ).follows)
    path.wait(1, end: nil, isWitness: true, hasAsked: true, now: time)
    #expect(path.work(hysteresis: Self.hysteresis, now: time) == .none)
    _ = path.concluded(
      .good, by: 2, isWitness: true, failedBefore: nil, engagement(since: time), chance: 0, now: time)
    #expect(path.work(hysteresis: Self.hysteresis, now: time) == .release)
  }

  // MARK: Coming back

  @Test func theDisplacedComeBackWhenItHasBeenGoodForAWhile() throws {
    var path = try closed()
    path.displace(5)
    let failed = now + .seconds(1)
    #expect(path.work(hysteresis: Self.hysteresis, now: failed + .seconds(31)) == .none)
    #expect(path.work(hysteresis: Self.hysteresis, now: failed + Self.hysteresis) == .ask)
    let now = failed
    _ = path.concluded(
      .good, by: 4, isWitness: true, failedBefore: nil, engagement(since: now), chance: 0, now: now)
    let proof = now + Self.hysteresis
    #expect(path.work(hysteresis: Self.hysteresis, now: now + .seconds(29)) == .none)
    // Silence is no proof: one after the other they try.
    var tried = path
    for seconds in stride(from: 30, to: 120, by: 30) {
      let time = now + .seconds(seconds)
      #expect(tried.deadline(hysteresis: Self.hysteresis) == time)
      #expect(tried.work(hysteresis: Self.hysteresis, now: time) == .ask)
      tried.begins(question: 5, isWitness: true, now: time)
      #expect(tried.work(hysteresis: Self.hysteresis, now: time) == .none)
      _ = tried.concluded(
        .good, by: 5, isWitness: true, failedBefore: nil, engagement(.question, since: time), chance: 0, now: time)
    }
    _ = tried.concluded(
      .good, by: 5, isWitness: true, failedBefore: nil, engagement(since: proof), chance: 0, now: proof)
    #expect(tried.work(hysteresis: Self.hysteresis, now: proof) == .bringBack)
    // One failure, and it begins anew.
    let later = now + .seconds(100)
    _ = path.concluded(
      .silent, by: 3, isWitness: true, failedBefore: nil, engagement(since: later), chance: 0, now: later)
    #expect(path.work(hysteresis: Self.hysteresis, now: proof) != .bringBack)
  }

  @Test func whatNobodySendsToAnyMoreIsFoundOutAnew() throws {
    var path = try closed()
    let wasLast = path.loses()
    #expect(wasLast)
    path.forgets()
    #expect(path.state == .unknown)
    let isFirst = path.gains()
    #expect(isFirst)
    #expect(path.admission(1, isWitness: false, through: hop, now: now) == .ask)
  }
}
