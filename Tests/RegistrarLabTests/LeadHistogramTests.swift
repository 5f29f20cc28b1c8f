import Testing

@testable import RegistrarLab

@Suite struct LeadHistogramTests {
  @Test func theMedianIsAtMostSixPercentTooLow() {
    for milliseconds in [0, 1, 31, 32, 63, 64, 1_000, 45_000, 3_600_000] as [Int64] {
      var leads = LeadHistogram()
      leads.record(.milliseconds(milliseconds))
      let median = Double(milliseconds) - (leads.percentile(50) ?? .zero) / .milliseconds(1)
      #expect(median >= 0 && median <= Double(milliseconds) / 16)
    }
  }

  @Test func everyFigureHasItsCounter() {
    #expect(LeadHistogram.bucket(.max) == 463)
    for bucket in 0..<464 { #expect(LeadHistogram.bucket(UInt32(LeadHistogram.lowerEnd(of: bucket))) == bucket) }
  }

  @Test func leastAndMedianAreOfAll() {
    var leads = LeadHistogram()
    #expect(leads.percentile(50) == nil)
    for seconds in [9, 5, 7] as [Int64] { leads.record(.seconds(seconds)) }
    #expect(leads.least == .seconds(5))
    let median = leads.percentile(50) ?? .zero
    #expect(median > .seconds(6) && median <= .seconds(7))
  }

  @Test func oneInAHundredIsNoMoreThanItsPercentile() {
    var leads = LeadHistogram()
    for _ in 0..<99 { leads.record(.seconds(40)) }
    leads.record(.seconds(3))
    let (first, second) = (leads.percentile(1) ?? .zero, leads.percentile(2) ?? .zero)
    #expect(first == .seconds(3))
    #expect(second > .seconds(37) && second <= .seconds(40))
  }
}
