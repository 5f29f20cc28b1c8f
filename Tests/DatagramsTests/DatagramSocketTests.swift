import Synchronization
import Testing

@testable import Datagrams

@Suite(.timeLimit(.minutes(1))) struct DatagramSocketTests {
  private static let loopback = DatagramAddress.v4(0x7F00_0001, port: 0)

  @Test func eachFailureNamesItsPlaceInTheBatch() throws {
    var pair = try SocketPair()
    let (receiver, broadcast) = (pair.receiver.address, DatagramAddress.v4(0xFFFF_FFFF, port: 5060))
    let outcome = pair.send(
      (0..<9).map { index in
        ([UInt8](repeating: 1, count: index == 4 ? 65_528 : 3), index % 3 == 1 ? broadcast : receiver)
      })
    #expect(outcome.done == 9)
    #expect(outcome.sent == 6)
    // A broadcast is not permitted, and what fits no datagram is too large before anything is asked.
    #expect(outcome.failures.map(\.index) == [1, 4, 7])
    #expect(outcome.failures.map(\.error.code) == [13, 90, 13])
  }

  @Test func anAddressIsTakenOnce() throws {
    let first = try DatagramSocket(boundTo: Self.loopback)
    defer { first.close() }
    #expect(throws: DatagramError(code: 98)) { try DatagramSocket(boundTo: first.address) }
  }

  @Test(arguments: [DatagramAddress.v4(0xC000_0201, port: 5060), .v6(0x2001_0DB8 << 32, 7, port: 65_535)])
  func anAddressIsTheSameAfterTheSystemHadIt(address: DatagramAddress) {
    let copy = address.withSocketAddress { start, _ in DatagramAddress(UnsafeRawPointer(start)) }
    #expect(copy == address)
  }

  @Test func aReceiverHandsOnUntilItIsStopped() async throws {
    var pair = try SocketPair()
    let socket = pair.receiver
    let taken = Mutex<[[UInt8]]>([])
    let receiver = try DatagramReceiver(socket) { reader in
      while let (bytes, _) = reader.next() { taken.withLock { $0.append(bytes) } }
    }
    for _ in 0..<3 { _ = pair.send([100, 100, 7]) }
    while taken.withLock({ $0.count }) < 9 { await Task.yield() }
    receiver.stop()
    _ = pair.send([5])
    #expect(taken.withLock { $0.map(\.count) } == [100, 100, 7, 100, 100, 7, 100, 100, 7])
  }

  @Test func aConnectedSocketHearsThatNobodyIsThere() async throws {
    let nobody = try DatagramSocket(boundTo: Self.loopback)
    nobody.close()
    let socket = try #require(ConnectedSocket(boundTo: Self.loopback, hearsAll: true))
    #expect(socket.connect(to: nobody.address))
    socket.send([1])
    var error = socket.takeError()
    while error == nil {
      await Task.yield()
      error = socket.takeError()
    }
    #expect(error?.code == 111)
  }

  @Test func aConnectedSocketKnowsWhereTheWayLeadsFrom() throws {
    let socket = try #require(ConnectedSocket(boundTo: .v4(0, port: 0)))
    #expect(socket.connect(to: .v4(0x7F00_0005, port: 9)))
    guard case .v4(0x7F00_0001, _)? = socket.name else {
      Issue.record("another address")
      return
    }
    socket.disconnect()
    guard case .v4(0, _)? = socket.name else {
      Issue.record("it still belongs to somebody")
      return
    }
  }
}
