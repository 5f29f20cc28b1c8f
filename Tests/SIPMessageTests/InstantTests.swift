import SIPMessage
import Testing

@Suite struct InstantTests {
  @Test func arithmeticStopsAtTheEnds() {
    let longest = Duration(secondsComponent: .max, attosecondsComponent: 0)
    let shortest = Duration(secondsComponent: .min, attosecondsComponent: 0)
    #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
    #expect(Instant.origin - .seconds(1) == .origin)
    #expect(Instant.origin + shortest == .origin)
    #expect(Instant.distantFuture + longest == .distantFuture)
    #expect(Instant(nanoseconds: .max / 2) + longest > Instant(nanoseconds: .max / 2))
    #expect(Instant.origin - longest == .origin)
    #expect(Instant.distantFuture - shortest == .distantFuture)
  }

  @Test func theDistanceOfTheEndsIsClamped() {
    #expect(Instant.distantFuture - Instant.origin == .nanoseconds(Int64.max))
    #expect(Instant.origin - Instant.distantFuture == .zero - .nanoseconds(Int64.max))
    #expect(Instant.distantFuture - Instant.distantFuture == .zero)
  }

  @Test func whatIsAddedIsTakenAwayAgain() {
    let instant = Instant(nanoseconds: 5_000_000_000)
    #expect(instant + .milliseconds(1500) == Instant(nanoseconds: 6_500_000_000))
    #expect(instant - .milliseconds(1500) == Instant(nanoseconds: 3_500_000_000))
    #expect(instant + .milliseconds(-1500) == Instant(nanoseconds: 3_500_000_000))
    #expect(instant + .milliseconds(1500) - instant == .milliseconds(1500))
  }

  @Test(
    arguments: [
      (Duration.seconds(-1), -1), (.milliseconds(999), 0), (.milliseconds(-999), 0), (.milliseconds(1001), 1),
    ] as [(Duration, Int64)])
  func wholeSecondsRoundTowardsZero(duration: Duration, seconds: Int64) {
    #expect(duration.wholeSeconds == seconds)
  }
}
