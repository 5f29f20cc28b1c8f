import Dispatch
import SIPMessage
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(1))) struct DatagramTests {
  @Test(arguments: [false, true]) func datagramGoesThereAndItsAnswerComesBackOverTheFlow(v6: Bool) async throws {
    let (alice, bob) = (try Peer(), try Peer())
    alice.send("ping", to: .target(bob.target(.udp, v6: v6)))
    let request = try #require(await bob.received())
    #expect(request.bytes == Array("ping".utf8))
    #expect(request.flow == Flow(target: alice.target(.udp, v6: v6)))
    bob.send("pong", to: .flow(request.flow))
    #expect(await alice.received()?.bytes == Array("pong".utf8))
  }

  @Test func batchArrivesInOrderAndInFewerDeliveriesThanMessages() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let texts = (0..<100).map { "message \($0)" }
    alice.layer.send(
      texts.map { Outbound(bytes: Array($0.utf8), destination: .target(bob.target(.udp)), token: 0) })
    let events = await bob.events(texts.count)
    #expect(events.compactMap(\.bytes) == texts.map { Array($0.utf8) })
    #expect(alice.layer.counters.datagramsOut == 100)
    // Beside what asks whether anybody is there.
    let counters = bob.layer.counters
    #expect(counters.datagramsIn - counters.keepAlivesIn == 100)
  }

  @Test func batchAboveTheBacklogLimitLeavesThroughAnIdleSocket() async throws {
    let (alice, sink) = (try Peer(), try Peer())
    let route = Destination.target(sink.target(.udp))
    let datagram = Outbound(bytes: [UInt8](repeating: 0x20, count: 600), destination: route, token: 1)
    // All failures of a batch come together: the one that is sure to come brings any other.
    let tooLarge = Outbound(bytes: [UInt8](repeating: 0x20, count: 65_508), destination: route, token: 2)
    alice.layer.send([Outbound](repeating: datagram, count: 20_000) + [tooLarge])
    #expect(await alice.events(1).map(\.failedToken) == [2])
    #expect(alice.layer.counters.datagramsOut == 20_000)
  }

  @Test func largestDatagramArrivesWhole() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let bytes = (0..<65_507).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    alice.layer.send([Outbound(bytes: bytes, destination: .target(bob.target(.udp)), token: 0)])
    #expect(await bob.received()?.bytes == bytes)
    #expect(bob.layer.counters.datagramsDropped == 0)
  }

  @Test func datagramsOfAllSizesArriveWholeInOneRead() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    // Around the room that a datagram of usual size has.
    let sizes = [1, 2_047, 2_048, 2_049, 4_096, 60_000, 700, 60_001, 2_049, 1]
    let messages = sizes.enumerated().map { [UInt8](repeating: UInt8($0.offset + 65), count: $0.element) }
    alice.layer.send(messages.map { Outbound(bytes: $0, destination: .target(bob.target(.udp)), token: 0) })
    #expect(await bob.events(sizes.count).compactMap(\.bytes) == messages)
    #expect(alice.layer.counters.bytesOut == UInt64(sizes.reduce(0, +)))
  }

  @Test func whatFitsNoDatagramFailsAndTheRestOfTheBatchLeaves() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let route = Destination.target(bob.target(.udp))
    alice.layer.send([
      Outbound(bytes: [1], destination: route, token: 1),
      Outbound(bytes: [UInt8](repeating: 0x20, count: 65_508), destination: route, token: 2),
      Outbound(bytes: [3], destination: route, token: 3),
    ])
    let failed = await alice.events(1)
    #expect(failed.map(\.failedToken) == [2])
    #expect(failed.map(\.failure) == [.tooLarge])
    #expect(await bob.events(2).compactMap(\.bytes) == [[1], [3]])
    #expect(alice.layer.counters.sendFailures == 1)
  }

  @Test func targetThatTheSystemRefusesLeavesThePortAlive() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    // A socket bound to the loopback address has no way out; a broadcast is not permitted.
    let outside = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0263), port: 5060))
    let broadcast = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xFFFF_FFFF), port: 5060))
    alice.send("lost", to: .target(outside), token: 7)
    alice.send("lost", to: .target(broadcast), token: 8)
    #expect(await alice.events(2).map(\.failedToken) == [7, 8])
    alice.send("found", to: .target(bob.target(.udp)))
    #expect(await bob.received()?.bytes == Array("found".utf8))
  }

  @Test func eachOfManyFailuresNamesItsOwnMessage() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    // A broadcast is not permitted.
    let broadcast = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xFFFF_FFFF), port: 5060))
    let batch = (UInt64(0)..<200).map { token in
      let target = token % 3 == 0 ? broadcast : bob.target(.udp)
      return Outbound(bytes: [UInt8(token)], destination: .target(target), token: token)
    }
    alice.layer.send(batch)
    let refused = (UInt64(0)..<200).filter { $0 % 3 == 0 }
    #expect(await alice.events(refused.count).compactMap(\.failedToken) == refused)
    let arrived = (UInt8(0)..<200).filter { $0 % 3 != 0 && $0 != 10 && $0 != 13 }
    #expect(await bob.events(arrived.count).compactMap(\.bytes) == arrived.map { [$0] })
  }

  @Test func manyThreadsMaySendThroughOneLayer() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let target = bob.target(.udp)
    await withTaskGroup(of: Void.self) { group in
      for sender in UInt8(0)..<8 {
        group.addTask {
          for number in UInt8(0)..<20 {
            alice.layer.send([Outbound(bytes: [65 + sender, number], destination: .target(target), token: 0)])
          }
        }
      }
    }
    let arrived = await bob.events(160).compactMap(\.bytes)
    for sender in UInt8(0)..<8 {
      #expect(arrived.filter { $0[0] == 65 + sender }.map { $0[1] } == Array(0..<20))
    }
  }

  @Test func whatNobodyHasTimeForIsDroppedByTheSystemAndCounted() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let isBusy = DispatchSemaphore(value: 0)
    let slow = try Peer(deliver: { _ in isBusy.wait() })
    let count = 40_000
    let datagram = Outbound(
      bytes: [UInt8](repeating: 0x20, count: 600), destination: .target(slow.target(.udp)), token: 0)
    for _ in 0..<count / 1_000 { alice.layer.send([Outbound](repeating: datagram, count: 1_000)) }
    alice.send("after", to: .target(bob.target(.udp)))
    #expect(await bob.received()?.bytes == Array("after".utf8))
    #expect(slow.layer.counters.datagramsDropped > 0)
    for _ in 0..<count { isBusy.signal() }
  }

  @Test func keepAlivesAreCountedAndNotDelivered() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    for text in ["", "\r\n", "\r\n\r\n", "\0\0\0\0", "message"] { alice.send(text, to: .target(bob.target(.udp))) }
    #expect(await bob.received()?.bytes == Array("message".utf8))
    #expect(bob.layer.counters.keepAlivesIn == 4)
  }

  @Test func familyThatIsOffFailsEveryMessageToIt() async throws {
    let alice = try Peer { $0.addressV6 = nil }
    let bob = try Peer()
    for transport in [TransportProtocol.udp, .tcp] {
      alice.send("lost", to: .target(bob.target(transport, v6: true)), token: 3)
      let failed = await alice.events(1)
      #expect(failed.map(\.failedToken) == [3])
      #expect(failed.map(\.failure) == [.unreachable])
    }
    #expect(alice.layer.localEndpoint(toward: bob.target(.udp, v6: true)) == nil)
  }
}
