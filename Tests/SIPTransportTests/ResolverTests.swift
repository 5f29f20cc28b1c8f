import SIPLocation
import SIPMessage
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResolverTests {
  private let first = IPAddress("192.0.2.1")!
  private let second = IPAddress("192.0.2.2")!
  private let sixth = IPAddress("2001:db8::6")!

  private func resolver(
    _ server: NameServer, _ change: (inout ResolverPolicy) -> Void = { _ in }
  ) -> Resolver {
    var policy = ResolverPolicy()
    change(&policy)
    return Resolver(nameServers: .listed([server.endpoint]), timeout: .milliseconds(1_000), tries: 1, policy: policy)
  }

  @Test func addressesOfBothFamiliesComeWithTheirTimeToLive() async throws {
    let server = try await NameServer(["a.example": .records([first, second, sixth], timeToLive: 60)])
    let resolver = resolver(server)
    let resolution = try await resolver.addresses("a.example").get()
    #expect(Set(resolution.addresses) == [first, second, sixth])
    #expect(resolution.addresses.count == 3)
    #expect(resolution.expiry == .seconds(60))
    #expect(!resolution.isStale)
    #expect(server.questions.sorted() == ["a.example", "a.example"])
  }

  @Test func secondQuestionIsAnsweredFromTheCacheInAnyCase() async throws {
    let server = try await NameServer(["a.example": .records([first], timeToLive: 60)])
    let resolver = resolver(server)
    _ = await resolver.addresses("a.example")
    let again = try await resolver.addresses("A.Example").get()
    #expect(again.addresses == [first])
    #expect(again.expiry <= .seconds(60))
    #expect(server.questions.count == 2)
  }

  @Test func aliasBoundsTheLifetime() async throws {
    let server = try await NameServer([
      "c.example": .alias(timeToLive: 20, [first], ofTimeToLive: 300)
    ])
    let resolution = try await resolver(server).addresses("c.example").get()
    #expect(resolution.addresses == [first])
    #expect(resolution.expiry == .seconds(20))
  }

  @Test func everybodyWhoAsksWhileALookupRunsSharesIt() async throws {
    let server = try await NameServer(["a.example": .records([first], timeToLive: 60)])
    let resolver = resolver(server)
    let inbox = Inbox<Result<Resolution, ResolutionFailure>>()
    for _ in 0..<20 { resolver.resolve("a.example", port: 5060) { inbox.put($0) } }
    for _ in 0..<20 { #expect(try await inbox.next().get().addresses == [first]) }
    #expect(server.questions.count == 2)
  }

  @Test func namesBeyondTheLimitWaitTheirTurn() async throws {
    let names = (0..<30).map { "n\($0).example" }
    let answers = names.map { ($0, NameServer.Answer.records([first], timeToLive: 60)) }
    let server = try await NameServer(Dictionary(uniqueKeysWithValues: answers))
    let resolver = resolver(server) { $0.maximumLookups = 2 }
    let inbox = Inbox<Result<Resolution, ResolutionFailure>>()
    for name in names { resolver.resolve(name, port: 5060) { inbox.put($0) } }
    for _ in names { #expect(try await inbox.next().get().addresses == [first]) }
  }

  /// Who wants to forge an answer would otherwise need to know one port only.
  @Test func questionsAboutDifferentNamesLeaveFromDifferentPorts() async throws {
    let names = (0..<100).map { "n\($0).example" }
    let answers = names.map { ($0, NameServer.Answer.records([first], timeToLive: 60)) }
    let server = try await NameServer(Dictionary(uniqueKeysWithValues: answers))
    // However busy the machine is.
    let resolver = Resolver(nameServers: .listed([server.endpoint]), timeout: .seconds(60), tries: 1)
    let inbox = Inbox<Result<Resolution, ResolutionFailure>>()
    for name in names { resolver.resolve(name, port: 5060) { inbox.put($0) } }
    for _ in names { #expect(try await inbox.next().get().addresses == [first]) }
    let sources = server.sources
    let perPort = Dictionary(grouping: sources, by: \.port).mapValues(\.count)
    // A and AAAA of a name share one; the system may give a port twice, when its first user is through.
    #expect(perPort.count >= 90)
    #expect(perPort.values.allSatisfy { $0 <= 6 })
    let ids = sources.map { Int($0.id[0]) << 8 | Int($0.id[1]) }
    #expect(Set(ids).count > 190)
    let steps = zip(ids, ids.dropFirst()).count { abs($0 - $1) < 256 }
    #expect(steps < 20)
  }

  @Test func nameThatDoesNotExistIsNotAskedForAgainSoon() async throws {
    let server = try await NameServer([:])
    let resolver = resolver(server)
    for _ in 0..<2 { #expect(await resolver.failure("none.example") == .noSuchName) }
    #expect(server.questions.filter { $0 == "none.example" }.count == 2)
  }

  @Test func nameWithoutAddressIsToldFromOneThatDoesNotExist() async throws {
    let server = try await NameServer(["bare.example": .records([], timeToLive: 60)])
    #expect(await resolver(server).failure("bare.example") == .noRecord)
  }

  @Test func silenceIsATimeout() async throws {
    let server = try await NameServer(["bad.example": .silence])
    #expect(await resolver(server).failure("bad.example") == .timedOut)
  }

  @Test(arguments: [NameServer.serverFailure, NameServer.refused])
  func serverThatDoesNotWantToAnswerSaysNothingAboutTheName(_ answer: NameServer.Answer) async throws {
    let server = try await NameServer(["bad.example": answer])
    #expect(await resolver(server).failure("bad.example")?.isFinal == false)
  }

  @Test func unreadableAnswerIsAFailure() async throws {
    let server = try await NameServer(["bad.example": .garbage])
    #expect(await resolver(server).failure("bad.example") != nil)
  }

  @Test(arguments: [NameServer.Answer.silence, NameServer.serverFailure])
  func lastGoodAnswerStandsInWhenTheDNSIsDown(_ trouble: NameServer.Answer) async throws {
    let server = try await NameServer(["a.example": .records([first], timeToLive: 0)])
    let resolver = resolver(server) { $0.shortestLifetime = .zero }
    #expect(try await resolver.addresses("a.example").get().isStale == false)
    server.set(trouble, for: "a.example")
    let stale = try await resolver.addresses("a.example").get()
    #expect(stale.addresses == [first])
    #expect(stale.isStale)
  }

  @Test func staleAnswerComesBeforeTheLookupGivesUp() async throws {
    let server = try await NameServer(["a.example": .records([first], timeToLive: 0)])
    var policy = ResolverPolicy()
    policy.shortestLifetime = .zero
    policy.staleAfter = .milliseconds(20)
    let resolver = Resolver(nameServers: .listed([server.endpoint]), timeout: .seconds(600), tries: 1, policy: policy)
    #expect(try await resolver.addresses("a.example").get().isStale == false)
    server.set(.silence, for: "a.example")
    for _ in 0..<2 { #expect(try await resolver.addresses("a.example").get().isStale) }
  }

  @Test func nameThatIsGoneHasNoStaleAnswer() async throws {
    let server = try await NameServer(["a.example": .records([first], timeToLive: 0)])
    let resolver = resolver(server) { $0.shortestLifetime = .zero }
    #expect(try await resolver.addresses("a.example").get().addresses == [first])
    server.set(NameServer.noSuchName, for: "a.example")
    #expect(await resolver.failure("a.example") == .noSuchName)
  }

  /// The socket has an error, and nothing to read.
  @Test func serverThatIsNotThereIsFoundOutWithoutWaiting() async throws {
    let server = try await NameServer([:])
    try await server.stop()
    let resolver = Resolver(nameServers: .listed([server.endpoint]), timeout: .seconds(600), tries: 2)
    #expect(await resolver.failure("a.example") == .unreachable)
  }

  @Test func hostsFileIsReadFirst() async throws {
    let server = try await NameServer([:])
    let resolution = try await resolver(server).addresses("localhost").get()
    #expect(resolution.addresses.allSatisfy { $0.isLoopback })
    #expect(server.questions.isEmpty)
  }

  @Test func addressIsItsOwnAnswerAndNonsenseIsNotAsked() async throws {
    let server = try await NameServer([:])
    let resolver = resolver(server)
    #expect(try await resolver.addresses("192.0.2.1").get().addresses == [first])
    #expect(try await resolver.addresses("2001:db8::6").get().addresses == [sixth])
    for name in ["", "a b", "a\0b", "ä.example", String(repeating: "a.", count: 200)] {
      #expect(await resolver.failure(name) == .invalidName)
    }
    #expect(server.questions.isEmpty)
  }

  @Test func whoeverStillWaitsWhenTheResolverGoesIsTold() async throws {
    let server = try await NameServer(["a.example": .silence])
    let inbox = Inbox<Result<Resolution, ResolutionFailure>>()
    var resolver: Resolver? = Resolver(nameServers: .listed([server.endpoint]), timeout: .seconds(600), tries: 1)
    resolver?.resolve("a.example", port: 5060) { inbox.put($0) }
    resolver = nil
    #expect(await inbox.next() == .failure(ResolutionFailure(name: "a.example", kind: .cancelled)))
  }
}

extension Resolver {
  fileprivate func addresses(_ name: String) async -> Result<Resolution, ResolutionFailure> {
    await withCheckedContinuation { continuation in
      resolve(name, port: 5060) { continuation.resume(returning: $0) }
    }
  }

  fileprivate func failure(_ name: String) async -> ResolutionFailure.Kind? {
    guard case .failure(let failure) = await addresses(name) else { return nil }
    return failure.kind
  }
}
