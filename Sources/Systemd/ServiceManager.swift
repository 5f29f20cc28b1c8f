import CSystemd
import Glibc

/// What the daemon tells the service manager that started it: sd_notify(3), sd_watchdog_enabled(3).
///
/// Started by anything but a service manager (no `NOTIFY_SOCKET`), every call does nothing and answers false. What is
/// said here can be read by everybody on the machine (`systemctl status`): no secret belongs in it. Nothing is kept and
/// nothing is logged.
package struct ServiceManager: Sendable {
  /// Bytes of a STATUS= line. The manager reads datagrams of at most 4096 bytes and drops a longer one whole.
  package static let longestStatus = 1024

  /// Whether a service manager listens.
  package let isPresent: Bool

  /// The manager kills the service when it is silent for this long (WatchdogSec=); ping at half of it. Nil when it does
  /// not watch, or watches another process (`WATCHDOG_PID`).
  package let watchdogInterval: Duration?

  /// Reads the environment once, before other threads may change it.
  package init() {
    isPresent = getenv("NOTIFY_SOCKET").map { $0.pointee != 0 } ?? false
    var microseconds: UInt64 = 0
    let watched = sd_watchdog_enabled(0, &microseconds) > 0
    watchdogInterval = watched ? .microseconds(Int64(clamping: microseconds)) : nil
  }

  /// Start-up is done: units ordered after this one may start.
  @discardableResult
  package func ready(status: String? = nil) -> Bool {
    notify("READY=1" + (status.map { "\nSTATUS=" + Self.statusLine($0) } ?? ""))
  }

  /// One line on what goes on, for `systemctl status`.
  @discardableResult
  package func status(_ text: String) -> Bool { notify("STATUS=" + Self.statusLine(text)) }

  /// Must be the first thing a reload does; the reload ends with `ready()`. The time is what lets newer managers tell
  /// this reload from an earlier one (Type=notify-reload).
  @discardableResult
  package func reloading() -> Bool {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return notify("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
  }

  /// The daemon is on its way out, by its own will or by a signal.
  @discardableResult
  package func stopping() -> Bool { notify("STOPPING=1") }

  /// The daemon is alive and well.
  @discardableResult
  package func watchdog() -> Bool { notify("WATCHDOG=1") }

  /// Asks for this long, from now, before start, reload or stop counts as failed.
  @discardableResult
  package func extendTimeout(_ duration: Duration) -> Bool {
    notify("EXTEND_TIMEOUT_USEC=\(duration.wholeMicroseconds)")
  }

  func notify(_ state: String) -> Bool { isPresent && sd_notify(0, state) > 0 }

  static func statusLine(_ text: String) -> String {
    var line = text.onOneLine
    while line.utf8.count > longestStatus { line.removeLast() }
    return line
  }
}

extension Duration {
  /// Rounded down; nothing below zero, 292,000 years at most.
  var wholeMicroseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(min(seconds, .max / 1_000_000 - 1)) * 1_000_000 + UInt64(attoseconds / 1_000_000_000_000)
  }
}
