import Glibc
import RegistrationControl

/// A plain blocking client of the control socket: one connection, one call.
struct ControlClient: ~Copyable {
  enum Failure: Error {
    case notRunning(path: String)
    case notPermitted(path: String)
    case noAnswer(path: String)
    case closed(path: String)
    case defect(VarlinkDefect)
    case system(call: String, path: String, errno: Int32)
  }

  /// How long the daemon may take for a reply.
  enum Patience {
    case usual
    /// Beyond what was asked for, in seconds.
    case beyond(seconds: Int)
    case endless

    fileprivate var seconds: Int? {
      switch self {
      case .usual: 30
      case .beyond(let seconds): seconds + 30
      case .endless: nil
      }
    }
  }

  private let descriptor: Int32
  private let path: String

  init(path: String, patience: Patience) throws(Failure) {
    descriptor = try Self.open(path)
    self.path = path
    if let seconds = patience.seconds {
      var patience = timeval(tv_sec: seconds, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  /// Gives each reply to `body` until the last one. Throws `ControlError` when the daemon answers with an error.
  func call<Parameters: ReplyParameters>(
    _ call: ControlCall, more: Bool, each body: (Parameters) throws -> Void
  ) throws {
    try send(call.frame(more: more))
    var framer = VarlinkFramer(limit: VarlinkFramer.maximumReply)
    while true {
      guard let frame = try checked({ () throws(VarlinkDefect) in try framer.next() }) else {
        framer.append(try receive())
        continue
      }
      let reply = try checked { () throws(VarlinkDefect) in try ControlReply<Parameters>.read(frame: frame) }.get()
      try body(reply.parameters)
      if !reply.continues { return }
    }
  }

  private func checked<Value>(_ body: () throws(VarlinkDefect) -> Value) throws(Failure) -> Value {
    do { return try body() } catch { throw .defect(error) }
  }

  private func send(_ bytes: [UInt8]) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent >= 0 {
        rest = rest.dropFirst(sent)
      } else if errno != EINTR {
        throw errno == EPIPE ? .closed(path: path) : .system(call: "send", path: path, errno: errno)
      }
    }
  }

  private func receive() throws(Failure) -> [UInt8] {
    while true {
      var number: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        number = received < 0 ? errno : 0
        count = max(0, received)
      }
      switch number {
      case 0 where bytes.isEmpty, ECONNRESET: throw .closed(path: path)
      case 0: return bytes
      case EINTR: continue
      case EAGAIN: throw .noAnswer(path: path)
      default: throw .system(call: "recv", path: path, errno: number)
      }
    }
  }

  private static func open(_ path: String) throws(Failure) -> Int32 {
    var address = try socketAddress(path)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    let number = errno
    if result == 0 { return descriptor }
    close(descriptor)
    switch number {
    case ENOENT, ECONNREFUSED: throw .notRunning(path: path)
    case EACCES, EPERM: throw .notPermitted(path: path)
    default: throw .system(call: "connect", path: path, errno: number)
    }
  }

  private static func socketAddress(_ path: String) throws(Failure) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw .system(call: "connect", path: path, errno: ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return address
  }
}

extension ControlClient.Failure: CustomStringConvertible {
  var exitStatus: ExitStatus {
    switch self {
    case .notRunning, .noAnswer, .closed, .system: .notRunning
    case .notPermitted: .notPermitted
    case .defect: .refused
    }
  }

  var description: String {
    switch self {
    case .notRunning(let path): "sipregd is not running: nobody listens at \(path)"
    case .notPermitted(let path): "\(path) may be opened by root and by the socket's group only"
    case .noAnswer(let path): "sipregd at \(path) does not answer"
    case .closed(let path):
      "sipregd at \(path) closed the connection: it stopped, has too many clients, or this one read too slowly"
    case .defect(let defect): "the answer cannot be read: \(defect)"
    case .system(let call, let path, let errno): "\(path): \(call): \(String(cString: strerror(errno)))"
    }
  }
}
