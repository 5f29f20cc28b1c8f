import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Asks an HTTP server to go on as a WebSocket for SIP (RFC 6455 §4.1, RFC 7118 §4), and holds back what is behind it until
/// the server does. Then it goes, and leaves frames to those who follow.
///
///     waiting ──> asked ──> answered (101, as it has to be) ──> gone
///                   └─────> over (anything else)
final class WebSocketOpening: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private enum State {
    case waiting
    case asked
    /// With what came behind the answer.
    case answered([NIOAny])
    case over
  }

  private let path: String
  private let host: String
  private let deadline: NIODeadline
  private let key = NIOWebSocketClientUpgrader.randomRequestKey()
  private let http: [any RemovableChannelHandler]
  private let follow: (ChannelPipeline.SynchronousOperations, WebSocketOpening) throws -> Void
  private var state = State.waiting
  private var timer: Scheduled<Void>?

  /// - Parameters:
  ///   - path: what is asked for
  ///   - host: whom, with the port where it is not the usual one
  ///   - http: the handlers of HTTP before it, which go before it does
  ///   - follow: puts those who follow behind it
  init(
    path: String, host: String, deadline: NIODeadline, http: [any RemovableChannelHandler],
    follow: @escaping (ChannelPipeline.SynchronousOperations, WebSocketOpening) throws -> Void
  ) {
    self.path = path
    self.host = host
    self.deadline = deadline
    self.http = http
    self.follow = follow
  }

  func channelActive(context: ChannelHandlerContext) {
    guard case .waiting = state else { return }
    state = .asked
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.fail(context, TransportFailure(.timedOut, detail: "no answer to the WebSocket request"))
    }
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
    head.headers = [
      "Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key,
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Protocol": "sip",
    ]
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch state {
    case .waiting, .over: break
    case .answered(let behind): state = .answered(behind + [data])
    case .asked:
      switch unwrapInboundIn(data) {
      case .head(let head):
        if let refusal = refusal(in: head) { fail(context, TransportFailure(.webSocketRefused, detail: refusal)) }
      case .body: break
      case .end: goOn(context)
      }
    }
  }

  /// What is not as RFC 6455 §4.1 and RFC 7118 §4.1 ask for.
  private func refusal(in head: HTTPResponseHead) -> String? {
    guard head.status == .switchingProtocols else {
      let elsewhere = head.headers.first(name: "Location").map { ", and points to \(CertificateNames.printable($0))" }
      let reason = CertificateNames.printable(head.status.reasonPhrase)
      return "\(host) answered \(head.status.code) \(reason) to the WebSocket request for \(path)\(elsewhere ?? "")"
    }
    let protocols = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
    guard protocols.count == 1, protocols[0].lowercased() == "sip" else {
      return "\(host) opens a WebSocket, but not for the protocol sip"
    }
    let isUpgrade = head.headers[canonicalForm: "Upgrade"].contains { $0.lowercased() == "websocket" }
    let upgrader = NIOWebSocketClientUpgrader(requestKey: key) { channel, _ in
      channel.eventLoop.makeSucceededVoidFuture()
    }
    guard isUpgrade, upgrader.shouldAllowUpgrade(upgradeResponse: head),
      head.headers[canonicalForm: "Sec-WebSocket-Extensions"].isEmpty
    else { return "what \(host) answers to the WebSocket request is no answer to it" }
    return nil
  }

  /// HTTP goes first: what it has read beyond its end comes here.
  private func goOn(_ context: ChannelHandlerContext) {
    state = .answered([])
    timer?.cancel()
    let gone = http.map { context.pipeline.syncOperations.removeHandler($0) }
    EventLoopFuture.andAllSucceed(gone, on: context.eventLoop).assumeIsolated().whenComplete { _ in
      guard case .answered(let behind) = self.state, context.channel.isActive else { return }
      do {
        try self.follow(context.pipeline.syncOperations, self)
      } catch {
        return self.fail(context, TransportFailure(error))
      }
      context.fireChannelActive()
      for data in behind { context.fireChannelRead(data) }
      if !behind.isEmpty { context.fireChannelReadComplete() }
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
  }

  private func fail(_ context: ChannelHandlerContext, _ failure: TransportFailure) {
    state = .over
    context.fireErrorCaught(failure)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError else { return context.fireErrorCaught(error) }
    fail(context, TransportFailure(.webSocketRefused, detail: "what answers at \(host) is no HTTP"))
  }

  func channelInactive(context: ChannelHandlerContext) {
    if case .asked = state {
      fail(
        context, TransportFailure(.webSocketRefused, detail: "\(host) ended the connection at the WebSocket request"))
    }
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }
}
