import RegistrarLab
import SIPMessage
import SIPTransport
import Testing

@Suite struct OutboundProxyTests {
  private static let registrar = "192.0.2.1"

  /// `number` is the last part of the address: 10 is 192.0.2.10.
  private static func proxy(
    _ routing: OutboundProxy.Routing, _ number: UInt32 = 10, _ change: (inout OutboundProxy.Settings) -> Void = { _ in }
  ) -> OutboundProxy {
    var settings = OutboundProxy.Settings(routing: routing)
    change(&settings)
    return OutboundProxy(settings, address: Endpoint(address: .v4(0xC000_0200 | number), port: 5060))
  }

  private static func request(_ outbound: Outbound) throws -> Message { try Message(parsing: outbound.bytes) }

  @Test func aLooseProxyTakesItsRouteAwayAndAddsViaAndPath() throws {
    var proxy = Self.proxy(.loose)
    let request = Register(uri: "sip:192.0.2.1", others: ["Route: <sip:192.0.2.10;lr>"])
    let outbound = try proxy.send(request)
    let message = try Self.request(outbound)
    #expect(outbound.destination.text == "udp:192.0.2.1:5060")
    #expect(try message.requestURI().description == "sip:192.0.2.1")
    #expect(message.texts(.route).isEmpty)
    #expect(message.texts(.path) == ["<sip:192.0.2.10:5060;lr>"])
    #expect(message.first(.maxForwards)?.text == "69")
    #expect(message.texts(.via).count == 2)
    #expect(try message.topmostVia().host == .address(.v4(0xC000_020A)))
    #expect(message.texts(.via)[1].contains(";received=192.0.2.7;rport=5060"))
  }

  @Test func aStrictProxyPutsTheFirstRouteIntoTheRequestURI() throws {
    var proxy = Self.proxy(.strict)
    let request = Register(uri: "sip:192.0.2.10", others: ["Route: <sip:192.0.2.1;x=1>"])
    let outbound = try proxy.send(request)
    let message = try Self.request(outbound)
    #expect(outbound.destination.text == "udp:192.0.2.1:5060")
    #expect(try message.requestURI().description == "sip:192.0.2.1;x=1")
    #expect(message.texts(.route).isEmpty)
    #expect(message.texts(.path).isEmpty)
  }

