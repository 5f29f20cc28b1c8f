import NIOCore
import NIOWebSocket

extension ByteBuffer {
  /// A message as a client sends it: one frame, masked (RFC 6455 §5.1, §5.3). SIP is text where it is UTF-8 (§5.6,
  /// RFC 7118 §4.2).
  mutating func writeFrame(message: [UInt8]) {
    let isText = message.span.isASCII || String(validating: message, as: UTF8.self) != nil
    writeFrame(isText ? .text : .binary, ByteBuffer(bytes: message))
  }

  mutating func writeFrame(_ opcode: WebSocketOpcode, _ payload: ByteBuffer = ByteBuffer()) {
    let mask = WebSocketMaskingKey.random()
    let count = payload.readableBytes
    writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
    switch count {
    case ..<126: writeInteger(0x80 | UInt8(count))
    case ...Int(UInt16.max):
      writeInteger(0x80 | UInt8(126))
      writeInteger(UInt16(count))
    default:
      writeInteger(0x80 | UInt8(127))
      writeInteger(UInt64(count))
    }
    writeBytes(mask)
    var payload = payload
    payload.webSocketMask(mask)
    writeBuffer(&payload)
  }
}

extension Span<UInt8> {
  fileprivate var isASCII: Bool {
    var bits: UInt8 = 0
    for index in indices { bits |= self[index] }
    return bits < 0x80
  }
}
