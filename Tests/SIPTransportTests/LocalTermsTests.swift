import SIPMessage
import SIPTransport
import Testing

/// Where messages leave from, as their profile says.
@Suite(.timeLimit(.minutes(1))) struct LocalTermsTests {
  private static func profile(_ change: (inout ConnectionProfile) -> Void) -> ConnectionProfile {
    var profile = ConnectionProfile.standard
    change(&profile)
    return profile
  }

  /// Listens on all addresses, and has these profiles.
  private func peer(
    _ profiles: [ConnectionProfile], _ change: (inout TransportSettings) -> Void = { _ in }
  ) throws -> Peer {
    let peer = try Peer { settings in
      settings.addressV4 = .v4(0)
      settings.addressV6 = nil
      change(&settings)
    }
    try peer.layer.use(profiles: profiles)
    return peer
  }

  private func target(_ peer: Peer, _ number: UInt16) -> Target {
    var target = peer.target(.udp)
    target.profile = ProfileID(number: number)
    return target
  }

  private let five = Self.profile { $0.localAddressV4 = .v4(0x7F00_0005) }

  @Test func aMessageLeavesFromTheAddressOfItsProfile() async throws {
    let (alice, bob) = (try peer([five, Self.profile { $0.dscp = 46 }]), try Peer())
    for (number, address) in [(0, 0x7F00_0001), (1, 0x7F00_0005), (2, 0x7F00_0001)] as [(UInt16, UInt32)] {
      let local = Endpoint(address: .v4(address), port: alice.layer.localPort)
      #expect(alice.layer.localEndpoint(toward: target(bob, number)) == local)
      alice.send("ping", to: .target(target(bob, number)))
      #expect(try #require(await bob.received()).flow.target.endpoint == local)
    }
  }

  @Test func anAnswerLeavesFromWhereRequestsGoThere() async throws {
    let (alice, bob) = (try peer([five]), try Peer())
    alice.send("ping", to: .target(target(bob, 1)))
    let request = try #require(await bob.received())
    bob.send("ask", to: .flow(request.flow))
    let asked = try #require(await alice.received())
    alice.send("answer", to: .flow(asked.flow), token: Outbound.answer)
    #expect(try #require(await bob.received()).flow == request.flow)
  }

  @Test func whatIsNotThereHoldsUpNobodyElse() async throws {
    let profiles = [
      Self.profile { $0.interface = "nowhere0" }, Self.profile { $0.localAddressV4 = .v4(0xC000_0207) },
      Self.profile { $0.localAddressV6 = .v6(0, 1) },
    ]
    let (alice, bob) = (try peer(profiles), try Peer())
    for number in 1...3 as ClosedRange<UInt16> {
      #expect(alice.layer.localEndpoint(toward: target(bob, number)) == nil)
    }
    #expect(
      (0...2).map { alice.layer.obstacle(of: ProfileID(number: $0)) } == [
        nil, "there is no interface nowhere0", "192.0.2.7 is no address of this host",
      ])
    alice.layer.send(
      (0...3).map {
        Outbound(bytes: Array("\($0)".utf8), destination: .target(target(bob, $0)), token: UInt64($0))
      })
    #expect(try #require(await bob.received()).bytes == Array("0".utf8))
    #expect(Set(await alice.events(3).map(\.failedToken)) == [1, 2, 3])
  }

  @Test func anAddressOfOneFamilyTurnsTheOtherOff() throws {
    let (alice, bob) = (
      try Peer {
        $0.addressV4 = .v4(0); $0.addressV6 = .v6(0, 0)
      }, try Peer()
    )
    try alice.layer.use(profiles: [five])
    var target = bob.target(.udp, v6: true)
    #expect(alice.layer.localEndpoint(toward: target) != nil)
    target.profile = ProfileID(number: 1)
    #expect(alice.layer.localEndpoint(toward: target) == nil)
  }

  @Test func aProfileMayHaveAPortOfItsOwn() async throws {
    let (free, bob) = (try Peer(), try Peer())
    let port = free.layer.localPort
    let alice = try peer([Self.profile { $0.localPort = port }])
    // Somebody has it.
    #expect(alice.layer.localEndpoint(toward: target(bob, 1)) == nil)
    #expect(alice.layer.obstacle(of: ProfileID(number: 1))?.hasPrefix("port \(port): address already in use") == true)
    free.layer.shutdown()
    let local = Endpoint(address: .v4(0x7F00_0001), port: port)
    #expect(alice.layer.localEndpoint(toward: target(bob, 1)) == local)
    alice.send("ping", to: .target(target(bob, 1)))
    let request = try #require(await bob.received())
    #expect(request.flow.target.endpoint == local)
    bob.send("pong", to: .flow(request.flow))
    #expect(try #require(await alice.received()).bytes == Array("pong".utf8))
    alice.send("ping", to: .target(target(bob, 0)))
    #expect(try #require(await bob.received()).flow.target.endpoint.port == alice.layer.localPort)
  }

  @Test func aPortThatNoProfileNamesAnyMoreIsFreeAndTheOthersStayOpen() async throws {
    let bob = try Peer()
    let ports = try (0..<2).map { _ in try Peer() }.map { peer in
      defer { peer.layer.shutdown() }
      return peer.layer.localPort
    }
    let profiles = ports.map { port in Self.profile { $0.localPort = port } }
    let alice = try peer(profiles) { $0.unusedPortDelay = .zero }
    let locals = ports.map { Endpoint(address: .v4(0x7F00_0001), port: $0) }
    #expect(!alice.layer.hasOpened(locals[0]))
    #expect([1, 2].map { alice.layer.localEndpoint(toward: target(bob, $0)) } == locals)
    #expect(locals.map(alice.layer.hasOpened) == [true, true])
    try alice.layer.use(profiles: [.standard, profiles[1]])
    // As soon as it is closed somebody else can have it.
    var other: Peer?
    while other == nil {
      await Task.yield()
      other = try? Peer { $0.localPort = ports[0] }
    }
    #expect(locals.map(alice.layer.hasOpened) == [false, true])
    alice.send("ping", to: .target(target(bob, 2)))
    #expect(try #require(await bob.received()).flow.target.endpoint == locals[1])
    // Who wants it again gets it when it is free.
    other?.layer.shutdown()
    try alice.layer.use(profiles: profiles)
    #expect(alice.layer.localEndpoint(toward: target(bob, 1)) == locals[0])
  }

  @Test func aPortStaysOpenForWhatIsUnderWay() async throws {
    let (free, bob) = (try Peer(), try Peer())
    let port = free.layer.localPort
    free.layer.shutdown()
    let alice = try peer([Self.profile { $0.localPort = port }])
    alice.send("ping", to: .target(target(bob, 1)))
    let request = try #require(await bob.received())
    try alice.layer.use(profiles: [])
    bob.send("pong", to: .flow(request.flow))
    #expect(try #require(await alice.received()).bytes == Array("pong".utf8))
  }

  @Test func otherProfilesTakeThePlaceOfThose() throws {
    let (alice, bob) = (try peer([five]), try Peer())
    #expect(alice.layer.localEndpoint(toward: target(bob, 1))?.address == .v4(0x7F00_0005))
    try alice.layer.use(profiles: [Self.profile { $0.localAddressV4 = .v4(0x7F00_0006) }])
    #expect(alice.layer.localEndpoint(toward: target(bob, 1))?.address == .v4(0x7F00_0006))
  }
}
