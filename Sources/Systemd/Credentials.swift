import Glibc

/// Secrets that the service manager hands over as files that only this service can read (LoadCredential=,
/// systemd.exec(5), `$CREDENTIALS_DIRECTORY`). Reads one by its name; never follows a link and never leaves the
/// directory.
package struct Credentials: Sendable {
  /// Bytes of one credential; the manager has the same limit.
  package static let longest = 1 << 20

  package let directory: String

  package init(directory: String) { self.directory = directory }

  package func read(_ name: String) throws(CredentialError) -> [UInt8] {
    guard Self.isName(name) else { throw .name }
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .system(errno) }
    defer { close(folder) }
    // O_NONBLOCK: a FIFO in the way must not hold up the start.
    let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw .system(errno) }
    defer { close(file) }

    var status = stat()
    guard fstat(file, &status) == 0 else { throw .system(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    return try Self.contents(of: file)
  }

  private static func contents(of file: Int32) throws(CredentialError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    var count = 0
    while true {
      let room = bytes.count - count
      let read = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, room) }
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw .system(errno) }
      guard read > 0 else { break }
      count += read
      guard count <= longest else { throw .tooLong }
      if count == bytes.count { bytes += [UInt8](repeating: 0, count: count) }
    }
    return Array(bytes.prefix(count))
  }

  /// One component of a path, as systemd's own rule for credential names has it.
  static func isName(_ name: String) -> Bool {
    name != "." && name != ".." && (1...255).contains(name.utf8.count)
      && name.utf8.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
  }
}

package enum CredentialError: Error, Equatable {
  /// Not the name of a credential.
  case name
  /// A folder, a device or the like.
  case notAFile
  /// More than `Credentials.longest` bytes.
  case tooLong
  /// errno: ENOENT when there is no such credential, ELOOP for a link.
  case system(Int32)
}
