import SIPMessage
import SIPUserAgent
import Testing

/// Which of several targets an account goes to: the one that holds its binding, as long as it is among the answers; else
/// as SRV records and chance have put them (RFC 3263 §4.2), but for those that did not answer others lately.
@Suite struct TargetChoiceTests {
  private static let (first, second, third): (UInt32, UInt32, UInt32) = (0xC000_0264, 0xC000_0265, 0xC000_0266)

  private func destination(_ bench: Bench) -> IPAddress? { bench.destinations.last?.endpoint.address }

  /// The refresh that is next leaves for one of these.
  private func refresh(_ bench: inout Bench, _ addresses: [UInt32]) throws {
    bench.advance(try #require(bench.status?.next) - bench.now)
    bench.addresses = addresses
    bench.locate()
  }

  /// Another account of the same domain, up to its first REGISTER.
  private func join(_ bench: inout Bench, _ index: Int, _ addresses: [UInt32]) throws {
    let account = Account(
      name: "account \(index)", addressOfRecord: try URI("sip:a\(index)@example.test"),
      registrar: try URI("sip:example.test"), credentials: [Credential(username: "a", password: "sesame")])
    let id = AccountID(index: index)
    bench.handle(.add(id, account, nil))
    bench.advance(.seconds(1))
    let record = try #require(bench.record)
    bench.handle(.stored(id, key: record.key, cSeqCeiling: record.cSeqCeiling))
    bench.addresses = addresses
    bench.locate()
  }

  @Test func refreshesStayWithTheTargetThatTookTheRegistrationWhateverIsDrawn() throws {
    var bench = try Bench()
    bench.addresses = [Self.second, Self.first]
    bench.start()
    bench.locate()
    try bench.respond(200)
    for addresses in [[Self.first, Self.second], [Self.second, Self.first], [Self.third, Self.first, Self.second]] {
      try refresh(&bench, addresses)
      #expect(destination(bench) == .v4(Self.second))
      try bench.respond(200)
    }
  }

  @Test func anAccountMovesWhenItsTargetIsNoLongerAmongTheAnswersAndStaysThere() throws {
    var bench = try Bench.registered()
    try refresh(&bench, [Self.second, Self.third])
    #expect(destination(bench) == .v4(Self.second))
    try bench.respond(200)
    #expect(bench.state == .registered)
    try refresh(&bench, [Self.first, Self.second])
    #expect(destination(bench) == .v4(Self.second))
  }

  @Test func whoIsNotBoundKeepsTheOrderThatWasDrawn() throws {
    var bench = try Bench.registered()
    try join(&bench, 1, [Self.second, Self.first])
    #expect(destination(bench) == .v4(Self.second))
  }

  @Test func aTargetThatIsSilentIsLeftForTheNextAndTriedLastByOthersForAWhile() throws {
    var bench = try Bench()
    bench.addresses = [Self.first, Self.second]
    bench.start()
    bench.locate()
    #expect(destination(bench) == .v4(Self.first))
    bench.advance(.seconds(33))
    #expect(destination(bench) == .v4(Self.second))
    bench.addresses = [Self.second]
    try bench.respond(200)
    #expect(bench.state == .registered)
    try join(&bench, 1, [Self.first, Self.third])
    #expect(destination(bench) == .v4(Self.third))
    try join(&bench, 2, [Self.first])
    #expect(destination(bench) == .v4(Self.first))
    bench.advance(.seconds(300))
    try join(&bench, 3, [Self.first, Self.third])
    #expect(destination(bench) == .v4(Self.first))
  }
}
