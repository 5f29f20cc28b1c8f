import SIPMessage
import Testing

@testable import SIPUserAgent

@Suite struct RefreshCalendarTests {
  let start = Instant(nanoseconds: 5_000_000_000_000)
  var random: any RandomNumberGenerator & Sendable = Bench.Chance()

  /// Everybody registers in one second and refreshes where the calendar says, over and over.
  @Test(arguments: [(10_000, 60), (10_000, 300), (30_000, 3600)])
  mutating func afterAMassRegistrationNoSecondCarriesTwiceTheMean(accounts: Int, expires: Int) {
    let plan = RefreshPlan(granted: .seconds(expires), policy: .standard)
    var calendar = RefreshCalendar()
    var due: [Instant] = (0..<accounts).map { start + .microseconds($0 * 1_000_000 / accounts) }
    for _ in 0..<3 {
      // In the order in which they come up, as the daemon sees them.
      due = due.sorted().map { now in
        calendar.plan(plan.window(since: now, floor: now), now: now, chance: random.next())
      }
    }
    var seconds: [UInt64: Int] = [:]
    for instant in due { seconds[instant.nanoseconds / 1_000_000_000, default: 0] += 1 }
    let width = Double(seconds.keys.max()! - seconds.keys.min()! + 1)
    let busiest = seconds.values.max()!
    let mean = Double(accounts) / width
    print("\(accounts) accounts, expires \(expires): \(busiest) in the busiest second, \(mean) on average")
    #expect(Double(busiest) <= 2 * mean)
  }

  @Test mutating func whatIsCancelledLeavesItsPlaceToOthers() {
    var calendar = RefreshCalendar()
    let second = start...(start + .milliseconds(999))
    let other = (start + .seconds(1))...(start + .milliseconds(1999))
    for _ in 0..<10 {
      let planned = calendar.plan(second, now: start, chance: random.next())
      calendar.cancel(planned, now: start)
      _ = calendar.plan(other, now: start, chance: random.next())
    }
    for _ in 0..<9 {
      let planned = calendar.plan(start...(start + .milliseconds(1999)), now: start, chance: random.next())
      #expect(planned < start + .seconds(1))
    }
  }

  @Test mutating func whatIsFarAwayIsPlannedAllTheSame() {
    var calendar = RefreshCalendar()
    let window = (start + .seconds(300_000))...(start + .seconds(500_000))
    for _ in 0..<100 { #expect(window.contains(calendar.plan(window, now: start, chance: random.next()))) }
    #expect(calendar.plan(start...start, now: start + .seconds(9), chance: random.next()) == start)
  }
}
