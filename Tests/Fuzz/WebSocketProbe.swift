import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket
import SIPMessage

@testable import SIPTransport

/// Reads an input as what a WebSocket server sends, through the handlers of a connection: in one piece and in two it comes
/// to the same messages, and nobody opens a WebSocket who does not answer our key.
enum WebSocketProbe {
  private final class Opened: ChannelInboundHandler {
    typealias InboundIn = Never
    var isOpen = false

    func channelActive(context: ChannelHandlerContext) { isOpen = true }
  }

  private static let address = try! SocketAddress(ipAddress: "127.0.0.1", port: 80)

  static func run(_ bytes: [UInt8]) {
    precondition(messages(in: [bytes]) == messages(in: halves(of: bytes)), "a cut changes the frames")
    open(bytes)
  }

  private static func halves(of bytes: [UInt8]) -> [[UInt8]] {
    [Array(bytes[..<(bytes.count / 2)]), Array(bytes[(bytes.count / 2)...])]
  }

  private static func messages(in parts: [[UInt8]]) -> [[UInt8]] {
    let channel = EmbeddedChannel()
    let framing = WebSocketFraming(limits: .standard, permit: SendingPermit())
    let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: Limits.standard.messageSize))
    try! channel.pipeline.syncOperations.addHandlers([decoder, framing])
    try! channel.connect(to: address).wait()
    channel.pipeline.triggerUserOutboundEvent(KeepAlive.ping, promise: nil)
    for part in parts where channel.isActive { try? channel.writeInbound(ByteBuffer(bytes: part)) }
    var messages: [[UInt8]] = []
    while let read = try! channel.readInbound(as: StreamRead.self) { messages += read.messages }
    precondition(messages.allSatisfy { $0.count <= Limits.standard.messageSize }, "a message beyond the limit")
    _ = try? channel.finish(acceptAlreadyClosed: true)
    return messages
  }

  private static func open(_ bytes: [UInt8]) {
    let channel = EmbeddedChannel()
    let (request, answer) = (
      HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
    )
    let opened = Opened()
    let opening = WebSocketOpening(path: "/", host: "a.test", deadline: .distantFuture, http: [request, answer]) {
      try $0.addWebSocket(behind: $1, limits: .standard, permit: SendingPermit())
    }
    try! channel.pipeline.syncOperations.addHandlers([request, answer, opening, opened])
    try! channel.connect(to: address).wait()
    for part in halves(of: bytes) where channel.isActive { try? channel.writeInbound(ByteBuffer(bytes: part)) }
    channel.embeddedEventLoop.run()
    precondition(!opened.isOpen, "a WebSocket is open without an answer to the key")
    _ = try? channel.finish(acceptAlreadyClosed: true)
  }
}
