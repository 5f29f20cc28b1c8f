import Glibc
import SIPMessage
import Testing

@testable import SIPTransport

/// Datagrams that go down to the device as one (UDP_SEGMENT), and come up from it as one (UDP_GRO).
@Suite(.timeLimit(.minutes(1))) struct JoinedDatagramTests {
  /// Two sockets on loopback addresses, and the room to send through one of them and to read from the other.
  private struct Pair {
    let sender: DatagramSocket
    let receiver: DatagramSocket
    let writer = DatagramWriter()
    let reader = DatagramReader()

    init(v6: Bool = false) throws {
      let loopback = Endpoint(address: v6 ? .v6(0, 1) : .v4(0x7F00_0001), port: 0)
      sender = try DatagramSocket(boundTo: loopback)
      receiver = try DatagramSocket(boundTo: loopback)
      // What is lost is missing, and not waited for.
      var patience = timeval(tv_sec: 5, tv_usec: 0)
      setsockopt(receiver.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    func close() {
      sender.close()
      receiver.close()
    }

    func outbound(_ sizes: [Int]) -> [Outbound] {
      let route = Route.target(Target(transport: .udp, endpoint: receiver.endpoint))
      return sizes.enumerated().map { index, size in
        Outbound(bytes: JoinedDatagramTests.content(index, size), route: route, token: UInt64(index))
      }
    }

    /// As many messages, in however many reads.
    func receive(_ count: Int) -> [[UInt8]] {
      var all: [[UInt8]] = []
      var counters = TransportCounters()
      while all.count < count {
        reader.read(from: receiver)
        guard reader.filled > 0 else { break }
        while case let messages = reader.messages(counting: &counters), !messages.isEmpty {
          all += messages.compactMap(\.bytes)
        }
      }
      return all
    }
  }

  fileprivate static func content(_ index: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: 65 &+ index &* 7 &+ $0) | 1 }
  }

  private static let sizes = [
    [Int](repeating: 743, count: 40), [700, 700, 100], [100, 700], [1, 1, 1, 2, 1], [2_047, 2_047, 2_049], [1_300],
    [Int](repeating: 1_300, count: 70), [0, 5, 0, 5], [60_000], [Int](repeating: 3, count: 200),
  ].flatMap(\.self)

  @Test func neighboursOfOneSizeTravelTogether() throws {
    let pair = try Pair()
    defer { pair.close() }
    let sizes = [Int](repeating: 743, count: 63) + [500]
    let outcome = pair.writer.write(pair.outbound(sizes)[...], to: pair.sender)
    #expect(outcome.sent == 64)
    #expect(outcome.bytes == UInt64(63 * 743 + 500))
    pair.reader.read(from: pair.receiver)
    #expect(pair.reader.filled == 1)
    var counters = TransportCounters()
    let messages = pair.reader.messages(counting: &counters).compactMap(\.bytes)
    #expect(messages == sizes.enumerated().map(Self.content))
    #expect(counters.datagramsIn == 64)
    #expect(counters.bytesIn == outcome.bytes)
  }

  @Test(arguments: [false, true]) func batchOfAllSizesToSeveralReceiversArrivesWholeAndInOrder(v6: Bool) async throws {
    let alice = try Peer()
    let others = [try Peer(), try Peer(), try Peer()]
    // Runs of every length to one receiver, and some to one after the other.
    let receivers = Self.sizes.indices.map { index in index % 100 < 30 ? index % 3 : index / 30 % 3 }
    alice.layer.send(
      zip(Self.sizes, receivers).enumerated().map { index, message in
        let route = Route.target(others[message.1].target(.udp, v6: v6))
        return Outbound(bytes: Self.content(index, message.0), route: route, token: 0)
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
            bytes: Self.content(index, 400), route: .target(index / 8 % 2 == 0 ? nobody : bob.target(.udp)), token: 0)
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
        return Outbound(bytes: Self.content(index, 300), route: .target(target), token: UInt64(index))
      })
    #expect(await alice.events(50).compactMap(\.failedToken) == Array(20..<70))
    #expect(await bob.events(40).compactMap(\.bytes) == (Array(0..<20) + Array(70..<90)).map { Self.content($0, 300) })
    #expect(alice.layer.counters.datagramsOut == 40)
    #expect(alice.layer.counters.sendFailures == 50)
  }

  @Test func whatIsTooLargeForThePathToBeJoinedLeavesOneByOne() throws {
    let pair = try Pair(v6: true)
    defer { pair.close() }
    // The smallest MTU of IPv6: what is larger leaves in fragments, which joined datagrams can not.
    try Self.set(IPV6_MTU, Int32(IPPROTO_IPV6), to: 1_280, on: pair.sender)
    let sizes = [Int](repeating: 1_290, count: 50) + [Int](repeating: 500, count: 50)
    let outcome = pair.writer.write(pair.outbound(sizes)[...], to: pair.sender)
    #expect(outcome.sent == 100)
    #expect(outcome.bytes == UInt64(50 * 1_290 + 50 * 500))
    #expect(outcome.failures.isEmpty)
    #expect(pair.receive(100) == sizes.enumerated().map(Self.content))
  }

  @Test func deviceThatCanNotPartThemGetsOneByOne() throws {
    let pair = try Pair()
    defer { pair.close() }
    // Without checksums the system parts nothing.
    try Self.set(SO_NO_CHECK, SOL_SOCKET, to: 1, on: pair.sender)
    let sizes = [Int](repeating: 743, count: 80)
    let outcome = pair.writer.write(pair.outbound(sizes)[...], to: pair.sender)
    #expect(outcome.done == 80)
    #expect(outcome.sent == 80)
    #expect(outcome.failures.isEmpty)
    #expect(pair.receive(80) == sizes.enumerated().map(Self.content))
    // It is tried again some day.
    try Self.set(SO_NO_CHECK, SOL_SOCKET, to: 0, on: pair.sender)
    for _ in 0..<JoinRefusals.patience / 64 {
      #expect(pair.writer.write(pair.outbound(Array(sizes[..<64]))[...], to: pair.sender).sent == 64)
      #expect(pair.receive(64).count == 64)
    }
    #expect(pair.writer.write(pair.outbound(Array(sizes[..<64]))[...], to: pair.sender).sent == 64)
    pair.reader.read(from: pair.receiver)
    #expect(pair.reader.filled == 1)
  }

  @Test func joinedKeepAlivesAreCountedWhereverTheyLie() throws {
    let pair = try Pair()
    defer { pair.close() }
    let route = pair.outbound([1])[0].route
    let pings = [Outbound](repeating: Outbound(bytes: [13, 10, 13, 10], route: route, token: 0), count: 64)
    var counters = TransportCounters()
    #expect(pair.writer.write(pings[...], to: pair.sender).sent == 64)
    pair.reader.read(from: pair.receiver)
    #expect(pair.reader.messages(counting: &counters).isEmpty)
    #expect(counters.keepAlivesIn == 64)
  }

  private static func set(_ option: CInt, _ level: CInt, to value: CInt, on socket: DatagramSocket) throws {
    var value = value
    let status = setsockopt(socket.descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    try #require(status == 0)
  }
}

@Suite struct JoinRefusalsTests {
  private static func endpoint(_ port: UInt16) -> Endpoint { Endpoint(address: .v4(0x7F00_0001), port: port) }

  @Test func endpointIsRefusedForAWhileAndOthersAreNot() {
    var refusals = JoinRefusals()
    refusals.insert(Self.endpoint(1))
    let answers = (0...JoinRefusals.patience).map { _ in refusals.takesAlone(Self.endpoint(1)) }
    #expect(answers == [Bool](repeating: true, count: JoinRefusals.patience) + [false])
    refusals.insert(Self.endpoint(1))
    let other = refusals.takesAlone(Self.endpoint(2))
    #expect(!other)
  }

  @Test func latestIsKeptHoweverManyThereAre() {
    var refusals = JoinRefusals()
    let answers = (UInt16(1)...1_000).map { port in
      refusals.insert(Self.endpoint(port))
      return refusals.takesAlone(Self.endpoint(port))
    }
    #expect(!answers.contains(false))
  }
}
