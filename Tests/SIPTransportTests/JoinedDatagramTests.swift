import SIPMessage
import SIPTransport
import Testing

/// Datagrams that go down to the device as one (UDP_SEGMENT), and come up from it as one (UDP_GRO).
@Suite(.timeLimit(.minutes(1))) struct JoinedDatagramTests {
  fileprivate static func content(_ index: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: 65 &+ index &* 7 &+ $0) | 1 }
  }

  private static let sizes = [
    [Int](repeating: 743, count: 40), [700, 700, 100], [100, 700], [1, 1, 1, 2, 1], [2_047, 2_047, 2_049], [1_300],
    [Int](repeating: 1_300, count: 70), [0, 5, 0, 5], [60_000], [Int](repeating: 3, count: 200),
  ].flatMap(\.self)

  @Test(arguments: [false, true]) func batchOfAllSizesToSeveralReceiversArrivesWholeAndInOrder(v6: Bool) async throws {
    let alice = try Peer()
    let others = [try Peer(), try Peer(), try Peer()]
    // Runs of every length to one receiver, and some to one after the other.
    let receivers = Self.sizes.indices.map { index in index % 100 < 30 ? index % 3 : index / 30 % 3 }
    alice.layer.send(
      zip(Self.sizes, receivers).enumerated().map { index, message in
        let route = Destination.target(others[message.1].target(.udp, v6: v6))
        return Outbound(bytes: Self.content(index, message.0), destination: route, token: 0)
      })
    for (number, other) in others.enumerated() {
      let expected = Self.sizes.indices.filter { receivers[$0] == number && Self.sizes[$0] > 0 }
      let arrived = await other.events(expected.count).compactMap(\.bytes)
      #expect(arrived == expected.map { Self.content($0, Self.sizes[$0]) })
    }
    #expect(alice.layer.counters.datagramsOut == UInt64(Self.sizes.count))
    #expect(alice.layer.counters.bytesOut == UInt64(Self.sizes.reduce(0, +)))
  }

  @Test func whoRefusesCostsNobodyElseADatagram() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let nobody = try Peer().target(.udp)
    for _ in 0..<3 {
      alice.layer.send(
        (0..<64).map { index in
          Outbound(
            bytes: Self.content(index, 400), destination: .target(index / 8 % 2 == 0 ? nobody : bob.target(.udp)),
            token: 0)
        })
      let arrived = await bob.events(32).compactMap(\.bytes)
      #expect(arrived == (0..<64).filter { $0 / 8 % 2 == 1 }.map { Self.content($0, 400) })
    }
    #expect(alice.layer.counters.sendFailures == 0)
  }

  @Test func joinedThatFailNameEachItsOwnMessage() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    // A broadcast is not permitted.
    let broadcast = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xFFFF_FFFF), port: 5060))
    alice.layer.send(
      (0..<90).map { index in
        let target = 20..<70 ~= index ? broadcast : bob.target(.udp)
        return Outbound(bytes: Self.content(index, 300), destination: .target(target), token: UInt64(index))
      })
    #expect(await alice.events(50).compactMap(\.failedToken) == Array(20..<70))
    #expect(await bob.events(40).compactMap(\.bytes) == (Array(0..<20) + Array(70..<90)).map { Self.content($0, 300) })
    #expect(alice.layer.counters.datagramsOut == 40)
    #expect(alice.layer.counters.sendFailures == 50)
  }

  @Test func joinedKeepAlivesAreCountedWhereverTheyLie() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let route = Destination.target(bob.target(.udp))
    let pings = [Outbound](repeating: Outbound(bytes: [13, 10, 13, 10], destination: route, token: 0), count: 64)
    alice.layer.send(pings + [Outbound(bytes: [65, 66, 67], destination: route, token: 0)])
    #expect(await bob.received()?.bytes == [65, 66, 67])
    #expect(bob.layer.counters.keepAlivesIn == 64)
  }

  /// A kernel that joins nothing.
  @Test(arguments: [false, true], [false, true]) func whoJoinsNothingMeetsWhoDoes(sender: Bool, receiver: Bool)
    async throws
  {
    let alice = try Peer { $0.joinsDatagrams = sender }
    let bob = try Peer { $0.joinsDatagrams = receiver }
    let route = Destination.target(bob.target(.udp))
    alice.layer.send(
      Self.sizes.enumerated().map { Outbound(bytes: Self.content($0, $1), destination: route, token: 0) })
    let expected = Self.sizes.indices.filter { Self.sizes[$0] > 0 }.map { Self.content($0, Self.sizes[$0]) }
    #expect(await bob.events(expected.count).compactMap(\.bytes) == expected)
    #expect(alice.layer.counters.datagramsOut == UInt64(Self.sizes.count))
  }
}
