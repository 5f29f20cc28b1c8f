import CSystemd
import Glibc

/// Sockets that outlive the process: those that the manager opened for us (socket activation) and those that we left
/// with it (the file descriptor store), both of which come back through sd_listen_fds_with_names(3).
extension ServiceManager {
  /// Bytes of a descriptor's name (sd_pid_notify_with_fds(3), FDNAME=).
  package static let longestDescriptorName = 255

  package struct ListenDescriptor: Equatable, Sendable {
    package var descriptor: Int32
    package var name: String
  }

  /// The open descriptors handed to this process (`LISTEN_PID`), which owns them from now on. They are closed on exec.
  package static func listenDescriptors() -> [ListenDescriptor] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = sd_listen_fds_with_names(0, &names)
    guard count > 0, let names else { return [] }
    defer {
      for index in 0..<Int(count) { free(names[index]) }
      free(names)
    }
    return (0..<count).map { index in
      ListenDescriptor(
        descriptor: SD_LISTEN_FDS_START + index, name: names[Int(index)].map { String(cString: $0) } ?? "")
    }
  }

  /// Leaves a duplicate of `descriptor` with the manager (FileDescriptorStoreMax=), for the process that comes after
  /// this one. False for a name that the manager would not take.
  @discardableResult
  package func storeDescriptor(_ descriptor: Int32, name: String) -> Bool {
    guard isPresent, Self.isDescriptorName(name) else { return false }
    return withUnsafePointer(to: descriptor) {
      sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=\(name)", $0, 1) > 0
    }
  }

  /// Has the manager close all that was left with it under this name.
  @discardableResult
  package func removeStoredDescriptors(name: String) -> Bool {
    Self.isDescriptorName(name) && notify("FDSTOREREMOVE=1\nFDNAME=\(name)")
  }

  /// Printable ASCII without the colon that separates names in `LISTEN_FDNAMES`.
  static func isDescriptorName(_ name: String) -> Bool {
    (1...longestDescriptorName).contains(name.utf8.count)
      && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") }
  }
}
