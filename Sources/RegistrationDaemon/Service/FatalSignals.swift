import Glibc

/// Signals that end a process. Where Swift's run-time library is linked dynamically, it catches them to print where the
/// threads are, and goes on behind one that came from outside: systemd's SIGABRT to a daemon that is stuck would be a
/// long line in the journal.
package enum FatalSignals {
  static let all = [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGSYS, SIGTRAP]

  /// Each of them ends the process at once.
  package static func restoreDefaults() { for number in all { signal(number, SIG_DFL) } }
}
