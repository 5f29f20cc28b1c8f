import NIOCore
import NIOWebSocket

/// Puts the frames of a server together to messages (RFC 6455 §5.4), for a client that has agreed to no extension.
struct WebSocketAssembly {
  enum Received: Equatable {
    /// Be it text or binary: RFC 7118 §4.2 has both mean the same.
    case message([UInt8])
    case ping(ByteBuffer)
    case pong
    /// The server ends the connection, with its code (§7.4) if it gives one.
    case close(UInt16?)
  }

  /// What ends the connection (§7.1.7).
  enum Defect: Error, Equatable {
    case masked, reservedBits, unknownKind, fragmentOutOfPlace, tooLarge

    var words: String {
      switch self {
      case .masked: "a WebSocket frame of a server that is masked"
      case .reservedBits: "a WebSocket frame of an extension that nobody asked for"
      case .unknownKind: "a WebSocket frame of an unknown kind"
      case .fragmentOutOfPlace: "WebSocket frames that do not continue each other"
      case .tooLarge: "the message is larger than the limit"
      }
    }

    /// §7.4.1
    var code: UInt16 { self == .tooLarge ? 1_009 : 1_002 }
  }

  /// Frames without a byte could follow each other for ever.
  static let maximumFragments = 1_024

  private let limit: Int
  private var begun: [UInt8]?
  private var fragments = 0

  /// - Parameter limit: bytes of a message
  init(limit: Int) { self.limit = limit }

  /// Bytes of a message that is not whole.
  var pending: Int { begun?.count ?? 0 }

  /// - Returns: nil when more has to come
  mutating func take(_ frame: WebSocketFrame) throws(Defect) -> Received? {
    guard frame.maskKey == nil else { throw .masked }
    guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { throw .reservedBits }
    switch frame.opcode {
    case .ping: return .ping(frame.data)
    case .pong: return .pong
    case .connectionClose:
      var data = frame.data
      return .close(data.readInteger())
    case .text, .binary:
      guard begun == nil else { throw .fragmentOutOfPlace }
      return try append(frame, to: [])
    case .continuation:
      guard let begun else { throw .fragmentOutOfPlace }
      return try append(frame, to: begun)
    default: throw .unknownKind
    }
  }

  private mutating func append(_ frame: WebSocketFrame, to before: [UInt8]) throws(Defect) -> Received? {
    fragments += 1
    guard before.count + frame.data.readableBytes <= limit, fragments <= Self.maximumFragments else { throw .tooLarge }
    // Whoever holds it must not copy it for each frame.
    begun = nil
    var message = before
    message.append(contentsOf: frame.data.readableBytesView)
    guard frame.fin else {
      begun = message
      return nil
    }
    fragments = 0
    return .message(message)
  }
}
