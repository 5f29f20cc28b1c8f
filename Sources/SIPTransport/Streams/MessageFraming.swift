import NIOCore
import SIPMessage

/// What one read of a stream came to. Small enough to travel along a pipeline without being boxed.
struct StreamRead {
  var messages: [[UInt8]] = []
  /// Bytes that came, and those of a message that is not whole yet.
  var bytes: UInt32
  var unfinished: UInt32 = 0
  var pings: UInt32 = 0
  /// Nothing can be read behind it.
  var defect: FramingError?
  /// The last of `messages` is no message, but what the stream went on with out of step.
  var endsOutOfStep = false
  /// The keep-alive that was sent last is answered.
  var hasPong = false
}

/// Asks the handler that knows how peers of this kind are pinged to do so, as an outbound event.
enum KeepAlive { case ping }

/// Cuts what a stream brings into messages (RFC 3261 §18.3), for the `StreamConnection` behind it. Whatever makes plain bytes
/// of others (TLS, WebSocket) stands before it; it knows nothing of them, nor of the connection.
final class MessageFraming: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = StreamRead
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Room that is worth keeping between two messages: what is larger goes when it has been read.
  private static let usualRoom = 4_096

  private let limits: Limits
  private var framer: MessageFramer
  private var isOver = false
  private var awaitsPong = false

  init(limits: Limits) {
    self.limits = limits
    framer = MessageFramer(limits: limits)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    let buffer = unwrapInboundIn(data)
    context.fireChannelRead(wrapInboundOut(read(buffer.readableBytesView)))
  }

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    guard event is KeepAlive else { return context.triggerUserOutboundEvent(event, promise: promise) }
    awaitsPong = true
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [0x0D, 0x0A, 0x0D, 0x0A])), promise: promise)
  }

  func read(_ bytes: ByteBufferView) -> StreamRead {
    var read = StreamRead(bytes: UInt32(clamping: bytes.count))
    let before = (bytes: framer.pendingBytes, lineEnds: framer.lineEnds)
    framer.append(bytes)
    do throws(FramingError) {
      while let frame = try framer.next() {
        switch frame {
        case .message(let bytes): read.messages.append(bytes)
        case .ping: read.pings += 1
        }
      }
    } catch {
      end(&read, error)
    }
    if awaitsPong {
      framer.takeLineEnd()
      // A line end twice may be two answers as well as a ping: either way somebody is there.
      read.hasPong = framer.lineEnds > before.lineEnds || read.pings > 0
      awaitsPong = !read.hasPong
    }
    read.unfinished = UInt32(clamping: framer.pendingBytes)
    if framer.pendingBytes == 0, before.bytes + bytes.count > Self.usualRoom { framer = MessageFramer(limits: limits) }
    return read
  }

  /// What is out of step is handed on when it can not be taken for a message, for somebody to count and name it.
  private func end(_ read: inout StreamRead, _ defect: FramingError) {
    isOver = true
    read.defect = defect
    guard defect == .badStartLine else { return }
    let rest = Array(framer.pending)
    guard (try? Message(parsing: rest, as: .stream)) == nil else { return }
    read.messages.append(rest)
    read.endsOutOfStep = true
  }
}
