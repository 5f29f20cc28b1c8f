import NIOCore
import NIOEmbedded
import SIPMessage
import Testing

@testable import SIPTransport

/// What a stream is cut into, without a connection.
@Suite struct MessageFramingTests {
  private static let message = "OPTIONS sip:b SIP/2.0\r\nContent-Length: 2\r\n\r\nhi"

  private func read(_ parts: [String], limits: Limits = .standard) -> [StreamRead] {
    let framing = MessageFraming(limits: limits)
    return parts.map { framing.read(ByteBuffer(string: $0).readableBytesView) }
  }

  @Test func messagesAndKeepAlivesAreToldApart() {
    let read = read(["\r\n\r\n" + Self.message + "\r\n\r\n\r\n\r\n" + Self.message])[0]
    #expect(read.messages == [Self.message, Self.message].map { Array($0.utf8) })
    #expect(read.pings == 3)
    #expect(read.unfinished == 0)
    #expect(read.defect == nil)
  }

  /// Nobody has to wait for what follows a line end in order to know that it is an answer.
  @Test(arguments: [
    ("\r\n", true), ("\r\n" + message, true), (message + "\r\n", true), ("\r\n\r\n", true), (message, false),
    ("\r", false),
  ])
  func aLineEndAnswersAPing(_ text: String, isAnswer: Bool) throws {
    let bytes = ByteBuffer(string: text).readableBytesView
    #expect(!MessageFraming(limits: .standard).read(bytes).hasPong)
    let framing = MessageFraming(limits: .standard)
    let channel = EmbeddedChannel(handler: framing)
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    channel.pipeline.triggerUserOutboundEvent(KeepAlive.ping, promise: nil)
    #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "\r\n\r\n"))
    let read = framing.read(bytes)
    #expect(read.hasPong == isAnswer)
    #expect(read.messages.count == (text.contains("OPTIONS") ? 1 : 0))
    guard isAnswer else { return }
    #expect(read.unfinished == 0)
    // One answer is no two.
    #expect(!framing.read(ByteBuffer(string: "\r\n").readableBytesView).hasPong)
  }

  @Test func whatIsNotWholeIsTold() {
    let reads = read([String(Self.message.prefix(20)), String(Self.message.dropFirst(20))])
    #expect(reads.map(\.unfinished) == [20, 0])
    #expect(reads.map(\.messages.count) == [0, 1])
    #expect(reads.map(\.bytes) == [20, UInt32(Self.message.utf8.count - 20)])
  }

  @Test func whatIsOutOfStepIsHandedOnBehindWhatWasWhole() {
    let read = read([Self.message + "nonsense\r\n\r\n"])[0]
    #expect(read.messages == [Array(Self.message.utf8), Array("nonsense\r\n\r\n".utf8)])
    #expect(read.endsOutOfStep)
    #expect(read.defect == .badStartLine)
  }

  @Test func whoeverLiesAboutTheLengthIsNotHandedOn() {
    let read = read(["OPTIONS sip:b SIP/2.0\r\nContent-Length: x\r\n\r\n"])[0]
    #expect(read.messages.isEmpty)
    #expect(!read.endsOutOfStep)
    #expect(read.defect == .badContentLength)
  }

  /// NIOAny holds three words without a box.
  @Test func aReadIsNotBoxed() { #expect(MemoryLayout<StreamRead>.size <= 3 * MemoryLayout<Int>.size) }
}
