import SIPMessage
import SIPTransaction

/// What an answer that ends nothing wants.
package enum Step: Sendable, Equatable {
  /// 401, 407: credentials.
  case challenged(status: Int)
  /// 423: so many seconds at least.
  case longerInterval(UInt32)
  /// 420, 421, 439: these are offered from now on, where others were.
  case extensions(status: Int, offered: Extensions)
  /// 300, 301, 302, 305: another place.
  case redirected(status: Int, URI)
}

/// What happened to a next hop that accounts share.
package enum HopReport: Sendable, Equatable {
  /// It fails everybody, the last one so: one account asks it, the others wait or go elsewhere.
  case silent(Failure)
  /// So many accounts follow now.
  case answers(after: Duration, waiting: Int)
  /// Of several registrars beyond it this one fails everybody.
  case registrarSilent(URI, Failure)
  case registrarAnswers(URI, after: Duration, waiting: Int)
  /// The flow over this target holds nothing any more, and so many accounts that were bound over it register anew.
  case flowFailed(Target, FlowFailure, accounts: Int)
}

/// What happened to a registration, for the journal and for whoever watches.
package enum Report: Sendable, Equatable {
  case registered(Binding)
  /// As before, for longer.
  case refreshed(Binding)
  /// It is registered, and this is odd about it.
  case noticed(Notice)
  /// An answer led to another REGISTER in the same attempt.
  case step(Step)
  /// What came as an answer could not be used.
  case discarded(Flaw)
  /// The old binding ended before a new one was granted.
  case lapsed
  /// Everything failed; the next attempt is at the instant.
  case failed(Failure, next: Instant)
  /// At rest; nil: until an operator says otherwise.
  case paused(PauseReason, Failure?, probe: Instant?)
  case resumed
  case unregistered
  /// An un-REGISTER got no good answer: the binding stays until it expires.
  case unregisterFailed(Failure)
}
