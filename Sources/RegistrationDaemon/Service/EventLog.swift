import DaemonConfiguration
import Dispatch
import Glibc
import NIOConcurrencyHelpers
import RegistrationControl
import Synchronization
import Systemd

/// Writes what happens: entries with fields where a journal reads our standard error, readable lines otherwise. On a
/// queue of its own, since either may block.
package final class EventLog: Sendable {
  package struct Entry: Sendable {
    package var level: LogSettings.Level
    package var message: String
    package var fields: [(name: String, value: String)]

    package init(_ level: LogSettings.Level, _ message: String, fields: [(name: String, value: String)] = []) {
      self.level = level
      self.message = message
      self.fields = fields
    }
  }

  /// Entries that wait; more are dropped, and their number is written when there is room again.
  private static let backlog = 10_000

  /// Columns of a message.
  private static let longestMessage = 2_000

  private let queue = DispatchQueue(label: "sip.log")
  private let journal: Journal?
  private let hasPrefixes: Bool
  private let level: NIOLockedValueBox<LogSettings.Level>
  private let waiting = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  private let sink: (@Sendable (Entry) -> Void)?

  /// - Parameter sink: takes the entries in place of journal and standard error, on the log's queue
  package init(_ settings: LogSettings, sink: (@Sendable (Entry) -> Void)? = nil) {
    self.sink = sink
    level = NIOLockedValueBox(settings.level)
    switch settings.target {
    case .auto, .journal: journal = Journal.behindStandardError()
    case .stderr: journal = nil
    }
    // sd-daemon(3): a manager that reads our lines takes the level from a prefix, and stamps the time itself.
    hasPrefixes = journal == nil && getenv("INVOCATION_ID") != nil && isatty(2) == 0
  }

  package func setLevel(_ level: LogSettings.Level) { self.level.withLockedValue { $0 = level } }

  package func isWritten(_ level: LogSettings.Level) -> Bool {
    self.level.withLockedValue { Self.rank(level) >= Self.rank($0) }
  }

  package func write(_ level: LogSettings.Level, _ message: String) { write([Entry(level, message)]) }

  package func write(_ entries: [Entry]) {
    let entries = entries.filter { isWritten($0.level) }
    guard !entries.isEmpty else { return }
    guard waiting.add(entries.count, ordering: .relaxed).newValue <= Self.backlog else {
      waiting.subtract(entries.count, ordering: .relaxed)
      dropped.add(entries.count, ordering: .relaxed)
      return
    }
    queue.async { [self] in
      waiting.subtract(entries.count, ordering: .relaxed)
      let lost = dropped.exchange(0, ordering: .relaxed)
      if lost > 0 { put([Entry(.warning, "\(lost) log entries were dropped: too many at once")]) }
      put(entries)
    }
  }

  /// For what is said before there is a log: at once, and to the journal alone.
  ///
  /// - Returns: false when no journal reads our standard error.
  package static func writeToJournal(_ level: LogSettings.Level, _ lines: [String]) -> Bool {
    guard let journal = Journal.behindStandardError() else { return false }
    for line in lines { try? journal.send(line, priority: priority(level)) }
    return true
  }

  /// Returns when everything written before is out.
  package func flush() { queue.sync {} }

  private func put(_ entries: [Entry]) {
    if let sink { return entries.forEach(sink) }
    guard let journal else {
      var text: [UInt8] = []
      for entry in entries { text += line(entry).utf8 }
      text.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = Glibc.write(2, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
          guard count > 0 || errno == EINTR else { return }
          rest = rest.dropFirst(max(count, 0))
        }
      }
      return
    }
    for entry in entries {
      try? journal.send(
        Self.plain(entry.message), priority: Self.priority(entry.level),
        fields: entry.fields.map { .init($0.name, $0.value) })
    }
  }

  private func line(_ entry: Entry) -> String {
    let message = Self.plain(entry.message)
    if hasPrefixes { return "<\(Self.priority(entry.level).rawValue)>\(message)\n" }
    return "\(Self.timeOfDay) \(entry.level.rawValue): \(message)\n"
  }

  /// Parts of it may come from the network: no control characters, and not without end.
  private static func plain(_ message: String) -> String {
    PlainText.clipped(PlainText.neutralised(message), to: longestMessage)
  }

  private static var timeOfDay: String {
    var seconds = time(nil)
    var local = tm()
    localtime_r(&seconds, &local)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &local)
    return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func rank(_ level: LogSettings.Level) -> Int { LogSettings.Level.allCases.firstIndex(of: level) ?? 0 }

  private static func priority(_ level: LogSettings.Level) -> Journal.Priority {
    switch level {
    case .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    }
  }
}
