import Glibc
import Testing

@testable import Datagrams

/// Datagrams that go down to the device as one (UDP_SEGMENT) and come up from it as one (UDP_GRO), and the way without.
@Suite(.timeLimit(.minutes(1))) struct JoiningTests {
  private static let sizes = [
    [Int](repeating: 743, count: 40), [700, 700, 100], [100, 700], [1, 1, 1, 2, 1], [2_047, 2_047, 2_049], [1_300],
    [Int](repeating: 1_300, count: 70), [0, 5, 0, 5], [60_000], [Int](repeating: 3, count: 200),
  ].flatMap(\.self)

  @Test func neighboursOfOneSizeTravelTogether() throws {
    var pair = try SocketPair()
    let sizes = [Int](repeating: 743, count: 63) + [500]
    let outcome = pair.send(sizes)
    #expect(outcome.sent == 64)
    #expect(outcome.bytes == 63 * 743 + 500)
    pair.reader.read(from: pair.receiver)
    #expect(pair.reader.filled == 1)
    #expect(pair.reader.expected == DatagramReader.capacity)
    #expect(pair.rest() == sizes.enumerated().map(SocketPair.content))
    #expect(pair.reader.arrived == 64)
    #expect(pair.reader.dropped == (0, 0))
  }

  /// A kernel that joins nothing is like a socket that may not.
  @Test(arguments: [(false, true), (true, false), (false, false), (true, true)], [false, true])
  func allSizesArriveWholeAndInOrder(joining: (sender: Bool, receiver: Bool), v6: Bool) throws {
    var pair = try SocketPair(v6: v6, joining: joining)
    let outcome = pair.send(Self.sizes)
    #expect(outcome.done == Self.sizes.count)
    #expect(outcome.sent == Self.sizes.count)
    #expect(outcome.bytes == Self.sizes.reduce(0, +))
    #expect(pair.receive(Self.sizes.count) == Self.sizes.enumerated().map(SocketPair.content))
  }

  @Test func whoMayNotJoinSendsEachForItself() throws {
    for joining in [(sender: false, receiver: true), (sender: true, receiver: false)] {
      var pair = try SocketPair(joining: joining)
      #expect(pair.sender.joins == joining.sender)
      #expect(pair.send([Int](repeating: 743, count: 10)).sent == 10)
      pair.reader.read(from: pair.receiver)
      #expect(pair.reader.filled == 10)
      #expect(pair.reader.expected == 10)
    }
  }

  @Test func whatIsTooLargeForThePathToBeJoinedLeavesOneByOne() throws {
    var pair = try SocketPair(v6: true)
    // The smallest MTU of IPv6: what is larger leaves in fragments, which joined datagrams can not.
    try Self.set(IPV6_MTU, Int32(IPPROTO_IPV6), to: 1_280, on: pair.sender)
    let sizes = [Int](repeating: 1_290, count: 50) + [Int](repeating: 500, count: 50)
    let outcome = pair.send(sizes)
    #expect(outcome.sent == 100)
    #expect(outcome.bytes == 50 * 1_290 + 50 * 500)
    #expect(outcome.failures.isEmpty)
    #expect(pair.receive(100) == sizes.enumerated().map(SocketPair.content))
  }

  @Test func deviceThatCanNotPartThemGetsOneByOne() throws {
    var pair = try SocketPair()
    // Without checksums the system parts nothing.
    try Self.set(SO_NO_CHECK, SOL_SOCKET, to: 1, on: pair.sender)
    let sizes = [Int](repeating: 743, count: 80)
    let outcome = pair.send(sizes)
    #expect(outcome.done == 80)
    #expect(outcome.sent == 80)
    #expect(outcome.failures.isEmpty)
    #expect(pair.receive(80) == sizes.enumerated().map(SocketPair.content))
    // It is tried again some day.
    try Self.set(SO_NO_CHECK, SOL_SOCKET, to: 0, on: pair.sender)
    for _ in 0..<JoinRefusals.patience / 64 {
      #expect(pair.send(Array(sizes[..<64])).sent == 64)
      #expect(pair.receive(64).count == 64)
    }
    #expect(pair.send(Array(sizes[..<64])).sent == 64)
    pair.reader.read(from: pair.receiver)
    #expect(pair.reader.filled == 1)
  }

  private static func set(_ option: CInt, _ level: CInt, to value: CInt, on socket: DatagramSocket) throws {
    var value = value
    let status = setsockopt(socket.descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    try #require(status == 0)
  }
}
