import SIPMessage
import SIPUserAgent
import Testing

/// What ICMP says of a target that has not answered.
@Suite struct UnreachableTests {
  func target(_ address: UInt32) -> Target {
    Target(transport: .udp, endpoint: Endpoint(address: .v4(address), port: 5060))
  }

  @Test func whoHasAnotherAddressTriesItAtOnce() throws {
    var bench = try Bench()
    bench.addresses = [0xC000_0264, 0xC000_0265]
    bench.start()
    bench.locate()
    bench.handle(.unreachable(target(0xC000_0264), reason: "connection refused"))
    #expect(bench.sent.count == 2)
    guard case .send(_, .target(let next), _)? = bench.effects.first(where: \.isSend) else {
      Issue.record("nothing was sent")
      return
    }
    #expect(next == target(0xC000_0265))
    #expect(try bench.lastRequest().cSeq().number == 2)
    #expect(bench.state == .registering)
  }

  @Test func whoHasAnotherRouteTriesItAtOnce() throws {
    var bench = try Bench.registering {
      $0.routes = [RouteSet(proxies: [try URI("sip:p1.test;lr")]), RouteSet(proxies: [try URI("sip:p2.test;lr")])]
    }
    let question = bench.question
    bench.handle(.unreachable(target(0xC000_0264), reason: "connection refused"))
    #expect(bench.question != question)
    bench.locate()
    #expect(bench.sent.count == 2)
  }

  @Test func whoHasNoOtherWayGoesOnAsking() throws {
    var bench = try Bench.registering()
    bench.handle(.unreachable(target(0xC000_0264), reason: "connection refused"))
    #expect(bench.state == .registering)
    bench.advance(.seconds(20))
    #expect(Set(bench.sent).count == 1)
    #expect(bench.sent.count > 1)
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test func aReportOfSomebodyElseChangesNothing() throws {
    var bench = try Bench()
    bench.addresses = [0xC000_0264, 0xC000_0265]
    bench.start()
    bench.locate()
    bench.handle(.unreachable(target(0xC000_0266), reason: "connection refused"))
    #expect(bench.effects.isEmpty)
  }
}

extension Effect {
  fileprivate var isSend: Bool {
    switch self {
    case .send: true
    case _: false
    }
  }
}
