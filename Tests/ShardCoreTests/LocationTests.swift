import SIPMessage
import SIPUserAgent
import Testing

@testable import ShardCore

/// What has to be looked up, and what is known.
@Suite struct LocationTests {
  private let way = Location.ways([Way(target: CoreBench.peer, local: CoreBench.local)])

  @Test func anAddressIsAskedForOnceUntilItsTimeIsOver() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    bench.handle(.located(LookupID(account: id, serial: 0), way, lasting: HopURI(try URI("sip:192.0.2.100"))))
    bench.advance(.seconds(4))
    bench.handle(.want(.refresh, of: [id]))
    #expect(bench.lookups.isEmpty && bench.sent.count == 1)
    try bench.respond(200)
    bench.advance(KnownLocations.lifetime)
    bench.handle(.want(.refresh, of: [id]))
    #expect(bench.lookups.count == 1 && bench.sent.count == 1)
  }

  @Test func aNameIsAskedForEveryTime() throws {
    var bench = CoreBench()
    _ = bench.add(try CoreBench.account(host: "example.test"))
    bench.advance(.milliseconds(100))
    for lookup in bench.lookups { bench.handle(.located(lookup.question, way, lasting: nil)) }
    #expect(bench.sent.count == 1)
    bench.lookups = []
    try bench.respond(200)
    _ = bench.add(try CoreBench.account("bob", host: "example.test"))
    bench.advance(.milliseconds(100))
    #expect(bench.lookups.count == 1)
  }

  @Test func aChangeOfTheNetworkForgetsWhereTheyLead() throws {
    var bench = CoreBench()
    _ = try bench.register(try CoreBench.account())
    let other = Endpoint(address: .v4(0xC000_0202), port: 5060)
    #expect(bench.core.boundTargets == [CoreBench.peer])
    bench.handle(.networkChanged([CoreBench.peer: other]))
    bench.advance(.seconds(2))
    // The binding moves, and where from is asked for.
    #expect(bench.lookups.count == 1 && bench.sent.isEmpty)
  }

  @Test func whoseWayIsAsItWasOrGoneDoesNotMove() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    bench.handle(.networkChanged([CoreBench.peer: CoreBench.local]))
    bench.handle(.networkChanged([:]))
    bench.advance(.seconds(2))
    #expect(bench.lookups.isEmpty && bench.sent.isEmpty)
    #expect(bench.core.agent.stateName(of: id) == .registered)
  }

  @Test func noMoreAreKnownThanTheLimit() throws {
    var known = KnownLocations()
    let now = Instant(nanoseconds: 1_000_000_000_000)
    let uris = try (0...KnownLocations.limit).map { HopURI(try URI("sip:192.0.2.\($0 % 256):\(5060 + $0)")) }
    for uri in uris { known.keep(way, of: uri, now: now) }
    #expect(known.location(of: uris[KnownLocations.limit], now: now) == way)
    #expect(known.location(of: uris[0], now: now) == nil)
    known.keep(.failed("no way"), of: uris[1], now: now)
    #expect(known.location(of: uris[1], now: now) == nil, "what leads nowhere may lead somewhere at any time")
  }
}
