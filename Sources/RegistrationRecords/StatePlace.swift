import Glibc

/// Where the state was when it was opened, and whether a later start would find it there: what is written to a file goes
/// on being written when its name is gone, and nobody sees it.
struct StatePlace {
  enum Trouble {
    /// What is written from here on is for nobody.
    case lost(reason: String)
    /// It is there, and could not be read or not be written by a process of this user that begins now.
    case closed(reason: String)
  }

  private let path: String
  private let directory: FileIdentity
  /// By their names: what they were when they were seen first.
  private var files: [(name: String, identity: FileIdentity?)]

  /// nil when it is not where it was opened just now.
  init?(_ path: String) {
    guard let directory = FileIdentity(path) else { return nil }
    self.path = path
    self.directory = directory
    files = [StateFile.name, StateFile.logName].map { ($0, FileIdentity("\(path)/\($0)")) }
    if files[0].identity == nil { return nil }
  }

  /// Whether this is the same file as that of another time.
  func hasSameFile(as other: StatePlace) -> Bool { files[0].identity == other.files[0].identity }

  var isDirectoryThere: Bool { FileIdentity(path) == directory }

  /// Looks at the names as they are now; nil: all is well.
  mutating func trouble() -> Trouble? {
    if let trouble = trouble(of: path, expected: directory, mode: R_OK | W_OK | X_OK) { return trouble }
    for index in files.indices {
      let path = "\(path)/\(files[index].name)"
      if let identity = files[index].identity {
        if let trouble = trouble(of: path, expected: identity, mode: R_OK | W_OK) { return trouble }
      } else {
        // The log comes with the first write.
        files[index].identity = FileIdentity(path)
      }
    }
    return nil
  }

  private func trouble(of path: String, expected: FileIdentity, mode: Int32) -> Trouble? {
    guard let found = FileIdentity(path) else {
      let code = errno
      let reason = "\(path): \(SystemError(code: code).reason)"
      return code == ENOENT || code == ENOTDIR ? .lost(reason: reason) : .closed(reason: reason)
    }
    guard found == expected else { return .lost(reason: "\(path) is another one than was opened") }
    guard faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 else {
      return .closed(reason: "\(path): \(SystemError.current().reason)")
    }
    return nil
  }
}

/// Which file a path means at this moment.
struct FileIdentity: Equatable {
  private let device: UInt
  private let inode: UInt

  /// nil: none, and `errno` says why.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
  }
}
