import SIPMessage
import SIPUserAgent
import Testing

/// What a user agent without a call answers (RFC 3261 §8.2).
@Suite struct UserAgentServerTests {
  static func request(
    _ method: String, uri: String = "sip:alice@192.0.2.1", toTag: String = "", fields: String = "", branch: String = "1"
  ) -> [UInt8] {
    Array(
      """
      \(method) \(uri) SIP/2.0\r
      Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK\(branch);rport\r
      From: <sip:bob@example.test>;tag=b\r
      To: <sip:alice@example.test>\(toTag)\r
      Call-ID: call\r
      CSeq: 1 \(method)\r
      Max-Forwards: 70\r
      \(fields)Content-Length: 0\r
      \r\n
      """.utf8)
  }

  static func answer(_ bench: inout Bench, _ bytes: [UInt8]) throws -> Message? {
    bench.sent = []
    try bench.receive(bytes)
    return try bench.sent.last.map { try Message(parsing: $0) }
  }

  @Test(
    arguments: [
      ("OPTIONS", "", "", 200), ("OPTIONS", ";tag=x", "", 481), ("INVITE", "", "", 480), ("INVITE", ";tag=x", "", 481),
      ("BYE", ";tag=x", "", 481), ("CANCEL", "", "", 481), ("REGISTER", "", "", 405), ("SUBSCRIBE", "", "", 405),
      ("MESSAGE", "", "", 405), ("NOTIFY", "", "", 200), ("NOTIFY", ";tag=x", "", 481), ("FROBNICATE", "", "", 501),
      ("OPTIONS", "", "Require: 100rel, time-travel\r\n", 420), ("INVITE", "", "Require: 100rel\r\n", 420),
      ("CANCEL", "", "Require: 100rel\r\n", 481), ("ACK", ";tag=x", "", nil), ("ACK", "", "Require: x\r\n", nil),
    ] as [(String, String, String, Int?)])
  func everyRequestButAckIsAnswered(method: String, toTag: String, fields: String, status: Int?) throws {
    var bench = try Bench.registered()
    let answer = try Self.answer(&bench, Self.request(method, toTag: toTag, fields: fields))
    #expect(answer?.status == status)
    guard let answer else { return }
    #expect(try answer.to().tag != nil)
    #expect(answer.first(.via)?.text.contains("received=192.0.2.100") == true)
    #expect(answer.first(.via)?.text.contains("rport=5060") == true)
    if status == 405 || status == 501 || method == "OPTIONS" && status == 200 { #expect(answer.first(.allow) != nil) }
    if status == 420 { #expect(answer.first(.unsupported)?.text.contains("100rel") == true) }
  }

  @Test func anUnknownSchemeIs416() throws {
    var bench = try Bench.registered()
    #expect(try Self.answer(&bench, Self.request("OPTIONS", uri: "http://example.test"))?.status == 416)
  }

  @Test func aRepeatedRequestGetsTheVerySameBytes() throws {
    for method in ["OPTIONS", "INVITE", "FROBNICATE"] {
      var bench = try Bench.registered()
      _ = try Self.answer(&bench, Self.request(method))
      let first = bench.sent
      bench.advance(.seconds(3))
      _ = try Self.answer(&bench, Self.request(method))
      #expect(bench.sent == first, "\(method)")
      #expect(first.count == 1)
    }
  }

  @Test func anotherRequestGetsAnotherTag() throws {
    var bench = try Bench.registered()
    let first = try Self.answer(&bench, Self.request("OPTIONS"))?.to().tag
    #expect(try Self.answer(&bench, Self.request("OPTIONS", branch: "2"))?.to().tag != first)
  }

  /// The answer to a repeated request follows from the request again: nothing is kept, however many there are.
  @Test func aFloodIsAnsweredAndTakesNoMemory() throws {
    var bench = try Bench.registered()
    let before = bench.agent.transactionCount
    for index in 0..<4200 { try bench.receive(Self.request("OPTIONS", branch: "f\(index)")) }
    #expect(bench.agent.counters.answeredRequests == 4200)
    #expect(bench.agent.counters.requests.options == 4200)
    #expect(bench.agent.transactionCount == before)
  }

  @Test(arguments: [
    [], [0], Array("garbage".utf8), Array("SIP/2.0 99 X\r\n\r\n".utf8), Array(repeating: 0x0D, count: 9),
  ])
  func rubbishIsCounted(bytes: [UInt8]) throws {
    var bench = try Bench.registered()
    #expect(try Self.answer(&bench, bytes) == nil)
    #expect(bench.agent.counters.malformedMessages == 1)
    #expect(bench.state == .registered)
  }

  @Test func aResponseWithTwoViasIsSomebodyElses() throws {
    var bench = try Bench.registering()
    let request = try bench.lastRequest()
    let via = try #require(request.first(.via))
    try bench.receive(
      request.response(
        status: 200, reason: "OK", toTag: "t", receivedFrom: Bench.local, adding: [(.via, Array(via))]))
    #expect(bench.agent.transactionCounters.discarded.total == 1)
    #expect(bench.state == .registering)
    #expect(bench.status?.discarded == Discarded(count: 1, flaw: .severalVias))
  }
}
