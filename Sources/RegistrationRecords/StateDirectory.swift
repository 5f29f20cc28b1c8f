import Glibc

/// The directory of the state, held against every other process for as long as this value lives. The lock is on the
/// directory itself, so that it needs no file and works where nothing can be written; a crash lets it go.
struct StateDirectory: ~Copyable {
  enum Failure: Error {
    case inUse
    case unavailable(reason: String)

    var reason: String {
      switch self {
      case .inUse: "another sipregd uses the directory"
      case .unavailable(let reason): reason
      }
    }
  }

  /// A process that has ended, or a child between its birth and its own program, holds the lock for a moment longer;
  /// SQLite waits as long for its file.
  private static let patience = Duration.seconds(2)
  private static let pause: useconds_t = 10_000

  let path: String
  private let descriptor: Int32

  /// Makes the directory when only it is missing. Waits for two seconds at most for whoever has it.
  init(_ path: String) throws(Failure) {
    if mkdir(path, 0o750) != 0, errno != EEXIST, errno != EROFS, errno != EACCES {
      throw .unavailable(reason: "cannot make \(path): \(SystemError.current().reason)")
    }
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unavailable(reason: "cannot open \(path): \(SystemError.current().reason)")
    }
    if let code = Self.lock(descriptor) {
      close(descriptor)
      if code == EWOULDBLOCK { throw .inUse }
      throw .unavailable(reason: "cannot lock \(path): \(SystemError(code: code).reason)")
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// - Returns: nil, or why not.
  private static func lock(_ descriptor: Int32) -> Int32? {
    let end = ContinuousClock.now + patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR, ContinuousClock.now < end else { return code }
      usleep(pause)
    }
    return nil
  }

  /// A new file is not there after a power cut before its directory has been written too.
  func synchronize() { fsync(descriptor) }

  func contains(_ name: String) -> Bool {
    var status = stat()
    return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
  }

  func containsFile(_ name: String) -> Bool {
    var status = stat()
    return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Makes an empty file that only we can read, unless it is there.
  func makeFile(_ name: String) throws(Failure) {
    let file = openat(descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .unavailable(reason: "cannot open \(path)/\(name): \(SystemError.current().reason)")
    }
    close(file)
  }

  func rename(_ name: String, to other: String) throws(Failure) {
    guard renameat(descriptor, name, descriptor, other) == 0 else {
      throw .unavailable(reason: "cannot rename \(path)/\(name): \(SystemError.current().reason)")
    }
  }
}
