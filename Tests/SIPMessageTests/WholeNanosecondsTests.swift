import SIPMessage
import Testing

@Suite struct WholeNanosecondsTests {
  private static let whole: [Int64] = [
    0, 1, -1, 30_000_000_000, -30_000_000_000, 604_800_000_000_000, .max, -.max,
    // Around 2^73 attoseconds.
    9_444_732_965_738, 9_444_732_965_739, 9_444_732_965_740, -9_444_732_965_740,
  ]

  @Test(arguments: whole) func aDurationIsSoManyWholeNanoseconds(nanoseconds: Int64) {
    #expect(Duration.nanoseconds(nanoseconds).wholeNanoseconds == nanoseconds)
    let part = Duration(secondsComponent: 0, attosecondsComponent: nanoseconds < 0 ? -999_999_999 : 999_999_999)
    #expect((Duration.nanoseconds(nanoseconds) + part).wholeNanoseconds == nanoseconds)
  }

  @Test func whatDoesNotFitIsTheEnd() {
    #expect(Duration.seconds(Int64.max / 2).wholeNanoseconds == .max)
    #expect(Duration.seconds(Int64.min / 2).wholeNanoseconds == .min)
  }
}
