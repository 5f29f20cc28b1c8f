import Glibc

/// A file of the configuration, open for reading. What it is, how long it is and who may change it is asked of the open
/// descriptor, so that what was checked is what is read.
///
/// Only a file on a disk is opened: a FIFO holds up whoever waits for its writer, a device has no end, and what the kernel
/// shows as files may be used up by reading it. A file system that hangs (NFS) still holds up whoever reads from it.
struct SourceFile: ~Copyable {
  private let descriptor: Int32
  /// The permission bits.
  let mode: mode_t
  let owner: uid_t
  let group: gid_t
  /// In bytes; 0 for a file of the kernel's.
  let size: Int

  struct Failure: Error {
    /// As the system says it: "No such file or directory".
    let reason: String

    init(reason: String) { self.reason = reason }

    init(code: Int32) { reason = String(cString: strerror(code)) }

    static func current() -> Failure { Failure(code: errno) }
  }

  /// - Parameter ofKernel: whether it is one of those below /proc and /sys.
  static func open(_ path: String, ofKernel: Bool = false) throws(Failure) -> SourceFile {
    // An embedded NUL would name another file than the one that is shown.
    guard !path.utf8.contains(0) else { throw Failure(reason: "the path contains a NUL") }
    var status = stat()
    // Before it is opened, since some devices act on that, and after it, since paths change.
    guard stat(path, &status) == 0 else { throw .current() }
    try checkKind(status.st_mode)
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw .current() }
    guard fstat(descriptor, &status) == 0 else {
      let failure = Failure.current()
      close(descriptor)
      throw failure
    }
    let file = SourceFile(descriptor: descriptor, status)
    try checkKind(status.st_mode)
    if !ofKernel, kernelDevices.contains(status.st_dev) {
      throw Failure(reason: "it is the kernel's, not a file on a disk")
    }
    return file
  }

  private init(descriptor: Int32, _ status: stat) {
    self.descriptor = descriptor
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  private static func checkKind(_ mode: mode_t) throws(Failure) {
    switch mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw Failure(code: EISDIR)
    case S_IFIFO: throw Failure(reason: "it is a pipe, not a file on a disk")
    case S_IFSOCK: throw Failure(reason: "it is a socket, not a file on a disk")
    default: throw Failure(reason: "it is a device, not a file on a disk")
    }
  }

  /// What is mounted where the kernel shows itself; where nothing is, the directory belongs to what is above it.
  private static let kernelDevices: [dev_t] = {
    func device(_ path: String) -> dev_t? {
      var status = stat()
      return stat(path, &status) == 0 ? status.st_dev : nil
    }
    let root = device("/")
    return ["/proc", "/sys", "/sys/kernel/tracing", "/sys/kernel/debug"].compactMap(device).filter { $0 != root }
  }()

  /// The permissions of users who are neither the owner nor of the file's group to read or change it.
  static let openToOthers: mode_t = 0o006

  var isOpenToOthers: Bool { mode & Self.openToOthers != 0 }

  /// Appends at most so many bytes; returns how many, 0 at the end.
  func read(upTo count: Int, into bytes: inout [UInt8]) throws(Failure) -> Int {
    let result = withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { block -> Result<Int, Failure> in
      while true {
        let length = Glibc.read(descriptor, block.baseAddress, count)
        if length < 0, errno == EINTR { continue }
        if length < 0 { return .failure(.current()) }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: block[..<length]))
        return .success(length)
      }
    }
    return try result.get()
  }

  /// The whole file; nil when it is longer than the limit.
  func readAll(limit: Int) throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    while try read(upTo: 65_536, into: &bytes) > 0 {
      if bytes.count > limit { return nil }
    }
    return bytes
  }
}
