import Glibc
import SIPMessage

/// The names that the host knows by itself, hosts(5): looked for line by line, and remembered until the file changes.
struct HostsFile {
  enum Limits {
    /// What is longer is no list of hosts that somebody keeps. Some block advertisements with millions of lines.
    static let bytes = 64 << 20
    /// Names of which it is remembered whether they are there; beyond it all are forgotten.
    static let names = 4_096
  }

  private let path: String
  private var version: FileVersion?
  private var known: [String: [IPAddress]] = [:]

  init(path: String = "/etc/hosts") { self.path = path }

  /// In the order of the file; empty: the name is not in it, or there is no such file.
  ///
  /// - Parameter name: in lower case
  mutating func addresses(of name: String) -> [IPAddress] {
    let current = FileVersion(of: path)
    if current != version || known.count >= Limits.names { known = [:] }
    version = current
    guard current != nil else { return [] }
    if let addresses = known[name] { return addresses }
    let addresses = Self.addresses(of: name, in: contents())
    known[name] = addresses
    return addresses
  }

  static func addresses(of name: String, in text: [UInt8]) -> [IPAddress] {
    let wanted = Array(name.utf8)
    var found: [IPAddress] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      guard words.dropFirst().contains(where: { $0.equalsIgnoringCase(wanted[...]) }),
        let address = IPAddress(words[0]), !found.contains(address)
      else { continue }
      found.append(address)
    }
    return found
  }

  private func contents() -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_size > 0 else { return [] }
    let size = min(status.st_size, Limits.bytes)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let read = read(file, buffer.baseAddress! + count, size - count)
        guard read > 0 else { return }
        count += read
      }
    }
  }
}
