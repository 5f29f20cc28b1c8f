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
        case .sendFailed, .unreachable: break
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
