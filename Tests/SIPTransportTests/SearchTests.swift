import SIPLocation
import SIPMessage
import Testing

@testable import SIPTransport

/// Searches of RFC 3263 with a name server.
@Suite(.timeLimit(.minutes(1))) struct SearchTests {
  private static let (a, srv, naptr): (UInt8, UInt8, UInt8) = (1, 33, 35)

  private static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  private static func service(_ priority: UInt8, _ weight: UInt8, _ host: String) -> [UInt8] {
    [0, priority, 0, weight, 0x13, 0xC4] + name(host)
  }

  private static func address(_ last: UInt8, ttl: UInt32 = 60) -> NameServer.Answer {
    .records([.v4(0xC000_0200 | UInt32(last))], timeToLive: ttl)
  }

  /// A domain with two servers of one weight.
  private static func domain(ttl: UInt32 = 60) -> [String: NameServer.Answer] {
    [
      "_sip._udp.a.example": .data(
        [srv: [service(10, 10, "s1.a.example"), service(10, 10, "s2.a.example")]], timeToLive: ttl),
      "a.example": .data([:], timeToLive: ttl), "s1.a.example": address(1), "s2.a.example": address(2),
    ]
  }

  private func resolver(
    _ servers: NameServers, timeout: Duration = .seconds(1), _ change: (inout ResolverPolicy) -> Void = { _ in }
  ) -> Resolver {
    var policy = ResolverPolicy()
    change(&policy)
    return Resolver(nameServers: servers, timeout: timeout, tries: 1, policy: policy)
  }

  @Test func aDomainWithNothingButServiceRecordsIsFound() async throws {
    let server = try await NameServer(Self.domain())
    let trace = await resolver(.listed([server.endpoint])).search("sip:a.example")
    #expect(trace.places.sorted() == ["udp:192.0.2.1:5060", "udp:192.0.2.2:5060"])
    #expect(trace.steps.count == 6)
  }

  /// However many accounts a domain has, and whatever order each of them draws.
  @Test func manySearchesAreOneOfEachQuestionAndEachDrawsAnOrderOfItsOwn() async throws {
    let server = try await NameServer(Self.domain())
    let resolver = resolver(.listed([server.endpoint]))
    let inbox = Inbox<LocationTrace>()
    let query = try LocationQuery(URI("sip:a.example"))
    let searches = 200
    for _ in 0..<searches { resolver.search(query) { inbox.put($0) } }
    var first: [String: Int] = [:]
    for _ in 0..<searches { first[try #require(await inbox.next().places.first), default: 0] += 1 }
    #expect(first.values.allSatisfy { $0 > searches / 4 })
    #expect(first.count == 2)
    for name in Set(server.questions) {
      for type in [Self.a, 28, Self.srv, Self.naptr] { #expect(server.count(name, type: type) <= 1, "\(name) \(type)") }
    }
  }

  @Test func aPointerLeadsToItsServiceOnly() async throws {
    var zone = Self.domain()
    let pointer = [0, 10, 0, 10] + [1, 0x73] + [7] + Array("SIP+D2T".utf8) + [0] + Self.name("x.a.example")
    zone["a.example"] = .data([Self.naptr: [pointer]], timeToLive: 60)
    zone["x.a.example"] = .data([Self.srv: [Self.service(1, 1, "s2.a.example")]], timeToLive: 60)
    let server = try await NameServer(zone)
    let trace = await resolver(.listed([server.endpoint])).search("sip:a.example")
    #expect(trace.places == ["tcp:192.0.2.2:5060"])
    #expect(server.count("_sip._udp.a.example", type: Self.srv) == 0)
  }

  @Test func aPortAsksForAddressesOnly() async throws {
    let server = try await NameServer(["a.example": Self.address(7)])
    let trace = await resolver(.listed([server.endpoint])).search("sip:a.example:5070")
    #expect(trace.places == ["udp:192.0.2.7:5070"])
    #expect(server.questions == ["a.example", "a.example"])
    #expect(server.count("a.example", type: Self.naptr) == 0)
  }

  /// As routers do with types that they do not know. Once is enough.
  @Test func aNameServerThatIsSilentAboutServicesDelaysOnlyTheFirst() async throws {
    let answers = Self.address(7)
    let server = try await NameServer([
      "_sip._udp.a.example": .silence, "_sip._tcp.a.example": .silence, "a.example": answers,
    ])
    let resolver = resolver(.listed([server.endpoint])) { $0.serviceTimeout = .milliseconds(200) }
    for _ in 0..<3 { #expect(await resolver.search("sip:a.example").places == ["udp:192.0.2.7:5060"]) }
    #expect(server.count("_sip._udp.a.example", type: Self.srv) <= 2)
  }

  @Test func absenceIsAskedForAgainWhenTheSearchFailed() async throws {
    let server = try await NameServer([:])
    let resolver = resolver(.listed([server.endpoint])) { $0.negativeLifetime = .zero }
    #expect(
      await resolver.search("sip:a.example").words == "can not resolve a.example: there is no such name in the DNS")
    for (name, answer) in Self.domain() { server.set(answer, for: name) }
    #expect(await resolver.search("sip:a.example").places.count == 2)
  }

  @Test func theLastGoodServicesStandInWhenTheDNSIsDown() async throws {
    let server = try await NameServer(Self.domain(ttl: 0))
    let resolver = resolver(.listed([server.endpoint]), timeout: .milliseconds(300)) {
      $0.shortestLifetime = .zero
      $0.negativeLifetime = .zero
      $0.staleAfter = .milliseconds(50)
    }
    #expect(await resolver.search("sip:a.example").places.count == 2)
    for name in Set(server.questions) { server.set(.silence, for: name) }
    let trace = await resolver.search("sip:a.example")
    #expect(trace.places.count == 2)
    #expect(trace.steps.contains { (try? $0.answer.get().isStale) == true })
  }

  /// Who waits for addresses here waits longer than a search may take: nobody does after the first round has been in vain.
  @Test func aSilentDNSIsWaitedForOnceAndNotInEachRound() async throws {
    let server = try await NameServer(Self.domain(ttl: 0))
    let resolver = resolver(.listed([server.endpoint]), timeout: .seconds(600)) {
      $0.shortestLifetime = .zero
      $0.negativeLifetime = .zero
      $0.serviceTimeout = .milliseconds(500)
      $0.staleAfter = .seconds(600)
    }
    #expect(await resolver.search("sip:a.example").places.count == 2)
    for name in Set(server.questions) { server.set(.silence, for: name) }
    #expect(await resolver.search("sip:a.example").places.count == 2)
    #expect(await resolver.search("sip:a.example").places.count == 2)
  }

  /// Of other names what is new is told, as long as somebody answers at all.
  @Test func aNameThatNobodyAnswersForIsNoSilentDNS() async throws {
    let server = try await NameServer(["a.example": Self.address(7, ttl: 0), "b.example": .silence])
    let resolver = resolver(.listed([server.endpoint]), timeout: .milliseconds(300)) { $0.shortestLifetime = .zero }
    let inbox = Inbox<LocationTrace>()
    resolver.search(try LocationQuery(URI("sip:b.example:5060"))) { inbox.put($0) }
    #expect(await resolver.search("sip:a.example:5060").places == ["udp:192.0.2.7:5060"])
    #expect(await inbox.next().places == [])
    server.set(Self.address(8, ttl: 0), for: "a.example")
    #expect(await resolver.search("sip:a.example:5060").places == ["udp:192.0.2.8:5060"])
  }

  /// What comes for a question that nobody waits for is what the next is told.
  @Test func aDNSThatWasSilentAndIsBackIsBelieved() async throws {
    let server = try await NameServer(["a.example": Self.address(7, ttl: 0)])
    let resolver = resolver(.listed([server.endpoint]), timeout: .milliseconds(200)) {
      $0.shortestLifetime = .zero
      $0.failureLifetime = .zero
    }
    #expect(await resolver.search("sip:a.example:5060").places == ["udp:192.0.2.7:5060"])
    server.set(.silence, for: "a.example")
    #expect(await resolver.search("sip:a.example:5060").places == ["udp:192.0.2.7:5060"])
    server.set(Self.address(8, ttl: 0), for: "a.example")
    #expect(await resolver.search("sip:a.example:5060").places == ["udp:192.0.2.7:5060"])
    while await resolver.search("sip:a.example:5060").places != ["udp:192.0.2.8:5060"] {}
  }

  @Test func aNameOfTheHostsFileIsNotAskedFor() async throws {
    let server = try await NameServer([:])
    let text = Array("127.0.0.1 localhost pbx.example # sip\n\n192.0.2.1\tPBX.example\r\n::1 other.example\n".utf8)
    #expect(HostsFile.addresses(of: "pbx.example", in: text) == [.v4(0x7F00_0001), .v4(0xC000_0201)])
    #expect(HostsFile.addresses(of: "sip", in: text).isEmpty)
    #expect(HostsFile.addresses(of: "192.0.2.1", in: text).isEmpty)
    let trace = await resolver(.listed([server.endpoint])).search("sip:localhost")
    #expect(trace.places.contains("udp:127.0.0.1:5060"))
    #expect(server.questions.isEmpty)
  }

  @Test func searchesUnderWayEndWithTheResolver() async throws {
    let server = try await NameServer(["a.example": .silence])
    let inbox = Inbox<LocationTrace>()
    var resolver: Resolver? = resolver(.listed([server.endpoint]), timeout: .seconds(600))
    resolver?.search(try LocationQuery(URI("sip:a.example:5060"))) { inbox.put($0) }
    resolver = nil
    #expect(await inbox.next().words == "can not resolve a.example: the resolver was stopped")
  }
}

extension LocationTrace {
  fileprivate var places: [String] {
    guard case .found(let places)? = outcome else { return [] }
    return places.map(\.description)
  }

  fileprivate var words: String? {
    guard case .failed(let words)? = outcome else { return nil }
    return words
  }
}

extension Resolver {
  fileprivate func search(_ text: String) async -> LocationTrace {
    await withCheckedContinuation { continuation in
      guard let uri = try? URI(text), let query = try? LocationQuery(uri) else { preconditionFailure(text) }
      search(query) { continuation.resume(returning: $0) }
    }
  }
}
