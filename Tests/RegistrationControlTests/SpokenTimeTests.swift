import Testing

@testable import RegistrationControl

@Suite struct SpokenTimeTests {
  @Test(arguments: [
    (0, "0 s"), (12, "12 s"), (59.9, "59 s"), (60, "1 min"), (2_499, "41 min"), (3_600, "1 h"), (7_380, "2 h 3 min"),
    (86_399, "23 h 59 min"), (86_400, "1 d"), (93_600, "1 d 2 h"), (-5, "0 s"), (.infinity, "for ever"),
  ])
  func durationsAreSpoken(_ seconds: Double, _ words: String) {
    #expect(SpokenTime.duration(seconds: seconds) == words)
  }

  @Test(arguments: [
    (2_460, "in 41 min"), (-12, "12 s ago"), (0, "now"), (0.4, "now"), (-0.9, "now"), (-7_380, "2 h 3 min ago"),
  ])
  func momentsAreSpokenFromNow(_ distance: Double, _ words: String) {
    let now = Timestamp(seconds: 1_764_000_000)
    #expect(SpokenTime.relative(Timestamp(seconds: 1_764_000_000 + distance), to: now) == words)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (100_000, "100,000"), (-1_234_567, "-1,234,567")])
  func numbersAreGrouped(_ number: Int, _ words: String) {
    #expect(SpokenNumber.grouped(number) == words)
  }

  @Test func onlyAllOfThemAreAHundredPerCent() {
    #expect(SpokenNumber.share(99_999, of: 100_000) == "99.9 %")
    #expect(SpokenNumber.share(100_000, of: 100_000) == "100 %")
    #expect(SpokenNumber.share(0, of: 0) == "0 %")
  }
}
