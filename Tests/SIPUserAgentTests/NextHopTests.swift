import SIPMessage
import SIPTransaction
import Testing

@testable import SIPUserAgent

/// The machine of one next hop: states × events as its file has them.
@Suite struct NextHopTests {
  static let hysteresis: Duration = .seconds(120)
  let now = Instant(nanoseconds: 1_000_000_000_000)

  func hop(rate: Int = 0) throws -> NextHop { NextHop(uri: try URI("sip:p1.test;lr"), rate: rate) }

  func engagement(isCounted: Bool = false, since: Instant? = nil) -> Attempt.Engagement {
    Attempt.Engagement(hop: 0, isCounted: isCounted, since: since ?? now)
  }

  func open() throws -> NextHop {
    var hop = try hop()
    _ = hop.concluded(.answered, by: 0, engagement(), now: now)
    return hop
  }

  func silent() throws -> NextHop {
    var hop = try hop()
    _ = hop.concluded(.failed(retryAfter: nil), by: 0, engagement(), now: now)
    return hop
  }

  @Test func whoKnowsNothingAsksOnce() throws {
    var hop = try hop()
    #expect(hop.admission(now: now) == .probe)
    hop.begins(probe: 7, now: now)
    #expect(hop.admission(now: now) == .wait)
    #expect(!hop.isSilent)
  }

  @Test func aFirstAnswerOpensAndIsNoNews() throws {
    var hop = try hop()
    hop.begins(probe: 7, now: now)
    #expect(hop.concluded(.answered, by: 7, engagement(), now: now) == .opened(after: nil))
    #expect(hop.state == .open(since: now))
    #expect(hop.admission(now: now) == .start)
  }

  @Test func threeFailuresInARowCloseAnOpenHop() throws {
    var hop = try open()
    for slot in 0..<2 as Range<Int32> {
      #expect(hop.concluded(.failed(retryAfter: nil), by: slot, engagement(), now: now) == .none)
      #expect(hop.admission(now: now) == .start)
    }
    #expect(hop.concluded(.failed(retryAfter: nil), by: 2, engagement(), now: now) == .closed)
    #expect(hop.isSilent)
    #expect(hop.admission(now: now) == .wait)
    #expect(hop.admission(now: now + .seconds(30)) == .probe)
  }

  @Test func anAnswerBetweenThemCountsFromTheBeginning() throws {
    var hop = try open()
    for slot in 0..<10 as Range<Int32> {
      _ = hop.concluded(slot.isMultiple(of: 3) ? .answered : .failed(retryAfter: nil), by: slot, engagement(), now: now)
    }
    #expect(!hop.isClosed)
  }

  @Test func aRetryAfterPutsOffTheProbe() throws {
    var hop = try open()
    for slot in 0..<3 as Range<Int32> {
      _ = hop.concluded(.failed(retryAfter: .seconds(300)), by: slot, engagement(), now: now)
    }
    #expect(hop.admission(now: now + .seconds(299)) == .wait)
    #expect(hop.admission(now: now + .seconds(300)) == .probe)
  }

  @Test func aChangeOfTheNetworkBringsItForward() throws {
    var hop = try silent()
    hop.wait(1)
    #expect(hop.work(hysteresis: Self.hysteresis, now: now) == .none)
    hop.reconsider(now: now)
    #expect(hop.work(hysteresis: Self.hysteresis, now: now) == .probe)
  }

