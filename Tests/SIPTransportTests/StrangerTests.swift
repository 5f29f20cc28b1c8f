import NIOCore
import NIOPosix
import SIPMessage
import SIPTransport
import Testing

/// Strangers that connect: what they may hold, and that they keep nobody out.
@Suite(.timeLimit(.minutes(1))) struct StrangerTests {
  /// A layer that answers every message with one of this size.
  private func answering(
    _ size: Int, _ change: (inout TransportSettings) -> Void = { _ in }
  ) throws -> Peer {
    let answer = Array(message("answer", body: size).utf8)
    let slot = LayerSlot()
    let peer = try Peer(change) { events in
      slot.layer?.send(
        events.compactMap { event in
          guard case .received(_, let flow) = event else { return nil }
          return Outbound(bytes: answer, destination: .flow(flow), token: Outbound.answer)
        })
    }
    slot.layer = peer.layer
    return peer
  }

  private func settled(_ counter: @escaping (TransportCounters) -> UInt64, of peer: Peer) async throws -> UInt64 {
    var last = counter(peer.layer.counters)
    while true {
      try await Task.sleep(for: .milliseconds(300))
      let now = counter(peer.layer.counters)
      if now == last { return now }
      last = now
    }
  }

  @Test func peerThatDoesNotReadIsNotReadEither() async throws {
    let bob = try answering(2_000)
    let deaf = try await RawConnection.connect(to: bob.target(.tcp))
    try await deaf.channel.setOption(.autoRead, value: false).get()
    let request = [UInt8](message("ask").utf8)
    let many = ByteBuffer(bytes: [[UInt8]](repeating: request, count: 400).joined())
    for _ in 0..<1_000 { deaf.channel.writeAndFlush(many, promise: nil) }
    // 26 MB of requests that ask for 830 MB of answers: what the system's buffers hold, and not more, is read.
    let read = try await settled(\.streamMessagesIn, of: bob)
    #expect(read < 10_000)
    #expect(bob.layer.counters.connectionsOpen == 1)
    try await deaf.channel.setOption(.autoRead, value: true).get()
    while bob.layer.counters.streamMessagesIn <= read { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test func strangersThatBringMuchAreReadLater() async throws {
    let bob = try Peer { $0.strangerMessagesPerSecond = 100 }
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    let many = ByteBuffer(string: String(repeating: message("ask"), count: 400))
    let began = ContinuousClock.now
    try await raw.channel.writeAndFlush(many).get()
    #expect(await bob.events(400).count == 400)
    // A hundred at once, and the rest as they may.
    #expect(ContinuousClock.now - began > .seconds(2))
    let other = try Peer { $0.strangerMessagesPerSecond = 100 }
    other.layer.expects(other.target(.tcp))
    let known = try await RawConnection.connect(to: other.target(.tcp))
    let soon = ContinuousClock.now
    known.channel.writeAndFlush(many, promise: nil)
    #expect(await other.events(400).count == 400)
    #expect(ContinuousClock.now - soon < .seconds(2))
  }

  @Test func peerThatStaysDeafIsClosed() async throws {
    let bob = try answering(2_000) { $0.messageTimeout = .milliseconds(300) }
    let deaf = try await RawConnection.connect(to: bob.target(.tcp))
    try await deaf.channel.setOption(.autoRead, value: false).get()
    let request = [UInt8](message("ask").utf8)
    let many = ByteBuffer(bytes: [[UInt8]](repeating: request, count: 400).joined())
    for _ in 0..<1_000 { deaf.channel.writeAndFlush(many, promise: nil) }
    while bob.layer.counters.connectionsOpen > 0 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(bob.layer.counters.connectionsStalled == 1)
  }

  @Test func whatAllLeaveUnreadIsBoundedTogether() async throws {
    let bob = try answering(20_000) { $0.maximumAnswerBacklogInAll = 100_000 }
    var deaf: [RawConnection] = []
    let many = ByteBuffer(string: String(repeating: message("ask"), count: 2_000))
    for _ in 0..<6 {
      let raw = try await RawConnection.connect(to: bob.target(.tcp))
      try await raw.channel.setOption(.autoRead, value: false).get()
      raw.channel.writeAndFlush(many, promise: nil)
      deaf.append(raw)
    }
    while bob.layer.counters.connectionsStalled < 3 || bob.layer.counters.connectionsOpen > 3 {
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(bob.layer.counters.connectionsStalled >= 3)
  }

  @Test func messagesThatAreNotWholeAreBoundedTogether() async throws {
    let bob = try Peer { $0.maximumUnfinishedInAll = 20_000 }
    let half = "OPTIONS sip:half@example.com SIP/2.0\r\nSubject: " + String(repeating: "x", count: 9_000)
    let first = try await RawConnection.connect(to: bob.target(.tcp))
    try await first.write(half)
    while bob.layer.counters.bytesIn < half.utf8.count { try await Task.sleep(for: .milliseconds(1)) }
    let second = try await RawConnection.connect(to: bob.target(.tcp))
    try await second.write(half)
    while bob.layer.counters.bytesIn < 2 * half.utf8.count { try await Task.sleep(for: .milliseconds(1)) }
    let third = try await RawConnection.connect(to: bob.target(.tcp))
    try await third.write(half)
    #expect(await first.isClosedByPeer())
    try await second.write("\r\nContent-Length: 0\r\n\r\n")
    #expect(await bob.received() != nil)
    #expect(bob.layer.counters.connectionsUnfinished == 1)
  }

  @Test func newcomerTakesThePlaceOfTheLongestIdleOfItsHost() async throws {
    let bob = try Peer { $0.maximumConnectionsPerHost = 2 }
    let first = try await RawConnection.connect(to: bob.target(.tcp))
    let second = try await RawConnection.connect(to: bob.target(.tcp))
    try await second.write(message("second"))
    #expect(await bob.received() != nil)
    try await first.write(message("first"))
    #expect(await bob.received() != nil)
    let third = try await RawConnection.connect(to: bob.target(.tcp))
    #expect(await second.isClosedByPeer())
    try await third.write(message("third"))
    #expect(await bob.received()?.bytes == Array(message("third").utf8))
    try await first.write(message("first again"))
    #expect(await bob.received()?.bytes == Array(message("first again").utf8))
    #expect(bob.layer.counters.connectionsDisplaced == 1)
    #expect(bob.layer.counters.connectionsOpen == 2)
  }

  @Test func placesAreKeptForHostsThatWeAsk() async throws {
    let bob = try Peer {
      $0.maximumAcceptedConnections = 3
      $0.connectionsKeptForKnown = 1
    }
    // Strangers are at another address of this host.
    let stranger = bob.target(.tcp, v6: true)
    var strangers: [RawConnection] = []
    for _ in 0..<3 {
      strangers.append(try await RawConnection.connect(to: stranger))
      try await strangers.last?.write(message("stranger"))
      #expect(await bob.received() != nil)
    }
    #expect(await strangers[0].isClosedByPeer())
    bob.layer.expects(bob.target(.udp))
    let proxy = try await RawConnection.connect(to: bob.target(.tcp))
    try await proxy.write(message("proxy"))
    #expect(await bob.received()?.bytes == Array(message("proxy").utf8))
    strangers.append(try await RawConnection.connect(to: stranger))
    #expect(await strangers[1].isClosedByPeer())
    try await proxy.write(message("proxy again"))
    #expect(await bob.received()?.bytes == Array(message("proxy again").utf8))
  }

  @Test func strangerGetsSomeAnswersASecondAndWhomWeAskGetsAll() async throws {
    let bob = try answering(0)
    let (alice, carol) = (try Peer(), try Peer { $0.addressV4 = .v4(0x7F00_0007) })
    bob.layer.expects(alice.target(.udp))
    let ask = Array(message("ask").utf8)
    let batch = (0..<200).map { _ in Outbound(bytes: ask, destination: .target(bob.target(.udp)), token: 0) }
    alice.layer.send(batch)
    #expect(await alice.events(200).count == 200)
    #expect(bob.layer.counters.answersWithheld == 0)
    carol.layer.send(batch)
    while bob.layer.counters.datagramsIn < 400 { try await Task.sleep(for: .milliseconds(1)) }
    let withheld = try await settled(\.answersWithheld, of: bob)
    #expect((150...180).contains(withheld))
  }
}

/// The layer that a peer's own handler answers through.
private final class LayerSlot: @unchecked Sendable {
  weak var layer: TransportLayer?
}
