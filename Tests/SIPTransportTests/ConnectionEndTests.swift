import NIOCore
import NIOPosix
import SIPMessage
import SIPTransport
import Testing

/// What the end of a connection says, and of which requests.
@Suite(.timeLimit(.minutes(1))) struct ConnectionEndTests {
  private func end(_ events: [TransportEvent]) throws -> ConnectionEnd {
    for case .connectionClosed(let end) in events { return end }
    throw TransportFailure(.other, detail: "no connection ended: \(events)")
  }

  @Test func namesTheRequestsItCarriedAndNotWhatFollowsThem() async throws {
    let alice = try Peer()
    let bob = try Peer()
    let target = bob.target(.tcp)
    alice.send(message("one"), to: .target(target), token: 1)
    alice.send(message("two"), to: .target(target), token: 2)
    let request = try #require(await bob.received())
    bob.send(message("answer"), to: .flow(request.flow), token: Outbound.answer)
    let first = try #require(await alice.received()).flow
    bob.layer.shutdown()
    let end = try end(await alice.events(1))
    #expect(end.flow == first)
    #expect(end.carried == [1, 2])
    #expect(end.hasBroughtMessages)

    let again = try Peer { $0.localPort = target.endpoint.port }
    alice.send(message("three"), to: .target(target), token: 3)
    #expect(await again.received() != nil)
    again.layer.shutdown()
    let next = try self.end(await alice.events(1))
    #expect(next.flow.connection != first.connection)
    #expect(next.carried == [3])
    #expect(!next.hasBroughtMessages)
  }

  /// The answer and the end come in one: what is sent for the answer leaves over another connection.
  @Test func requestThatFollowsAnAnswerIsNotLostWithTheConnectionThatBroughtIt() async throws {
    let server = try await Closing(after: message("answer"))
    let (answers, ends) = (Inbox<Void>(), Inbox<ConnectionEnd>())
    let alice = try Peer(deliver: { events in
      for event in events {
        switch event {
        case .received: answers.put(())
        case .connectionClosed(let end): ends.put(end)
        case .sendFailed, .unreachable, .pong, .bindingAnswered, .remarked: break
        }
      }
    })
    for token in UInt64(1)...20 {
      alice.send(message("request"), to: .target(server.target), token: token)
      await answers.next()
      let end = await ends.next()
      #expect(end.carried == [token])
    }
    try await server.stop()
  }
}

extension ConnectionEndTests {
  /// Its peer reads and answers no more, as one behind a balancer that forgot it.
  @Test func connectionOverWhichNothingIsAnsweredIsReplaced() async throws {
    let alice = try Peer { $0.answerTimeout = .seconds(12) }
    let bob = try Answerer()
    alice.send(message(Answerer.request), to: .target(bob.target), token: 1)
    #expect(await alice.received() != nil)
    alice.send(message("two"), to: .target(bob.target), token: 2)
    alice.send(message("three"), to: .target(bob.target), token: 3)

    let end = try end(await alice.events(1))
    #expect(end.hasBroughtMessages)
    #expect(end.carried == [1, 2, 3])
    #expect(end.failure?.kind == .timedOut)
    #expect(end.failure?.detail == "nothing came over it for 12.0 seconds")
    alice.send(message("four"), to: .target(bob.target), token: 4)
    let flows = try await bob.flows(4)
    #expect(flows[1] == flows[0])
    #expect(flows[2] == flows[0])
    #expect(flows[3] != flows[0])
  }

  /// Timer F comes before the connection has ended, and what follows ends it.
  @Test func whatFollowsARequestThatIsGivenUpTakesAnotherConnection() async throws {
    let alice = try Peer { $0.answerTimeout = .seconds(16) }
    let bob = try Peer()
    alice.send(message("one"), to: .target(bob.target(.tcp)), token: 1)
    let first = try #require(await bob.received()).flow
    try await Task.sleep(for: .milliseconds(15_700))
    alice.send(message("two"), to: .target(bob.target(.tcp)), token: 2)
    let second = try #require(await bob.received()).flow
    #expect(second != first)
    let end = try end(await alice.events(1))
    #expect(end.carried == [1])
    #expect(!end.hasBroughtMessages)
    #expect(alice.layer.counters.connectionsOpen == 1)
  }

  @Test func connectionOverWhichAnswersOfOthersComeStays() async throws {
    let alice = try Peer { $0.answerTimeout = .seconds(8) }
    let bob = try Answerer()
    // All of it in the time of the event loop, which nothing else that runs meanwhile can stretch.
    func send(_ text: String, _ token: UInt64, after delay: Duration) {
      alice.eventLoop.scheduleTask(in: TimeAmount(delay)) {
        alice.send(message(text), to: .target(bob.target), token: token)
      }
    }
    send("never answered", 1, after: .zero)
    for token in UInt64(2)...8 { send(Answerer.request, token, after: .milliseconds(1_400) * Int(token - 1)) }
    // Nothing waits for an answer: it may be idle as long as it likes.
    send("last", 9, after: .seconds(20))
    let flows = try await bob.flows(9)
    #expect(Set(flows).count == 1)
  }

  /// What is left of a message whose length was wrong.
  @Test(arguments: ["left over\r\n", "xSIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"])
  func streamThatIsOutOfStepEndsTheConnectionThatWorked(_ rest: String) async throws {
    let alice = try Peer()
    let bob = try Peer()
    alice.send(message("one"), to: .target(bob.target(.tcp)), token: 1)
    alice.send(message("two"), to: .target(bob.target(.tcp)), token: 2)
    let flow = try #require(await bob.received()).flow
    bob.send(message("answer") + rest, to: .flow(flow), token: Outbound.answer)
    var events: [TransportEvent] = []
    while (try? end(events)) == nil { events += await alice.events(1) }
    let end = try end(events)
    #expect(end.hasBroughtMessages)
    #expect(end.carried == [1, 2])
    #expect(end.failure?.kind == .malformed)
    #expect(alice.layer.counters.malformedStreams == 1)
    #expect(events.compactMap(\.bytes).contains(Array(message("answer").utf8)))
  }
}

/// Answers the first bytes of each connection and ends it.
private final class Closing: Sendable {
  let target: Target
  private let channel: any Channel

  init(after text: String) async throws {
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(text)) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    target = Target(transport: .tcp, endpoint: Endpoint(channel.localAddress!)!)
  }

  func stop() async throws { try await channel.close().get() }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let text: String

    init(_ text: String) { self.text = text }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      context.close(promise: nil)
    }
  }
}
