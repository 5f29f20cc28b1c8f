import NIOCore

/// What waits in a connection: the bytes that are being written, and those behind them.
///
/// All that came together is written together. A peer that does not read so costs what it left unread, where a write for
/// each message would cost five times that.
struct Outgoing {
  /// What one write takes, about: a batch beyond it goes in parts.
  static let usualWrite = 16_384

  private var waiting = ByteBuffer()
  private var waitingMessages = 0
  private var written = (bytes: 0, messages: 0)

  init() {}

  /// All that has not left yet.
  var bytes: Int { waiting.readableBytes + written.bytes }
  var messages: Int { waitingMessages + written.messages }
  var isEmpty: Bool { bytes == 0 }

  /// - Parameter asFrame: in a WebSocket frame of its own
  mutating func append(_ outbound: Outbound, asFrame: Bool = false) {
    if asFrame { waiting.writeFrame(message: outbound.bytes) } else { waiting.writeBytes(outbound.bytes) }
    waitingMessages += 1
  }

  mutating func append(_ bytes: some Sequence<UInt8>) { waiting.writeBytes(bytes) }

  /// What is to be written now; nil: nothing, or something is under way.
  mutating func next() -> (bytes: ByteBuffer, messages: Int)? {
    guard written.bytes == 0, waiting.readableBytes > 0 else { return nil }
    written = (waiting.readableBytes, waitingMessages)
    defer { (waiting, waitingMessages) = (ByteBuffer(), 0) }
    return (waiting, waitingMessages)
  }

  /// What `next` gave was written.
  mutating func left() { written = (0, 0) }
}