  /// Routing of the first and of the second proxy, the Request-URI and the Routes that a client sends for them.
  @Test(
    arguments: [
      (.loose, .loose, "sip:192.0.2.1", ["<sip:192.0.2.10;lr>, <sip:192.0.2.11;lr>"]),
      (.strict, .strict, "sip:192.0.2.10", ["<sip:192.0.2.11>", "<sip:192.0.2.1>"]),
      (.strict, .loose, "sip:192.0.2.10", ["<sip:192.0.2.11;lr>", "<sip:192.0.2.1>"]),
      (.loose, .strict, "sip:192.0.2.1", ["<sip:192.0.2.10;lr>", "<sip:192.0.2.11>"]),
    ] as [(OutboundProxy.Routing, OutboundProxy.Routing, String, [String])])
  func aChainLeadsToTheRegistrarAndBack(
    first: OutboundProxy.Routing, second: OutboundProxy.Routing, uri: String, routes: [String]
  ) throws {
    var (one, two) = (Self.proxy(first, 10), Self.proxy(second, 11))
    let request = Register(uri: uri, others: routes.map { "Route: \($0)" })
    let between = try one.send(request)
    #expect(between.destination.text == "udp:192.0.2.11:5060")
    let flow = Flow(target: Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_020A), port: 5060)))
    let arrived = try two.pass(between.bytes, over: flow)
    #expect(arrived.destination.text == "udp:192.0.2.1:5060")
    let message = try Self.request(arrived)
    #expect(try message.requestURI().description == "sip:192.0.2.1")
    #expect(message.texts(.route).isEmpty)
    #expect(message.texts(.via).count == 3)

    var settings = Registrar.Settings()
    settings.challenges = false
    var registrar = Registrar(settings)
    let answer = try registrar.pass(arrived.bytes, over: flow)
    let back = try two.pass(answer.bytes, over: flow)
    #expect(back.destination.text == "udp:192.0.2.10:5060")
    let last = try one.pass(back.bytes, over: flow)
    #expect(last.destination.text == "udp:192.0.2.7:5060")
    let received = try Self.request(last)
    #expect(received.status == 200)
    #expect(received.texts(.via).count == 1)
    #expect(received.defect() == nil)
  }

  @Test func aRetransmissionHasTheSameBranch() throws {
    var proxy = Self.proxy(.loose)
    let request = Register(uri: "sip:192.0.2.1")
    let branches = try [request, request, Register(uri: "sip:192.0.2.1", cSeq: 2)].map { request in
      try Self.request(proxy.send(request)).topmostVia().branch
    }
    #expect(branches[0] == branches[1])
    #expect(branches[0] != branches[2])
  }

  /// Routing, Request-URI, Route, and the answer.
  @Test(
    arguments: [
      (.strict, "sip:192.0.2.1", "<sip:192.0.2.1>", 404), (.strict, "sip:192.0.2.10", nil, 404),
      (.loose, "sip:192.0.2.10", nil, 404), (.loose, "sips:192.0.2.1", nil, 416),
      (.loose, "sip:192.0.2.1;transport=tls", nil, 416), (.loose, "sip:example.net", nil, 404),
      (.loose, "sip:192.0.2.1", "<sip:192.0.2.10;lr>,<sip:192.0.2.10;lr>", 482),
    ] as [(OutboundProxy.Routing, String, String?, Int)])
  func aRequestThatLeadsNowhereIsAnswered(
    routing: OutboundProxy.Routing, uri: String, route: String?, status: Int
  ) throws {
    var proxy = Self.proxy(routing)
    let request = Register(uri: uri, others: route.map { ["Route: \($0)"] } ?? [])
    #expect(try proxy.answer(to: request).status == status)
    #expect(proxy.counters.refused == 1)
  }

  @Test func aHostNameGoesToTheNextHopThatIsConfigured() throws {
    let next = Target(transport: .tcp, endpoint: Endpoint(address: .v4(0xC000_0201), port: 5070))
    var proxy = Self.proxy(.loose) { $0.nextHop = next }
    #expect(try proxy.send(Register(uri: "sip:example.net")).destination == .target(next))
  }

  @Test func whatIsRequiredOfTheProxyIsRefusedAndWhatIsRequiredOfTheRegistrarIsNot() throws {
    var proxy = Self.proxy(.loose)
    let refused = try proxy.answer(to: Register(uri: "sip:192.0.2.1", others: ["Proxy-Require: magic"]))
    #expect(refused.status == 420)
    #expect(refused.texts(.unsupported) == ["magic"])
    let outbound = try proxy.send(Register(uri: "sip:192.0.2.1", others: ["Require: magic"]))
    #expect(outbound.destination.text == "udp:192.0.2.1:5060")
  }

  @Test func hopsEnd() throws {
    var proxy = Self.proxy(.loose)
    #expect(try proxy.answer(to: Register(uri: "sip:192.0.2.1", maxForwards: 0)).status == 483)
  }

  @Test func aProxyThatAsksForCredentialsSays407() throws {
    var proxy = Self.proxy(.loose) { $0.digest = DigestVerifier.Settings() }
    let request = Register(uri: "sip:192.0.2.1")
    let challenge = try proxy.answer(to: request)
    #expect(challenge.status == 407)
    let outbound = try proxy.send(request.answering(challenge))
    #expect(outbound.destination.text == "udp:192.0.2.1:5060")
    #expect((proxy.counters.challenges, proxy.counters.requestsForwarded) == (1, 1))
  }

  @Test func aResponseFindsTheConnectionItsRequestCameFrom() throws {
    var proxy = Self.proxy(.loose)
    let flow = Flow(
      target: Target(transport: .tcp, endpoint: Endpoint(address: .v4(0xC000_0207), port: 40_000)), connection: 3)
    let request = Register(
      uri: "sip:192.0.2.1;transport=tcp", vias: ["SIP/2.0/TCP host.example;branch=z9hG4bK1"])
    let forwarded = try proxy.send(request, over: flow)
    var settings = Registrar.Settings()
    settings.challenges = false
    var registrar = Registrar(settings)
    let answer = try registrar.pass(forwarded.bytes, over: flow)
    let back = try proxy.pass(answer.bytes, over: flow)
    #expect(back.destination == .flow(flow))
  }

  @Test func aResponseThatPassedNoProxyIsDropped() throws {
    var proxy = Self.proxy(.loose)
    var registrar = Registrar()
    let answer = try registrar.send(Register())
    #expect(throws: NoAnswer.self) { try proxy.pass(answer.bytes, over: client) }
    #expect(proxy.counters.dropped == 1)
  }
}

extension Destination {
  fileprivate var text: String {
    switch self {
    case .target(let target): target.description
    case .flow(let flow): "flow of \(flow.target)"
    }
  }
}
