/// Whether what must survive is on disk. A store that is not well stops no registration: what cannot be written waits in
/// memory until it can be.
package enum StateHealth: Sendable, Equatable {
  case good
  /// For an operator: what failed, as the system says it. The newest record of each account waits.
  case degraded(reason: String)
  /// It is written, and a start of now could not read it.
  case closed(reason: String)
  /// A new file took the place of one that was lost: it lacks what only memory has. Whoever has that gives all of it to
  /// the store, and tells it so (`RecordStore.complete`).
  case incomplete(loss: Int, reason: String)
}

/// Another process has the state directory. Two daemons would use the same Call-IDs with the same CSeqs.
package struct StateInUse: Error, Equatable, CustomStringConvertible {
  package let directory: String

  package init(directory: String) { self.directory = directory }

  package var description: String { "the state in \(directory) is in use by another sipregd or by sqlite3" }
}
