import Glibc
import SIPMessage
import Testing

/// A socket that waits for one datagram, and answers it.
final class Peer: Sendable {
  let endpoint: Endpoint
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    endpoint = Endpoint(address: .v4(0x7F00_0001), port: UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }

  /// Empty when no message comes for half a minute. From then on the socket is connected to who sent it. Line ends are no
  /// message: a daemon that hears nothing for a while sounds out with them whether somebody is there.
  ///
  /// It holds no thread meanwhile: tests that run at once have as many as there are processors, and so has the daemon.
  /// Turns are counted, not seconds: what keeps this task from its turn keeps those of the daemon from theirs.
  func receive() async throws -> [UInt8] {
    for _ in 0..<6_000 {
      if isReadable {
        let bytes = take()
        if bytes.contains(where: { $0 != 0x0D && $0 != 0x0A }) { return bytes }
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    return []
  }

  private var isReadable: Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, 0) == 1
  }

  private func take() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var source = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = withUnsafeMutablePointer(to: &source) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { source in
        let count = recvfrom(descriptor, &bytes, bytes.count, 0, source, &length)
        return connect(descriptor, source, length) == 0 ? count : -1
      }
    }
    return Array(bytes.prefix(max(count, 0)))
  }

  func reply(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, 0) }
}
