import SIPMessage

/// What a registration is, what it waits for, and what its machine answers.
extension Registration {
  package enum State: Sendable, Equatable {
    /// The first attempt is due at `start`.
    case unregistered(start: Instant)
    /// Nothing bound, a REGISTER in flight.
    case registering(failures: Int32)
    case registered(refreshAt: Instant)
    /// Bound, and a REGISTER in flight: the expiry moves only on its 2xx.
    case refreshing(failures: Int32)
    /// Back-off; the old binding may still be alive.
    case waiting(until: Instant, failures: Int32)
    /// At rest, until an operator or a slow probe.
    case paused(PauseReason, probe: Instant?)
    case unregistering(next: AfterUnregistering)
    /// Un-REGISTERed at the end of the daemon, or taken out: nothing comes any more.
    case ended
  }

  /// What an un-REGISTER is for.
  package enum AfterUnregistering: Sendable, Equatable { case rest, stop, forget }

  package enum DueAction: Sendable, Equatable {
    case none
    case start
    /// The binding is over; nothing has replaced it.
    case lapsed
    /// The binding is over, and an attempt starts.
    case lapsedAndStart
  }

  package enum EndAction: Sendable, Equatable {
    case none
    /// What an operator asked for meanwhile: un-REGISTER.
    case unregister
    /// Resumed while it was being paused: REGISTER.
    case register
    case rest
    case stopped
    case forget
  }

  // MARK: What follows from the state

  package var failures: Int {
    switch state {
    case .registering(let failures), .refreshing(let failures), .waiting(_, let failures): Int(failures)
    case .unregistered, .registered, .paused, .unregistering, .ended: 0
    }
  }

  /// When `due` has to be called; nil while only an answer, or an operator, moves it on.
  package var deadline: Instant? {
    switch state {
    case .unregistered(let start): start
    // The floor between two REGISTERs may leave no room for a refresh before the end.
    case .registered(let refreshAt): Instant.earliest(refreshAt, binding?.expiresAt)
    case .refreshing: binding?.expiresAt
    case .waiting(let until, _): Instant.earliest(until, binding?.expiresAt)
    case .paused(_, let probe): Instant.earliest(probe, binding?.expiresAt)
    case .registering, .unregistering, .ended: nil
    }
  }

  /// When it does something of itself; nil while something is being done, or when nothing will be.
  package var nextAttempt: Instant? {
    switch state {
    case .unregistered(let start): start
    case .registered(let refreshAt): refreshAt
    case .waiting(let until, _): until
    case .paused(_, let probe): probe
    case .registering, .refreshing, .unregistering, .ended: nil
    }
  }
}
