import NIOCore
import NIOWebSocket
import SIPMessage

/// Takes messages out of the frames of a WebSocket, one from each (RFC 7118 §5), for the `StreamConnection` behind it; it
/// stands where `MessageFraming` stands on other streams. It answers pings, and sends those of our own.
final class WebSocketFraming: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = StreamRead
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let permit: SendingPermit
  private var assembly: WebSocketAssembly
  private var isOver = false
  /// A pong of ours has not left yet: a peer that pings and does not read gets no further one (RFC 6455 §5.5.3).
  private var isAnswering = false
  private var awaitsPong = false

  init(limits: Limits, permit: SendingPermit) {
    self.permit = permit
    assembly = WebSocketAssembly(limit: limits.messageSize)
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    let frame = unwrapInboundIn(data)
    var read = StreamRead(bytes: UInt32(clamping: frame.data.readableBytes))
    do throws(WebSocketAssembly.Defect) {
      switch try assembly.take(frame) {
      case nil: break
      case .message(let bytes): take(bytes, &read, context)
      case .ping(let payload):
        read.pings = 1
        answer(context, .pong, payload)
      case .pong: pong(&read)
      case .close(let code): return end(context, TransportFailure.end(of: code), code: code ?? 1_000)
      }
    } catch {
      return end(context, TransportFailure(.malformed, detail: error.words), code: error.code)
    }
    read.unfinished = UInt32(clamping: assembly.pending)
    context.fireChannelRead(wrapInboundOut(read))
  }

  /// Line ends alone are a keep-alive here, too (RFC 7118 §6).
  private func take(_ bytes: [UInt8], _ read: inout StreamRead, _ context: ChannelHandlerContext) {
    guard bytes.allSatisfy({ $0 == 0x0D || $0 == 0x0A }) else { return read.messages = [bytes] }
    guard bytes.count >= 4 else { return pong(&read) }
    read.pings = 1
    answer(context, .text, ByteBuffer(bytes: [0x0D, 0x0A]))
  }

  private func pong(_ read: inout StreamRead) {
    read.hasPong = awaitsPong
    awaitsPong = false
  }

  private func answer(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
    guard !isAnswering, permit.isGiven else { return }
    isAnswering = true
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { _ in self.isAnswering = false }
    write(context, opcode, payload, promise)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? NIOWebSocketError else { return context.fireErrorCaught(error) }
    let isTooLarge = if case .invalidFrameLength = error { true } else { false }
    let words = isTooLarge ? WebSocketAssembly.Defect.tooLarge.words : "a WebSocket frame that can not be read"
    end(context, TransportFailure(.malformed, detail: words), code: isTooLarge ? 1_009 : 1_002)
  }

  /// - Parameter failure: nil: in good order
  private func end(_ context: ChannelHandlerContext, _ failure: TransportFailure?, code: UInt16) {
    guard !isOver else { return }
    sayGoodbye(context, code)
    if let failure { context.fireErrorCaught(failure) }
    context.close(promise: nil)
  }

  // MARK: Writing

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    guard event is KeepAlive else { return context.triggerUserOutboundEvent(event, promise: promise) }
    awaitsPong = true
    write(context, .ping, ByteBuffer(), promise)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    sayGoodbye(context, 1_000)
    context.close(mode: mode, promise: promise)
  }

  /// §7.1.2, without waiting for an answer.
  private func sayGoodbye(_ context: ChannelHandlerContext, _ code: UInt16) {
    guard !isOver else { return }
    isOver = true
    guard permit.isGiven, context.channel.isActive else { return }
    write(context, .connectionClose, ByteBuffer(integer: code), nil)
  }

  private func write(
    _ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ payload: ByteBuffer,
    _ promise: EventLoopPromise<Void>?
  ) {
    var frame = ByteBuffer()
    frame.writeFrame(opcode, payload)
    context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
  }
}

extension TransportFailure {
  /// Of a connection that the server of a WebSocket ended (RFC 6455 §7.4.1): with 1000 and 1001 in good order.
  fileprivate static func end(of code: UInt16?) -> TransportFailure? {
    guard let code, code != 1_000, code != 1_001 else { return nil }
    return TransportFailure(.closed, detail: "the peer ended the WebSocket with \(code)")
  }
}
