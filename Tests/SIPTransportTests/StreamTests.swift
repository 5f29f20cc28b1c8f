import NIOCore
import NIOPosix
import SIPMessage
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(1))) struct StreamTests {
  @Test func streamSplitAtEveryByteDeliversEachMessageOnce() async throws {
    let bob = try Peer()
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    try await raw.channel.setOption(.tcpOption(.tcp_nodelay), value: 1).get()
    let texts = [message("one", body: 5), message("two"), message("three", body: 1)]
    for byte in texts.joined().utf8 { try await raw.write([byte]) }
    #expect(await bob.events(3).compactMap(\.bytes) == texts.map { Array($0.utf8) })
  }

  @Test func messagesToOneTargetShareOneConnection() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let texts = (0..<50).map { message("m\($0)") }
    let outbound = texts.map { Outbound(bytes: Array($0.utf8), destination: .target(bob.target(.tcp)), token: 0) }
    alice.layer.send(Array(outbound[..<25]))
    alice.layer.send(Array(outbound[25...]))
    let events = await bob.events(50)
    #expect(events.compactMap(\.bytes) == texts.map { Array($0.utf8) })
    #expect(bob.layer.counters.connectionsOpen == 1)
    #expect(alice.layer.counters.connectionsOpen == 1)
  }

  @Test(arguments: [false, true]) func answerTakesTheConnectionOfItsRequest(v6: Bool) async throws {
    let (alice, bob) = (try Peer(), try Peer())
    alice.send(message("request"), to: .target(bob.target(.tcp, v6: v6)))
    let request = try #require(await bob.received())
    #expect(request.flow.connection != 0)
    bob.send(message("answer"), to: .flow(request.flow))
    let answer = try #require(await alice.received())
    #expect(answer.bytes == Array(message("answer").utf8))
    #expect(answer.flow.target == bob.target(.tcp, v6: v6))
    #expect(bob.layer.counters.connectionsOpen == 1)
  }

  @Test func refusedConnectionFailsEveryMessageThatWaited() async throws {
    let alice = try Peer()
    let gone = try Peer()
    let target = gone.target(.tcp)
    gone.layer.shutdown()
    alice.layer.send((1...3).map { Outbound(bytes: [0x20], destination: .target(target), token: $0) })
    let events = await alice.events(3)
    #expect(events.map(\.failedToken) == [1, 2, 3])
    #expect(events.map(\.failure) == [.refused, .refused, .refused])
    #expect(alice.layer.counters.connectionsOpen == 0)
  }

  @Test func messageAfterAConnectionEndedOpensANewOne() async throws {
    let alice = try Peer()
    let bob = try Peer()
    let target = bob.target(.tcp)
    alice.send(message("one"), to: .target(target))
    #expect(await bob.received() != nil)
    bob.layer.shutdown()
    let ended = await alice.events(1)
    guard case .connectionClosed(let end)? = ended.first, end.flow.target == target, end.failure == nil else {
      Issue.record("expected an orderly end, got \(ended)")
      return
    }
    let again = try Peer { $0.localPort = target.endpoint.port }
    alice.send(message("two"), to: .target(target))
    #expect(await again.received()?.bytes == Array(message("two").utf8))
  }

  @Test func answerToAFlowThatIsGoneFails() async throws {
    let bob = try Peer()
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    try await raw.write(message("request"))
    let flow = try #require(await bob.received()).flow
    try await raw.channel.close()
    while bob.layer.counters.connectionsOpen > 0 { try await Task.sleep(for: .milliseconds(1)) }
    bob.send(message("answer"), to: .flow(flow), token: 9)
    // The first event there is: the end of a connection that the peer made is not one.
    let events = await bob.events(1)
    #expect(events.map(\.failedToken) == [9])
    #expect(events.map(\.failure) == [.closed])
  }

  @Test func pingIsAnsweredByPong() async throws {
    let bob = try Peer()
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    try await raw.write("\r\n\r\n")
    #expect(await raw.read(2) == "\r\n")
    try await raw.write("\r\n\r\n\r\n\r\n" + message("after"))
    #expect(await raw.read(4) == "\r\n\r\n")
    #expect(await bob.received()?.bytes == Array(message("after").utf8))
    #expect(bob.layer.counters.keepAlivesIn == 3)
  }

  @Test func keepAliveIsAnsweredAndTold() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    alice.send(message("one"), to: .target(bob.target(.tcp)))
    bob.send(message("answer"), to: .flow(try #require(await bob.received()).flow))
    let flow = try #require(await alice.received()).flow
    for destination in [Destination.flow(flow), .target(flow.target)] {
      alice.layer.keepAlive(over: destination)
      guard case .pong(flow)? = await alice.events(1).first else {
        Issue.record("no answer over \(destination)")
        return
      }
    }
  }

  @Test func keepAliveMakesNoConnection() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    alice.layer.keepAlive(over: .target(bob.target(.tcp)))
    alice.send(message("one"), to: .target(bob.target(.tcp)))
    #expect(await bob.received() != nil)
    #expect(bob.layer.counters.keepAlivesIn == 0)
  }

  @Test func connectionThatLeadsNowhereIsClosedWithItsReason() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    alice.send(message("one"), to: .target(bob.target(.tcp)), token: 1)
    bob.send(message("answer"), to: .flow(try #require(await bob.received()).flow))
    let flow = try #require(await alice.received()).flow
    alice.layer.close(flow, TransportFailure(.timedOut, detail: "no pong"))
    guard case .connectionClosed(let end)? = await alice.events(1).first else {
      Issue.record("the end was not told")
      return
    }
    #expect(end.flow == flow)
    #expect(end.carried == [1])
    #expect(end.failure == TransportFailure(.timedOut, detail: "no pong"))
  }

  @Test(arguments: [
    "Content-Length: -999", "Content-Length: 99999999", "Content-Length: 1\r\nl: 2", "Subject: none", "l: 1x",
  ])
  func lieAboutTheLengthEndsTheConnectionAfterWhatCameBefore(_ header: String) async throws {
    let bob = try Peer()
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    try await raw.write(message("good") + "OPTIONS sip:bad@example.com SIP/2.0\r\n\(header)\r\n\r\n")
    #expect(await bob.received()?.bytes == Array(message("good").utf8))
    #expect(await raw.isClosedByPeer())
    #expect(bob.layer.counters.malformedStreams == 1)
  }

  @Test func headerWithoutEndIsCutOff() async throws {
    let bob = try Peer { $0.messageLimits.headerSize = 256 }
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    try await raw.write(String(repeating: "x", count: 300))
    #expect(await raw.isClosedByPeer())
    #expect(bob.layer.counters.malformedStreams == 1)
  }

  @Test func silentPeerIsClosed() async throws {
    let bob = try Peer { $0.idleTimeout = .milliseconds(50) }
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    #expect(await raw.isClosedByPeer())
  }

  @Test func messageThatNeverEndsIsNotWaitedFor() async throws {
    let bob = try Peer { $0.messageTimeout = .milliseconds(50) }
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    try await raw.write(message("whole") + "OPTIONS sip:half")
    #expect(await bob.received()?.bytes == Array(message("whole").utf8))
    #expect(await raw.isClosedByPeer())
  }

  @Test func connectionsOfPeersTakeNoPlaceFromThoseThatAreMade() async throws {
    let alice = try Peer()
    let bob = try Peer {
      $0.maximumAcceptedConnections = 1
      $0.connectionsKeptForKnown = 0
      $0.maximumConnections = 1
    }
    let raw = try await RawConnection.connect(to: bob.target(.tcp))
    try await raw.write(message("first"))
    #expect(await bob.received() != nil)
    bob.send(message("out"), to: .target(alice.target(.tcp)))
    #expect(await alice.received() != nil)
    bob.send(message("more"), to: .target(alice.target(.tcp, v6: true)), token: 5)
    #expect(await bob.events(1).map(\.failure) == [.noBuffers])
  }

  @Test func longestIdleConnectionMakesRoomForAnotherTarget() async throws {
    let (first, second, third) = (try Peer(), try Peer(), try Peer())
    let alice = try Peer {
      $0.maximumConnections = 2
      $0.messageTimeout = .zero
    }
    for peer in [first, second] {
      alice.send(message("out"), to: .target(peer.target(.tcp)))
      let request = try #require(await peer.received())
      peer.send(message("answer"), to: .flow(request.flow))
      #expect(await alice.received() != nil)
    }
    alice.send(message("out"), to: .target(third.target(.tcp)))
    #expect(await third.received() != nil)
    let ended = await alice.events(1)
    guard case .connectionClosed(let end)? = ended.first, end.flow.target == first.target(.tcp) else {
      Issue.record("expected the end of the first connection, got \(ended)")
      return
    }
    #expect(alice.layer.counters.connectionsOpen == 2)
  }

  @Test func backlogOfAConnectionIsBounded() async throws {
    let alice = try Peer { $0.maximumBacklog = 1_000 }
    let bob = try Peer()
    let texts = (1...3).map {
      Outbound(bytes: Array(message("m", body: 400).utf8), destination: .target(bob.target(.tcp)), token: $0)
    }
    alice.layer.send(texts)
    let events = await alice.events(1)
    #expect(events.map(\.failedToken) == [3])
    #expect(events.map(\.failure) == [.noBuffers])
    #expect(await bob.events(2).count == 2)
  }

  /// Who has to prove another name is another peer, wherever it is.
  @Test func aConnectionIsSharedByThoseWhoExpectTheSameName() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let names = ["one.example.com", "two.example.com", "One.Example.com"].map { alice.layer.serverName(of: $0) }
    for name in names {
      var target = bob.target(.tcp)
      target.serverName = try #require(name)
      alice.send(message("m"), to: .target(target))
      _ = await bob.received()
    }
    #expect(names[0] == names[2])
    #expect(alice.layer.host(of: try #require(names[2])) == "one.example.com")
    #expect(alice.layer.counters.connectionsOpen == 2)
  }
}
