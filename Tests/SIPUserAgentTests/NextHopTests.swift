import SIPMessage
import Testing

@testable import SIPUserAgent

/// The machine of one next hop: states × events as its file has them.
@Suite struct NextHopTests {
  let now = Instant(nanoseconds: 1_000_000_000_000)

  func hop(destinations: Int, rate: Int = 0) throws -> NextHop {
    var hop = NextHop(uri: try URI("sip:p1.test;lr"), rate: rate)
    for _ in 0..<destinations { hop.gains() }
    return hop
  }

  @Test func aHopWithOneDestinationLeavesAllToThatOne() throws {
    var hop = try hop(destinations: 1)
    hop.closes(isSilent: true)
    hop.begins(now: now)
    #expect(hop.isDead)
    #expect(hop.mayAsk(now: now))
  }

  @Test func aHopThatWasNeverHeardIsAskedByMoreAndMoreAndThenByOneAtATime() throws {
    var hop = try hop(destinations: 1000)
    var asked: [Int] = []
    for half in 0..<8 {
      let time = now + .milliseconds(500) * half
      while hop.mayAsk(now: time), asked.reduce(0, +) < 100 {
        hop.begins(now: time)
        if asked.count == half { asked.append(0) }
        asked[half] += 1
      }
    }
    #expect(asked == [1, 1, 2, 4, 8, 16])
    #expect(hop.nextStep == nil)
    for _ in 0..<32 {
      hop.ends(.silent)
      hop.closes(isSilent: true)
    }
    #expect(hop.isDead)
    #expect(hop.mayAsk(now: now + .seconds(32)))
    hop.begins(now: now + .seconds(32))
    #expect(!hop.mayAsk(now: now + .seconds(60)))
  }

  @Test(arguments: [(2, 2), (5, 5), (8, 8), (1000, 8)]) func soManySilentDestinationsAreTheHop(all: Int, needed: Int)
    throws
  {
    var hop = try hop(destinations: all)
    _ = hop.responds()
    for number in 1...needed {
      #expect(!hop.isDead)
      #expect(hop.mayAsk(now: now))
      hop.closes(isSilent: true)
      #expect(hop.isDead == (number == needed))
    }
  }

  @Test func whatAnswersThatItCanNotIsNotSilent() throws {
    var hop = try hop(destinations: 3)
    for _ in 0..<3 { hop.closes(isSilent: false) }
    #expect(!hop.isDead)
  }

  @Test func aResponseToAnybodyLetsEverybodyAsk() throws {
    var hop = try hop(destinations: 3)
    _ = hop.responds()
    for _ in 0..<3 { hop.closes(isSilent: true) }
    hop.reported(since: now)
    hop.begins(now: now)
    hop.queue(1)
    hop.queue(2)
    #expect(hop.takeTurn(now: now) == nil)
    #expect(!hop.isWell)
    #expect(hop.responds() == [1, 2])
    #expect(!hop.isDead)
    #expect(hop.isWell)
    #expect(hop.mayAsk(now: now))
  }

  @Test func destinationsAskInTurn() throws {
    var hop = try hop(destinations: 3)
    _ = hop.responds()
    for _ in 0..<3 { hop.closes(isSilent: true) }
    hop.begins(now: now)
    hop.queue(1)
    hop.queue(2)
    for turn in [1, 2] {
      hop.ends(.silent)
      #expect(hop.takeTurn(now: now) == turn)
      hop.begins(now: now)
      #expect(hop.takeTurn(now: now) == nil)
    }
  }

  @Test func aDestinationWithoutAccountsDoesNotCount() throws {
    var hop = try hop(destinations: 3)
    _ = hop.responds()
    hop.closes(isSilent: true)
    hop.closes(isSilent: true)
    #expect(!hop.isDead)
    hop.loses(closed: false)
    #expect(hop.isDead)
    hop.loses(closed: true)
    #expect(!hop.isShared)
  }

  @Test func aCrowdIsLetGoAtTheConfiguredRateAndSlowlyAtFirst() throws {
    var hop = try hop(destinations: 1, rate: 100)
    hop.rises(now: now)
    var seconds = [Int](repeating: 0, count: 8)
    while true {
      let turn = max(hop.take(.waiting, now: now), now)
      let second = Int((turn - now).wholeSeconds)
      guard second < 8 else { break }
      seconds[second] += 1
    }
    #expect(seconds[0] <= 30)
    #expect(seconds[1] <= 60)
    #expect(seconds.allSatisfy { $0 <= 110 })
    #expect(seconds.suffix(3).allSatisfy { $0 >= 90 })
  }
}
