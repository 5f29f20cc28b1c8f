import SIPMessage
import Testing

@testable import SIPUserAgent

/// Several flows of one account at the same time (RFC 5626).
@Suite struct OutboundTests {
  private static let host = UUID(upper: 0x0102_0304_0506_0708, lower: 0x090A_0B0C_0D0E_0F10)

  private static func policy(flows: Int) -> RegistrationPolicy {
    var policy = RegistrationPolicy.standard
    policy.flows = flows
    return policy
  }

  private static func registering(_ number: UInt8, of flows: UInt8) throws -> Bench {
    try Bench.registering { $0.outbound = OutboundFlow(host: host, number: number, flows: flows) }
  }

  /// RFC 9562 appendix A.4.
  @Test func anIdentifierOfANameIsAsInTheRFC() throws {
    let names = UUID(upper: 0x6ba7_b810_9dad_11d1, lower: 0x80b4_00c0_4fd4_30c8)
    let made = UUID(name: "www.example.com".utf8, in: names)
    #expect(made.description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
  }

  @Test func theInstanceIsTheAccountsOverItsFlowsAndNobodyElses() throws {
    let (alice, bob) = (try URI("sip:alice@example.test"), try URI("sip:bob@example.test"))
    let (first, second) = (OutboundFlow(host: Self.host, flows: 2), OutboundFlow(host: Self.host, number: 2, flows: 2))
    #expect(first.instance(of: alice) == second.instance(of: alice))
    #expect(first.instance(of: alice) != first.instance(of: bob))
    #expect(OutboundFlow(host: UUID(upper: 0, lower: 0), flows: 2).instance(of: alice) != first.instance(of: alice))
  }

  @Test func eachFlowPrefersARouteOfItsOwn() throws {
    let routes = try ["a", "b", "c"].map { RouteSet(proxies: [try URI("sip:\($0).test;lr")]) }
    let account = try Bench.account {
      $0.routes = routes
      $0.policy = Self.policy(flows: 2)
    }
    let flows = account.perFlow(on: Self.host)
    #expect(flows.map(\.name) == ["alice", "alice/2"])
    #expect(flows.map(\.routes) == [[routes[0], routes[2]], [routes[1], routes[2]]])
    #expect(flows.map { $0.outbound?.number } == [1, 2])
    #expect(flows.allSatisfy { $0.outbound?.flows == 2 && $0.addressOfRecord == account.addressOfRecord })
  }

  @Test func anAccountWithOneFlowIsItself() throws {
    let account = try Bench.account()
    #expect(account.perFlow(on: Self.host) == [account])
    let offering = try Bench.account {
      var policy = RegistrationPolicy.standard
      policy.offersOutbound = true
      $0.policy = policy
    }
    #expect(offering.perFlow(on: Self.host).map(\.name) == ["alice"])
    #expect(offering.perFlow(on: Self.host).first?.outbound == OutboundFlow(host: Self.host, flows: 1))
  }

  @Test func theContactNamesInstanceAndFlow() throws {
    let bench = try Self.registering(2, of: 2)
    let request = try bench.lastRequest()
    let instance = OutboundFlow(host: Self.host, flows: 2).instance(of: bench.account.addressOfRecord)
    let contact = try #require(request.first(.contact))
    #expect(contact.text.hasSuffix(">;+sip.instance=\"<urn:uuid:\(instance)>\";reg-id=2"))
    #expect(request.first(.supported)?.text == "path, outbound, gruu")
  }

  @Test func withoutOutboundNothingOfItIsSent() throws {
    let request = try Bench.registering().lastRequest()
    #expect(request.first(.contact)?.text.contains("reg-id") == false)
    #expect(request.first(.supported)?.text == "path")
  }

  @Test func theFlowIsNamedWhereItIsTakenBack() throws {
    var bench = try Self.registering(1, of: 2)
    try bench.respond(200)
    bench.store()
    bench.handle(.pause(Bench.id))
    bench.locate()
    let request = try bench.lastRequest()
    #expect(request.expires?.value == 0)
    #expect(request.first(.contact)?.text.contains("reg-id=1") == true)
  }

  /// §4.2: with a reg-id there is one Contact.
  @Test func aFormerContactIsNotNamedBesideAFlow() throws {
    var bench = try Self.registering(1, of: 2)
    try bench.respond(200)
    bench.store()
    bench.localAddress = Endpoint(address: .v4(0xC000_0299), port: 5060)
    bench.handle(.moved(Bench.id))
    bench.advance(.seconds(5))
    bench.locate()
    let request = try bench.lastRequest()
    #expect(request.values(.contact).count == 1)
    #expect(request.first(.contact)?.text.contains("192.0.2.153") == true)
  }

  @Test func aFirstFlowGoesOnWithoutWhereNobodyKnowsIt() throws {
    var bench = try Self.registering(1, of: 2)
    try bench.respond(439)
    let request = try bench.lastRequest()
    #expect(request.first(.supported)?.text == "path")
    #expect(request.first(.contact)?.text.contains("reg-id") == false)
    #expect(bench.reports == [.step(.extensions(status: 439, offered: .path))])
    try bench.respond(200)
    bench.store()
    #expect(bench.status?.notices == [.noOutbound])
    bench.handle(.refresh(Bench.id))
    bench.advance(.seconds(6))
    bench.locate()
    #expect(try bench.lastRequest().first(.supported)?.text == "path", "that is remembered")
  }

  @Test func anotherFlowRestsWhereNobodyKnowsIt() throws {
    var bench = try Self.registering(2, of: 2)
    try bench.respond(439)
    #expect(bench.sent.count == 1)
    #expect(bench.status?.pause == .refused(status: 439))
    #expect(bench.status?.binding == nil)
  }

  @Test(arguments: [("outbound", "path"), ("gruu", "path"), ("path", "outbound, gruu")])
  func whatIsNotSupportedIsLeftOut(_ tag: String, _ rest: String) throws {
    var bench = try Self.registering(1, of: 1)
    try bench.respond(420, [(.unsupported, tag)])
    #expect(try bench.lastRequest().first(.supported)?.text == rest)
  }

  @Test(arguments: [("outbound", []), ("100rel, Outbound", []), ("path", [Notice.noOutbound])])
  func whetherFlowsAreKeptApartIsSaid(_ required: String, _ notices: [Notice]) throws {
    var bench = try Self.registering(1, of: 2)
    let contact = try #require(bench.lastRequest().first(.contact)).text
    try bench.respond(200, [(.contact, contact), (.expires, "600"), (.require, required)])
    #expect(bench.status?.notices == notices)
  }

  /// §4.5: 30 s where no flow is left, and 90 s where one is.
  @Test func whoIsReachableOverAnotherFlowIsInLessHaste() throws {
    var bench = try Self.registering(1, of: 2)
    var account = bench.account
    account.name = "alice/2"
    account.outbound = OutboundFlow(host: Self.host, number: 2, flows: 2)
    try bench.respond(200)
    bench.store()
    bench.record = nil
    bench.handle(.add(AccountID(index: 1), account, nil))
    bench.advance(.seconds(1))
    if let record = bench.record {
      bench.handle(.stored(AccountID(index: 1), key: record.key, cSeqCeiling: record.cSeqCeiling))
    }
    bench.locate()
    try bench.respond(500)
    let until = try #require(bench.agent.status(of: AccountID(index: 1))?.next)
    #expect((.seconds(45)...Duration.seconds(90)).contains(until - bench.now))
  }
}
