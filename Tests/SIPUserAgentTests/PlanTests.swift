import SIPMessage
import Testing

@testable import SIPUserAgent

/// RefreshPlan and Backoff hold whatever numbers come.
@Suite struct PlanTests {
  let now = Instant(nanoseconds: 1_000_000_000_000)

  static let chances: [UInt64] = [0, 1, .max / 2, .max - 1, .max]

  @Test(arguments: [1, 2, 5, 9, 30, 60, 100, 161, 300, 3600, 86_400, 604_800, UInt32.max])
  func aRefreshLiesInItsWindowAndLeavesRoom(seconds: UInt32) {
    let policy = RegistrationPolicy.standard
    let granted = Duration.seconds(Int64(seconds))
    let plan = RefreshPlan(granted: granted, policy: policy)
    #expect(plan.earliest <= plan.latest)
    #expect(plan.earliest >= policy.minimumInterval)
    for chance in Self.chances {
      let window = plan.window(since: now, floor: now)
      var random: any RandomNumberGenerator & Sendable = Bench.Chance(state: chance)
      var calendar = RefreshCalendar()
      let delay = calendar.plan(window, now: now, chance: random.next()) - now
      #expect(plan.earliest <= delay && delay <= plan.latest)
    }
    if granted >= .seconds(10) {
      #expect(plan.latest <= granted / 100 * 90)
      #expect(granted - plan.latest >= min(RefreshPlan.margin, granted / 5 * 2))
    }
  }

  @Test func aLongExpiryIsRefreshedBetweenHalfAndNineTenths() {
    let plan = RefreshPlan(granted: .seconds(3600), policy: .standard)
    #expect(plan.earliest == .seconds(1800))
    #expect(plan.latest == .seconds(3240))
    #expect(RefreshPlan(granted: .seconds(300), policy: .standard).latest == .seconds(236))
    #expect(RefreshPlan(granted: .seconds(60), policy: .standard).latest == .seconds(36))
  }

  @Test func theBackOffGrowsToItsMaximumAndStaysThere() {
    let policy = RegistrationPolicy.standard
    for failures in 1...10_000 {
      let full = min(Duration.seconds(30 << min(failures - 1, 20)), .seconds(1800))
      for chance in Self.chances {
        let delay = Backoff.delay(after: failures, policy: policy, chance: chance)
        #expect(full / 2 <= delay && delay <= full, "\(failures)")
      }
    }
    for failures in [Int.min, -1, 0, .max] {
      let delay = Backoff.delay(after: failures, policy: policy, chance: .max)
      #expect(.seconds(15) <= delay && delay <= .seconds(1800))
    }
  }

  @Test func anEnormousBaseDoesNotOverflow() {
    var policy = RegistrationPolicy.standard
    policy.retryBase = .seconds(Int64.max / 2)
    #expect(Backoff.delay(after: 3, policy: policy, chance: 0) == .seconds(900))
  }

  @Test(
    arguments: [(0, 5), (1, 5), (7, 7), (1800, 1800), (86_400, 1800), (.max, 1800)] as [(UInt32, Int64)])
  func retryAfterIsTakenWithinBounds(asked: UInt32, seconds: Int64) {
    #expect(Backoff.delay(retryAfter: asked, policy: .standard) == .seconds(seconds))
  }

  @Test func aCeilingIsReservedAheadAndNumbersRise() {
    var space = CSeqSpace()
    #expect(!space.isAvailable)
    space.extend()
    space.stored(space.ceiling)
    var former: UInt32 = 0
    for _ in 0..<CSeqSpace.reserve {
      let number = space.take()
      #expect(number > former && number < space.ceiling)
      former = number
    }
    #expect(!space.isAvailable)
    #expect(CSeqSpace(from: space.ceiling).next > former)
  }

  @Test func whatIsReservedFromTheStartIsUsedWithoutAsking() {
    var space = CSeqSpace(from: 100, reserved: 2)
    #expect(space.isAvailable && space.isRunningLow)
    #expect((space.take(), space.take()) == (100, 101))
    #expect(!space.isAvailable)
  }

  @Test func anAcknowledgementIsNeverTakenForMoreThanWasAsked() {
    var space = CSeqSpace(from: 100)
    space.stored(.max)
    #expect(!space.isAvailable)
  }
}
