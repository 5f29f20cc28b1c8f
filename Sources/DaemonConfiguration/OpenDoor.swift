import Glibc

/// A file or directory of the configuration that may be changed by people who are neither root nor the daemon's own: they
/// would say what is sent, and where to. It is refused, whether or not it holds a secret.
///
/// Only the directory that holds a file is looked at, not those above it.
enum OpenDoor: Equatable, CustomStringConvertible {
  case file(String, mode: mode_t, Stranger)
  /// Whoever may change a directory may put another file in the place of this one.
  case directory(String, mode: mode_t, of: String)

  enum Stranger: Equatable {
    case everybody
    case group(gid_t)
  }

  /// nil: nobody may change the file but root, its owner and a group that is root's, the owner's or the daemon's own.
  init?(_ path: String, _ file: borrowing SourceFile) {
    let stranger = Self.stranger(mode: file.mode, owner: file.owner, group: file.group, ownGroups: Self.ownGroups)
    if let stranger {
      self = .file(path, mode: file.mode, stranger)
    } else if let (directory, mode) = Self.directories(of: path).lazy.compactMap(Self.opened).first {
      self = .directory(directory, mode: mode, of: path)
    } else {
      return nil
    }
  }

  /// - Parameter ownGroups: those of the process.
  static func stranger(mode: mode_t, owner: uid_t, group: gid_t, ownGroups: [gid_t]) -> Stranger? {
    if mode & S_IWOTH != 0 { return .everybody }
    // Users commonly have a group of their own, of the same number.
    if mode & S_IWGRP == 0 || group == 0 || group == owner || ownGroups.contains(group) { return nil }
    return .group(group)
  }

  private static let ownGroups: [gid_t] = {
    var groups = [gid_t](repeating: 0, count: max(Int(getgroups(0, nil)), 0))
    let count = getgroups(Int32(groups.count), &groups)
    return groups.prefix(max(Int(count), 0)) + [getegid()]
  }()

  /// That of the path, and that of the file which a link leads to.
  private static func directories(of path: String) -> [String] {
    let own = directory(of: path)
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let real = realpath(path, nil) else {
      return [own]
    }
    defer { free(real) }
    return [own, directory(of: String(cString: real))]
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A directory in which everybody may replace what is others': writable, without the sticky bit, and not mounted
  /// read-only, as containers have their configuration.
  private static func opened(_ directory: String) -> (directory: String, mode: mode_t)? {
    var (status, system) = (stat(), statvfs())
    guard stat(directory, &status) == 0, status.st_mode & S_IWOTH != 0, status.st_mode & S_ISVTX == 0,
      statvfs(directory, &system) != 0 || system.f_flag & UInt(ST_RDONLY) == 0
    else { return nil }
    return (directory, status.st_mode & 0o7777)
  }

  var description: String {
    switch self {
    case .file(let path, let mode, .everybody):
      "\(printable(path)) may be changed by every user (mode \(Self.octal(mode))); run: chmod o-w \(shellWord(path))"
    case .file(let path, let mode, .group(let group)):
      "\(printable(path)) may be changed by group \(group), which is neither root's nor the daemon's own "
        + "(mode \(Self.octal(mode))); run: chmod g-w \(shellWord(path))"
    case .directory(let path, let mode, let file):
      "\(printable(file)) may be replaced by every user, who may change its directory \(printable(path)) "
        + "(mode \(Self.octal(mode))); run: chmod o-w \(shellWord(path))"
    }
  }

  static func octal(_ mode: mode_t) -> String { "0" + String(mode, radix: 8) }
}

/// A path as it is given to a shell: in quotes where it has to be.
func shellWord(_ path: String) -> String {
  let isPlain = path.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "/._-+:@,".utf8.contains(byte)
    }
  }
  let shown = printable(path)
  return isPlain ? shown : "'" + shown.replacing("'", with: "'\\''") + "'"
}
