import Glibc

/// The listening Unix socket in the file system: who may reach it is decided here, by the modes of the socket and of
/// its directory. Nothing that is not a dead socket of an earlier run is ever removed.
package enum ControlSocket {
  package enum Failure: Error, Sendable, Equatable {
    case pathTooLong(String, limit: Int)
    /// Something that is not a socket has the name: a file, a directory, a symbolic link.
    case notASocket(String)
    /// Another daemon listens there.
    case inUse(String)
    case system(call: String, path: String, errno: Int32)
  }

  static let mode: mode_t = 0o660
  static let directoryMode: mode_t = 0o750

  /// A bound socket; NIO makes it listen.
  static func bind(path: String) throws(Failure) -> Int32 {
    var address = try socketAddress(path)
    try makeDirectory(of: path)
    try removeDeadSocket(path, address)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
    do throws(Failure) {
      // Linux gives the file the mode of the socket: without it, everyone could connect until the chmod below.
      guard fchmod(descriptor, mode) == 0 else { throw .system(call: "fchmod", path: path, errno: errno) }
      guard withSocketAddress(&address, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
        throw .system(call: "bind", path: path, errno: errno)
      }
      // The umask may have taken the group's bits away.
      guard chmod(path, mode) == 0 else { throw .system(call: "chmod", path: path, errno: errno) }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Removes the socket at the end, unless another daemon's has taken its place.
  static func remove(path: String, identity: Identity?) {
    if let identity, Identity(path: path) == identity { unlink(path) }
  }

  /// Which file a path means at this moment.
  struct Identity: Equatable, Sendable {
    private let device: UInt
    private let inode: UInt

    init?(path: String) {
      var status = stat()
      guard lstat(path, &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
    }
  }

  private static func makeDirectory(of path: String) throws(Failure) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    let directory = String(path[..<slash])
    guard mkdir(directory, directoryMode) == 0 || errno == EEXIST else {
      throw .system(call: "mkdir", path: directory, errno: errno)
    }
  }

  private static func removeDeadSocket(_ path: String, _ address: sockaddr_un) throws(Failure) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw .system(call: "lstat", path: path, errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw .system(call: "socket", path: path, errno: errno) }
    defer { close(probe) }
    var address = address
    let result = withSocketAddress(&address) { connect(probe, $0, $1) }
    // Only a refusal proves that nobody listens: EAGAIN is a full backlog, EACCES another user's daemon.
    guard result != 0, errno == ECONNREFUSED else { throw .inUse(path) }
    guard unlink(path) == 0 else { throw .system(call: "unlink", path: path, errno: errno) }
  }

  private static func socketAddress(_ path: String) throws(Failure) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    let bytes = Array(path.utf8)
    guard bytes.count < capacity, !bytes.contains(0) else { throw .pathTooLong(path, limit: capacity - 1) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return address
  }

  private static func withSocketAddress(
    _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}

extension ControlSocket.Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .pathTooLong(let path, let limit): "\(path): the path of a socket has at most \(limit) bytes"
    case .notASocket(let path): "\(path): exists and is not a socket; it was left alone"
    case .inUse(let path): "\(path): another daemon listens there"
    case .system(let call, let path, let errno): "\(path): \(call): \(String(cString: strerror(errno)))"
    }
  }
}