  @Test func oneAsksAtATime() throws {
    var hop = try silent()
    for slot in 1..<100 as Range<Int32> { hop.wait(slot) }
    let later = now + .seconds(30)
    #expect(hop.deadline(hysteresis: Self.hysteresis) == later)
    #expect(hop.work(hysteresis: Self.hysteresis, now: later) == .probe)
    let taken = hop.takeFromLine()
    let slot = try #require(taken)
    hop.begins(probe: slot, now: later)
    #expect(hop.work(hysteresis: Self.hysteresis, now: later + .seconds(31)) == .none)
    #expect(hop.deadline(hysteresis: Self.hysteresis) == nil)
    // A Timer F later it is asked again at once: the copies of the request notice the return.
    #expect(
      hop.concluded(.failed(retryAfter: nil), by: slot, engagement(since: later), now: later + .seconds(32)) == .none)
    #expect(hop.work(hysteresis: Self.hysteresis, now: later + .seconds(32)) == .probe)
  }

  @Test func anAttemptThatEndsWithoutAVerdictLeavesThePlaceOfTheProber() throws {
    var hop = try silent()
    hop.wait(1)
    hop.begins(probe: 9, now: now)
    #expect(hop.concluded(.none, by: 9, engagement(), now: now) == .none)
    #expect(hop.isSilent)
    #expect(hop.work(hysteresis: Self.hysteresis, now: now + .seconds(30)) == .probe)
  }

  @Test func theLineIsLetGoInAWindowThatEachAnswerWidens() throws {
    var hop = try silent()
    for slot in 1...1000 as ClosedRange<Int32> { hop.wait(slot) }
    let now = now + .seconds(9)
    #expect(hop.concluded(.answered, by: 0, engagement(), now: now) == .opened(after: .seconds(9)))
    #expect(hop.state == .opening(since: now))
    // Who comes now comes after those who waited.
    #expect(hop.admission(now: now) == .wait)
    var rounds: [Int] = []
    while !hop.line.isEmpty, rounds.count < 20 {
      var started: [Int32] = []
      while hop.work(hysteresis: Self.hysteresis, now: now) == .release, let slot = hop.takeFromLine() {
        hop.released(now: now)
        started.append(slot)
      }
      rounds.append(started.count)
      for slot in started { _ = hop.concluded(.answered, by: slot, engagement(isCounted: true), now: now) }
    }
    #expect(rounds.prefix(4) == [2, 4, 8, 16])
    #expect(rounds.reduce(0, +) == 1000)
    #expect(hop.state == .open(since: now))
  }

  @Test func aLineThatFailsAgainIsHeldBack() throws {
    var hop = try silent()
    for slot in 1...1000 as ClosedRange<Int32> { hop.wait(slot) }
    _ = hop.concluded(.answered, by: 0, engagement(), now: now)
    for slot in 0..<3 as Range<Int32> {
      _ = hop.concluded(.failed(retryAfter: nil), by: slot, engagement(), now: now)
    }
    #expect(hop.isSilent)
    #expect(hop.line.count == 1000)
  }

  @Test func theLineIsLetGoAtTheConfiguredRateAndSlowlyAtFirst() throws {
    var hop = try hop(rate: 100)
    _ = hop.concluded(.failed(retryAfter: nil), by: 0, engagement(), now: now)
    for slot in 1...2000 as ClosedRange<Int32> { hop.wait(slot) }
    _ = hop.concluded(.answered, by: 0, engagement(), now: now)
    var seconds: [Int] = []
    for tenth in 0..<80 {
      let time = now + .milliseconds(Int64(tenth) * 100)
      while hop.work(hysteresis: Self.hysteresis, now: time) == .release, let slot = hop.takeFromLine() {
        hop.released(now: time)
        _ = hop.concluded(.answered, by: slot, engagement(isCounted: true), now: time)
        if tenth / 10 == seconds.count { seconds.append(0) }
        seconds[tenth / 10] += 1
      }
    }
    #expect(seconds[0] <= 20)
    #expect(seconds.allSatisfy { $0 <= 110 })
    #expect(seconds.suffix(3).allSatisfy { $0 >= 90 })
  }

  @Test func whoFailedWhileOthersWereAnsweredIsNotBroughtBackByTheHop() throws {
    var hop = try open()
    _ = hop.concluded(.failed(retryAfter: nil), by: 1, engagement(), now: now)
    hop.wait(1)
    #expect(hop.dismissLine().isEmpty)
    _ = hop.concluded(.answered, by: 2, engagement(), now: now)
    #expect(hop.dismissLine() == [1])
    #expect(hop.line.isEmpty)
  }

  @Test func theDisplacedComeBackWhenTheHopHasBeenGoodForAWhile() throws {
    var hop = try silent()
    hop.displace(5)
    #expect(hop.work(hysteresis: Self.hysteresis, now: now + .seconds(31)) == .none)
    #expect(hop.work(hysteresis: Self.hysteresis, now: now + Self.hysteresis) == .probe)
    _ = hop.concluded(.answered, by: 4, engagement(), now: now)
    let proof = now + Self.hysteresis
    #expect(hop.work(hysteresis: Self.hysteresis, now: now + .seconds(29)) == .none)
    // Silence is no proof: one after the other they try.
    var tried = hop
    for seconds in stride(from: 30, to: 120, by: 30) {
      let time = now + .seconds(seconds)
      #expect(tried.deadline(hysteresis: Self.hysteresis) == time)
      #expect(tried.work(hysteresis: Self.hysteresis, now: time) == .probe)
      tried.begins(probe: 5, now: time)
      #expect(tried.work(hysteresis: Self.hysteresis, now: time) == .none)
      _ = tried.concluded(.answered, by: 5, engagement(since: time), now: time)
    }
    _ = tried.concluded(.answered, by: 5, engagement(since: proof), now: proof)
    #expect(tried.work(hysteresis: Self.hysteresis, now: proof) == .restore)
    // One failure, and it begins anew.
    _ = hop.concluded(.failed(retryAfter: nil), by: 3, engagement(), now: now + .seconds(100))
    #expect(hop.work(hysteresis: Self.hysteresis, now: now + Self.hysteresis) != .restore)
  }

  @Test func aLiveBindingOfAFormerRunIsAGoodSign() throws {
    var hop = try hop()
    hop.presume(goodAt: now)
    #expect(hop.admission(now: now) == .start)
    var other = try silent()
    other.presume(goodAt: now)
    #expect(other.isSilent)
  }

  @Test func aLineForgetsNobody() {
    var line = SlotLine()
    for slot in 0..<5000 as Range<Int32> { line.append(slot) }
    for slot in 0..<3000 as Range<Int32> { #expect(line.popFirst() == slot) }
    #expect(line.popLast() == 4999)
    #expect(line.count == 1999)
    #expect(line.removeAll() == Array(3000..<4999))
    #expect(line.popFirst() == nil)
  }
}
