import Testing

@testable import RegistrationControl

/// What others sent, on the screen of `sipregctl status`.
@Suite struct StatusOthersTests {
  @Test func withoutAnyNothingIsSaid() {
    #expect(StatusSummary.asked(Traffic()) == nil)
    #expect(StatusSummary.oddities(Traffic()).isEmpty)
  }

  @Test func requestsAndCallsAreCounted() {
    var traffic = Traffic()
    (traffic.requestsReceived, traffic.requestsAnswered) = (1, 1)
    #expect(StatusSummary.asked(traffic) == "1 request; 1 answered")
    (traffic.requestsReceived, traffic.requestsAnswered, traffic.callsReceived) = (1_200, 1_190, 2)
    #expect(StatusSummary.asked(traffic) == "1,200 requests, 2 calls among them; 1,190 answered")
  }

  @Test func theMostFrequentFlawsAreNamed() {
    var traffic = Traffic()
    traffic.flaws = [
      FlawCount(name: "Doubled Header Field", ignored: 7, dropped: 0),
      FlawCount(name: "More Than One Via", ignored: 0, dropped: 13),
      FlawCount(name: "Malformed Via", ignored: 1, dropped: 2),
    ]
    #expect(
      StatusSummary.oddities(traffic) == [
        "More Than One Via: 13 messages dropped for it", "Doubled Header Field: ignored in 7 messages",
        "Malformed Via: ignored in 1 message, 2 messages dropped for it",
      ])
    traffic.flaws = (1...7).map { FlawCount(name: "\($0)", ignored: $0, dropped: 0) }
    #expect(StatusSummary.oddities(traffic).last == "and 2 other kinds")
  }
}
