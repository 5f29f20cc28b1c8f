import SIPMessage
import Testing

@testable import SIPUserAgent

/// What is too large for a datagram goes over TCP (RFC 3261 §18.1.1), and back where nobody takes it.
@Suite struct LargeRequestTests {
  private static func registering(_ count: Int) throws -> Bench {
    try Bench.registering { $0.contact.parameters = ";x=" + String(repeating: "a", count: count) }
  }

  private static func failLast(_ bench: inout Bench) {
    for effect in bench.effects {
      if case .send(_, _, let client?) = effect {
        bench.handle(.sendFailed(client: client, reason: "connection refused"))
        return
      }
    }
  }

  @Test func aSmallOneIsADatagram() throws {
    let bench = try Self.registering(100)
    #expect(bench.destinations.map(\.transport) == [.udp])
  }

  @Test func aLargeOneGoesOverTCPAndSaysSo() throws {
    var bench = try Self.registering(1_200)
    #expect(bench.destinations.map(\.transport) == [.tcp])
    #expect(bench.destinations.first?.endpoint == Endpoint(address: .v4(0xC000_0264), port: 5060))
    let request = try bench.lastRequest()
    #expect(request.first(.via)?.text.hasPrefix("SIP/2.0/TCP ") == true)
    #expect(request.first(.contact)?.text.contains(";transport=tcp") == true)
    try bench.respond(200)
    bench.store()
    #expect(bench.state == .registered)
    bench.handle(.refresh(Bench.id))
    bench.advance(.seconds(6))
    bench.locate()
    #expect(bench.destinations.map(\.transport) == [.tcp, .tcp])
    #expect(try bench.lastRequest().values(.contact).count == 1, "the binding is renewed and not replaced")
  }

  @Test func whereNobodyTakesItItIsADatagramAllTheSame() throws {
    var bench = try Self.registering(1_200)
    Self.failLast(&bench)
    #expect(bench.destinations.map(\.transport) == [.tcp, .udp])
    #expect(try bench.lastRequest().first(.via)?.text.hasPrefix("SIP/2.0/UDP ") == true)
    try bench.respond(200)
    bench.store()
    #expect(bench.state == .registered)
    #expect(bench.status?.failures == 0)
    bench.handle(.refresh(Bench.id))
    bench.advance(.seconds(6))
    bench.locate()
    #expect(bench.destinations.map(\.transport) == [.tcp, .udp, .udp], "nobody asks in vain at each refresh")
  }

  @Test func afterAnHourItIsTriedAgain() throws {
    var bench = try Self.registering(1_200)
    Self.failLast(&bench)
    try bench.respond(200, [(.contact, try #require(bench.lastRequest().first(.contact)).text), (.expires, "86400")])
    bench.store()
    bench.advance(.seconds(3_700))
    bench.handle(.refresh(Bench.id))
    bench.locate()
    #expect(bench.destinations.map(\.transport) == [.tcp, .udp, .tcp])
  }
}
