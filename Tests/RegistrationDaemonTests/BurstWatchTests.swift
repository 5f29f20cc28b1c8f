import Testing

@testable import RegistrationDaemon

@Suite struct BurstWatchTests {
  /// The looks, counted from 1, at which memory goes back.
  private func looks(_ messages: [UInt64]) -> [Int] {
    var watch = BurstWatch()
    var total: UInt64 = 0
    return messages.enumerated().compactMap { index, fresh in
      total += fresh
      return watch.isOver(messages: total) ? index + 1 : nil
    }
  }

  @Test func whatTheStartTookGoesBackSoon() {
    #expect(looks([0, 0, 0, 0, 0]) == [4])
  }

  @Test func whatABurstTookGoesBackWhenItsTransactionsHaveEnded() {
    #expect(looks([0, 0, 0, 0, 20_000, 20_000, 0, 0, 0, 0, 0]) == [4, 10])
  }

  @Test func aPauseInABurstIsNotItsEnd() {
    #expect(looks([0, 0, 0, 0, 20_000, 0, 20_000, 1, 1, 1, 1]) == [4, 11])
  }

  @Test func aBurstOverASteadyStreamEndsWhereTheStreamGoesOn() {
    #expect(looks([0, 0, 0, 0, 20_000, 2_000, 2_000, 2_000, 2_000]) == [4, 9])
  }

  @Test func aSteadyStreamIsDisturbedOnceInTwoMinutes() {
    let found = looks(Array(repeating: 2_000, count: BurstWatch.rest + 4 * BurstWatch.longest))
    #expect(found == (0...4).map { BurstWatch.rest + $0 * BurstWatch.longest })
  }

  @Test func fewMessagesAreNoBurst() {
    #expect(looks([0, 0, 0, 0, BurstWatch.burst - 1, 0, 0, 0, 0, 0]) == [4])
  }
}
