/// Whether what must survive is on disk. A degraded store stops no registration: the newest record of each account
/// waits in memory until it can be written.
package enum StateHealth: Sendable, Equatable {
  case good
  /// For an operator: what failed, as the system says it.
  case degraded(reason: String)
}

/// Another process has the state directory. Two daemons would use the same Call-IDs with the same CSeqs.
package struct StateInUse: Error, Equatable, CustomStringConvertible {
  package let directory: String

  package var description: String { "the state in \(directory) is in use by another sipregd or by sqlite3" }
}
