import NIOCore
import NIOEmbedded
import NIOWebSocket
import SIPMessage
import Testing

@testable import SIPTransport

/// What comes out of the frames of a WebSocket (RFC 6455 §5, RFC 7118 §5), without a connection.
@Suite final class WebSocketFramingTests {
  private let channel = EmbeddedChannel()
  private let permit = SendingPermit()
  private static let text = Array(message("m").utf8)

  init() throws {
    let limits = Limits.standard
    let framing = WebSocketFraming(limits: limits, permit: permit)
    let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limits.messageSize))
    try channel.pipeline.syncOperations.addHandlers([decoder, framing])
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 80)).wait()
  }

  // Its handlers hold it until it has ended.
  deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

  /// A frame as a server sends it.
  private static func frame(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = false) -> [UInt8] {
    let mask: UInt8 = isMasked ? 0x80 : 0
    let length =
      payload.count < 126
      ? [mask | UInt8(payload.count)] : [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    return [first] + length + (isMasked ? [0, 0, 0, 0] : []) + payload
  }

  private func read(_ bytes: [UInt8]) throws -> StreamRead? {
    try channel.writeInbound(ByteBuffer(bytes: bytes))
    return try channel.readInbound(as: StreamRead.self)
  }

  /// What a frame of ours says: its first byte, and the payload without its mask.
  private func sent() throws -> (first: UInt8, payload: [UInt8])? {
    guard var buffer = try channel.readOutbound(as: ByteBuffer.self) else { return nil }
    let (first, second) = (buffer.readInteger(as: UInt8.self)!, buffer.readInteger(as: UInt8.self)!)
    #expect(second & 0x80 != 0, "a client masks what it sends")
    let mask = WebSocketMaskingKey(buffer.readBytes(length: 4)!)!
    #expect(buffer.readableBytes == Int(second & 0x7F))
    buffer.webSocketUnmask(mask)
    return (first, Array(buffer.readableBytesView))
  }

  @Test(arguments: [UInt8(0x81), 0x82])
  func oneFrameIsOneMessageBeItTextOrBinary(_ first: UInt8) throws {
    let read = try #require(try read(Self.frame(first, Self.text)))
    #expect(read.messages == [Self.text])
    #expect(read.unfinished == 0)
  }

  /// RFC 7118 §5: the end of the message is that of the frame.
  @Test func aMessageNeedsNoContentLength() throws {
    let text = Array("OPTIONS sip:b SIP/2.0\r\n\r\nhello".utf8)
    #expect(try read(Self.frame(0x81, text))?.messages == [text])
  }

  @Test func framesThatAreCutAnywhereAreTheSame() throws {
    let bytes = Self.frame(0x81, Self.text) + Self.frame(0x89, [1]) + Self.frame(0x82, Self.text)
    for byte in bytes { try channel.writeInbound(ByteBuffer(bytes: [byte])) }
    var messages: [[UInt8]] = []
    while let read = try channel.readInbound(as: StreamRead.self) { messages += read.messages }
    #expect(messages == [Self.text, Self.text])
  }

  @Test func partsArePutTogetherAndControlFramesMayComeBetween() throws {
    let parts = [Array(Self.text[..<10]), Array(Self.text[10..<20]), Array(Self.text[20...])]
    #expect(try read(Self.frame(0x01, parts[0]))?.unfinished == 10)
    #expect(try read(Self.frame(0x89, Array("are you there".utf8)))?.messages == [])
    let pong = try #require(try sent())
    #expect(pong.first == 0x8A && pong.payload == Array("are you there".utf8))
    #expect(try read(Self.frame(0x00, parts[1]))?.unfinished == 20)
    #expect(try read(Self.frame(0x80, parts[2]))?.messages == [Self.text])
  }

  @Test func ourPingIsAnsweredOnce() throws {
    #expect(try read(Self.frame(0x8A, []))?.hasPong == false)
    channel.pipeline.triggerUserOutboundEvent(KeepAlive.ping, promise: nil)
    #expect(try sent()?.first == 0x89)
    #expect(try read(Self.frame(0x8A, []))?.hasPong == true)
    #expect(try read(Self.frame(0x8A, []))?.hasPong == false)
  }

  /// RFC 7118 §6, RFC 5626 §4.4.1
  @Test func lineEndsAreKeepAlivesHereToo() throws {
    #expect(try read(Self.frame(0x81, [0x0D, 0x0A, 0x0D, 0x0A]))?.pings == 1)
    let answer = try #require(try sent())
    #expect(answer.first == 0x81 && answer.payload == [0x0D, 0x0A])
    channel.pipeline.triggerUserOutboundEvent(KeepAlive.ping, promise: nil)
    #expect(try read(Self.frame(0x82, [0x0D, 0x0A]))?.hasPong == true)
  }

  @Test(arguments: [
    (frame(0x81, text, isMasked: true), "a WebSocket frame of a server that is masked"),
    (frame(0xC1, text), "a WebSocket frame of an extension that nobody asked for"),
    (frame(0x83, text), "a WebSocket frame of an unknown kind"),
    (frame(0x8B, []), "a WebSocket frame of an unknown kind"),
    (frame(0x80, text), "WebSocket frames that do not continue each other"),
    (frame(0x01, text) + frame(0x81, text), "WebSocket frames that do not continue each other"),
    (frame(0x09, []), "a WebSocket frame that can not be read"),
    (frame(0x89, [UInt8](repeating: 1, count: 126)), "a WebSocket frame that can not be read"),
    ([0x81, 127, 0, 0, 0, 0, 1, 0, 0, 0], "the message is larger than the limit"),
    ([0x81, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0], "the message is larger than the limit"),
    (
      frame(0x01, [UInt8](repeating: 1, count: 40_000)) + frame(0x80, [UInt8](repeating: 1, count: 40_000)),
      "the message is larger than the limit"
    ),
    ([UInt8](frame(0x01, []) + (0...2_000).flatMap { _ in frame(0x00, []) }), "the message is larger than the limit"),
  ])
  func whatNoServerMaySendEndsTheConnection(_ bytes: [UInt8], _ words: String) throws {
    let failure = #expect(throws: TransportFailure.self) { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
    #expect(failure == TransportFailure(.malformed, detail: words))
    let goodbye = try #require(try sent())
    #expect(goodbye.first == 0x88)
    #expect(goodbye.payload == (words.contains("limit") ? [0x03, 0xF1] : [0x03, 0xEA]))
    #expect(!channel.isActive)
  }

  @Test(arguments: [([UInt8](), true), ([0x03, 0xE8], true), ([0x03, 0xE9], true), ([0x03, 0xF0], false)])
  func aServerThatSaysGoodbyeIsAnswered(_ code: [UInt8], isInGoodOrder: Bool) throws {
    let bytes = ByteBuffer(bytes: Self.frame(0x88, code))
    if isInGoodOrder {
      try channel.writeInbound(bytes)
    } else {
      #expect(throws: TransportFailure(.closed, detail: "the peer ended the WebSocket with 1008")) {
        try channel.writeInbound(bytes)
      }
    }
    #expect(try sent()?.first == 0x88)
    #expect(!channel.isActive)
  }

  @Test func weSayGoodbyeOnce() throws {
    channel.close(promise: nil)
    let goodbye = try #require(try sent())
    #expect(goodbye.first == 0x88 && goodbye.payload == [0x03, 0xE8])
    #expect(try sent() == nil)
  }

  @Test func nothingIsSentWithoutPermit() throws {
    permit.withdraw()
    _ = try read(Self.frame(0x89, [1]))
    #expect(try sent() == nil)
  }

  @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
  func aMessageOfOursIsAFrameOfAnyLength(_ count: Int) throws {
    var buffer = ByteBuffer()
    buffer.writeFrame(message: [UInt8](repeating: 0x61, count: count))
    let server = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
    defer { _ = try? server.finish(acceptAlreadyClosed: true) }
    try server.writeInbound(buffer)
    let frame = try #require(try server.readInbound(as: WebSocketFrame.self))
    #expect(frame.fin && frame.opcode == .text && frame.maskKey != nil)
    #expect(Array(frame.unmaskedData.readableBytesView) == [UInt8](repeating: 0x61, count: count))
  }

  @Test(arguments: [(Array("é".utf8), true), ([0xE9], false), ([0x61, 0xC3], false)])
  func whatIsNoTextIsSentAsBytes(_ bytes: [UInt8], isText: Bool) {
    var buffer = ByteBuffer()
    buffer.writeFrame(message: bytes)
    #expect(buffer.getInteger(at: 0, as: UInt8.self) == (isText ? 0x81 : 0x82))
  }
}
