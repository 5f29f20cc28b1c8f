import Glibc

/// Stands where the service manager would: a datagram socket with an abstract address, named by `NOTIFY_SOCKET`. Only
/// for the process of an exit test, since the environment belongs to the whole process.
struct NotifySocket {
  let descriptor: Int32

  init() {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    let name = "sipregd-notify-\(getpid())"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      for (index, byte) in name.utf8.enumerated() { path[1 + index] = byte }
    }
    let length = MemoryLayout<sa_family_t>.size + 1 + name.utf8.count
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
    }
    precondition(bound == 0, "cannot bind \(name): \(errno)")
    setenv("NOTIFY_SOCKET", "@" + name, 1)
  }

  /// The next datagram; empty when there is none.
  func next() -> String {
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : ""
  }
}
