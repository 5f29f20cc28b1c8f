import Glibc
import SIPMessage

/// A client made of one blocking socket.
final class LoopbackClient {
  private let descriptor: CInt
  let isStream: Bool
  private(set) var port: UInt16 = 0

  init(to endpoint: Endpoint, isStream: Bool) throws {
    self.isStream = isStream
    let kind = isStream ? SOCK_STREAM : SOCK_DGRAM
    descriptor = socket(AF_INET, Int32(kind.rawValue), 0)
    // A test that waits longer than this has lost its answer.
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = endpoint.port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, size) = (descriptor, length)
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
    }
    guard isConnected else { throw NoAnswer() }
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  func send(_ request: Register) {
    let bytes = request.bytes
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  func answer(to request: Register) throws -> Message {
    send(request)
    return try receive()
  }

  func receive() throws -> Message {
    var framer = MessageFramer()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw NoAnswer() }
      if !isStream { return try Message(parsing: Array(buffer[..<count])) }
      framer.append(buffer[..<count])
      if case .message(let bytes) = try framer.next() { return try Message(parsing: bytes, as: .stream) }
    }
  }

  /// Whether nothing comes in a moment that is long for loopback.
  func hearsNothing() -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 200) == 0
  }
}
