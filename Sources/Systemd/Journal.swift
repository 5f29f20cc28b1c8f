import CSystemd
import Glibc

/// The system's journal, where events keep their values as fields (sd_journal_sendv(3)).
///
/// There is one only when journald reads our standard error. Otherwise libsystemd would throw entries away without a
/// word, and the caller writes lines for people instead. An entry can block while journald is busy: send from a queue
/// that may wait. Control characters in message and values are made visible, unless a field asks to stay as it is.
package struct Journal: Sendable {
  /// syslog(3), from the end of the world to the smallest detail.
  package enum Priority: Int, Sendable {
    case emergency, alert, critical, error, warning, notice, info, debug
  }

  package struct Field: Equatable, Sendable {
    package var name: String
    package var value: String
    /// The value goes in byte for byte: a traced message has many lines.
    package var isVerbatim: Bool

    package init(_ name: String, _ value: String, verbatim: Bool = false) {
      self.name = name
      self.value = value
      isVerbatim = verbatim
    }
  }

  /// The journal behind standard error, if there is one.
  package static func behindStandardError() -> Journal? {
    getenv("JOURNAL_STREAM").flatMap { Journal(stream: String(cString: $0), descriptor: STDERR_FILENO) }
  }

  /// - Parameter stream: `device:inode` of the stream that the service manager connected to the journal; it counts only
  ///   while `descriptor` still is that stream, since a shell may have redirected it (systemd.exec(5), JOURNAL_STREAM).
  init?(stream: String, descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, stream == "\(status.st_dev):\(status.st_ino)" else { return nil }
  }

  package func send(_ message: String, priority: Priority, fields: [Field] = []) throws(JournalError) {
    var entry = try JournalEntry(message: message, priority: priority, fields: fields)
    let result = entry.withVectors { sd_journal_sendv($0.baseAddress, Int32($0.count)) }
    guard result >= 0 else { throw .system(-result) }
  }
}

package enum JournalError: Error, Equatable {
  /// Not a name that the journal takes from a client.
  case fieldName(String)
  /// errno of the attempt.
  case system(Int32)
}
