import Glibc
import SIPUserAgent

/// A private copy of a state file that cannot be written where it is: its directory is read-only, or the disk is full.
/// SQLite needs to write in order to read what a crash left in the log, so it reads here; the identities of the accounts
/// are worth that.
///
/// Removed with its directory when this value goes.
struct StateCopy: ~Copyable {
  /// In memory first: the disk may be the trouble.
  private static let places = ["/dev/shm", "/tmp"]

  private let path: String

  /// nil when there is nothing to copy or nowhere to copy it to.
  static func make(of directory: borrowing StateDirectory) -> StateCopy? {
    guard directory.containsFile(StateFile.name), let path = makeDirectory() else { return nil }
    let copy = StateCopy(path: path)
    for name in [StateFile.name, StateFile.logName] where directory.containsFile(name) {
      // Without all of the log, an old CSeq would pass for the last one.
      guard Self.copy("\(directory.path)/\(name)", to: "\(path)/\(name)") else { return nil }
    }
    return copy
  }

  /// Gives what the original would give; false when it cannot be read either.
  func load(_ reading: StateTimes.Reading, _ each: (String, consuming RegistrationRecord) -> Void) -> Bool {
    guard let directory = try? StateDirectory(path), let file = try? StateFile(in: directory, checking: true) else {
      return false
    }
    return (try? file.load(reading, each)) != nil
  }

  /// The Contacts of the bindings name them, so they are missed as much as the identities.
  func lastPorts() -> [UInt16] {
    guard let directory = try? StateDirectory(path), let file = try? StateFile(in: directory, checking: false) else {
      return []
    }
    return (try? file.lastPorts()) ?? []
  }

  private init(path: String) { self.path = path }

  deinit {
    for name in [StateFile.name, StateFile.logName, StateFile.name + "-shm"] { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  private static func makeDirectory() -> String? {
    for place in places {
      var template = Array("\(place)/sipregd-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { continue }
      return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return nil
  }

  /// - Returns: whether all of it is there.
  private static func copy(_ source: String, to target: String) -> Bool {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { return false }
    defer { close(input) }
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { return false }
    defer { close(output) }
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(input, &block, block.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return count == 0 }
      var rest = block[..<count]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return false }
        rest = rest.dropFirst(written)
      }
    }
  }
}
