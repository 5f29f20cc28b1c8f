import SIPMessage
import SIPUserAgent
import ShardCore
import Testing

@testable import Simulation

/// How soon all are bound again after an outage, at bindings of a minute.
@Suite struct RecoveryTests {
  static let kinds: [Treatment] = [
    .silent, .refused, .answers(503), .answers(503, retryAfter: 5), .answers(500), .answers(408),
  ]
  /// Few of many: a crowd takes its time.
  static func seeds(_ accounts: Int) -> ClosedRange<UInt64> { 1...(accounts < 100 ? 5 : 2) }

  @Test(arguments: kinds, [(5, 5), (20, 6), (100, 10)] as [(Int, Int)])
  func allAreBackWithinSecondsAndNothingLapsesThatNeedNot(kind: Treatment, outage: (seconds: Int, worst: Int)) {
    for accounts in [1, 5, 100] {
      let recoveries = Self.seeds(accounts).map {
        Recovery(kind, outage: .seconds(outage.seconds), accounts: accounts, seed: $0)
      }
      let times = recoveries.map { $0.back ?? .seconds(999) }.sorted()
      // The core is woken on its grain.
      #expect(times[times.count / 2] <= .seconds(5) + ShardCore.Limits.grain, "\(accounts) accounts")
      #expect(times.last ?? .zero <= .seconds(outage.worst), "\(accounts) accounts")
      for recovery in recoveries {
        #expect(recovery.lapses <= recovery.lost, "\(accounts) accounts")
        #expect(recovery.complaints == [])
      }
    }
  }

  @Test(arguments: kinds) func afterAnHourAllAreBackWithinThirtyFiveSeconds(kind: Treatment) {
    for seed in Self.seeds(1) {
      let recovery = Recovery(kind, outage: .seconds(3600), accounts: Int(seed), seed: seed)
      #expect(recovery.back ?? .seconds(999) <= .seconds(35), "seed \(seed)")
    }
  }
}
