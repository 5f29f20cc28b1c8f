import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import SIPMessage
import SIPTransport

/// A server of a library that goes on as a WebSocket when it is asked to, and answers every message there; or answers with
/// something else.
final class WebSocketServer: Sendable {
  let inbox = Inbox<String>()
  let requests = Inbox<HTTPRequestHead>()
  private let channel: any Channel
  var endpoint: Endpoint { channel.localAddress.flatMap(Endpoint.init)! }

  /// - Parameters:
  ///   - tls: for wss
  ///   - protocols: those it answers with
  ///   - bytes: what it answers to the first read instead of all that
  init(tls issued: CertificateAuthority.Issued? = nil, protocols: [String] = ["sip"], bytes: String? = nil) async throws
  {
    let context = try issued.map { issued in
      let chain = try NIOSSLCertificate.fromPEMFile(issued.certificate).map { NIOSSLCertificateSource.certificate($0) }
      return try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: issued.key, format: .pem))))
    }
    let (inbox, requests) = (inbox, requests)
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
          if let bytes { return try pipeline.addHandler(Saying(bytes)) }
          let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
              requests.put(head)
              var headers = HTTPHeaders()
              for name in protocols { headers.add(name: "Sec-WebSocket-Protocol", value: name) }
              return channel.eventLoop.makeSucceededFuture(headers)
            },
            upgradePipelineHandler: { channel, _ in
              channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answering(inbox)) }
            })
          try pipeline.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  deinit { channel.close(promise: nil) }

  private final class Saying: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let text: String

    init(_ text: String) { self.text = text }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      if text.isEmpty { context.close(promise: nil) }
    }
  }

  private final class Answering: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame
    private let inbox: Inbox<String>

    init(_ inbox: Inbox<String>) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let frame = unwrapInboundIn(data)
      guard frame.opcode != .ping else { return write(context, .pong, "") }
      guard frame.opcode == .text else { return inbox.put("\(frame.opcode)") }
      inbox.put(String(buffer: frame.unmaskedData))
      write(context, .text, message("answer"))
    }

    private func write(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ text: String) {
      let frame = WebSocketFrame(fin: true, opcode: opcode, data: ByteBuffer(string: text))
      context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
  }
}
