import SIPTransaction

/// The life of one registration (RFC 3261 §10.2): what is bound, what is being done, what comes next and when.
///
///     state           due              succeeded   failed    refused   refresh  pause          remove
///     unregistered    → registering    –           –         –         start    → paused       forget
///     registering     –                registered  waiting   paused    –        noted          noted
///     registered      → refreshing     –           –         –         start    unregistering  unregistering
///     refreshing      lapse: registering registered waiting  paused    –        noted          noted
///     waiting         → re/registering –           –         –         start    un/paused      un/forget
///     paused          probe            –           –         –         start*   by operator    un/forget
///     unregistering   –                ended       ended     ended     –        noted          noted
///
/// * Not when an operator paused it: that takes `resume`, which takes back a pause that is only noted, too.
///
/// How a REGISTER gets its answer (targets, routes, challenges) is `Attempt`; when to try again is told to it. What an
/// operator wants while a REGISTER is in flight is noted and done when it has ended: one in flight, never two (§10.2).
package struct Registration: Sendable {
  package enum State: Sendable, Equatable {
    /// Nothing bound; the first attempt is due at `start`.
    case unregistered(start: Instant)
    /// Nothing bound, a REGISTER in flight.
    case registering(failures: Int32)
    case registered(Binding, refreshAt: Instant)
    /// Bound, and a REGISTER in flight: the expiry moves only on its 2xx.
    case refreshing(Binding, failures: Int32)
    /// Back-off; the old binding may still be alive.
    case waiting(Binding?, until: Instant, failures: Int32)
    /// At rest, until an operator or a slow probe.
    case paused(Binding?, PauseReason, probe: Instant?)
    case unregistering(Binding?, next: AfterUnregistering)
    /// Un-REGISTERed at the end of the daemon, or taken out: nothing comes any more.
    case ended
  }

  /// What an un-REGISTER is for.
  package enum AfterUnregistering: Sendable, Equatable { case rest, stop, forget }

  /// What was asked for while a REGISTER was in flight. A later one is not undone by one before it: what is taken out
  /// of the configuration stays out, whatever an operator says.
  private enum Intent: Int, Sendable, Comparable {
    case keep, resume, pause, stop, forget

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  package private(set) var state: State
  private var intent = Intent.keep

  package init(start: Instant) { state = .unregistered(start: start) }

  /// Resumes what was alive when the process ended.
  package init(resuming binding: Binding, refreshAt: Instant) { state = .registered(binding, refreshAt: refreshAt) }

  /// Resumes an account at rest.
  package init(paused reason: PauseReason, probe: Instant?) { state = .paused(nil, reason, probe: probe) }

  // MARK: What is

  package var binding: Binding? {
    switch state {
    case .registered(let binding, _), .refreshing(let binding, _): binding
    case .waiting(let binding, _, _), .paused(let binding, _, _), .unregistering(let binding, _): binding
    case .unregistered, .registering, .ended: nil
    }
  }

  package var isInFlight: Bool {
    switch state {
    case .registering, .refreshing, .unregistering: true
    case .unregistered, .registered, .waiting, .paused, .ended: false
    }
  }

  /// A REGISTER in flight is the last that is wanted: there is no point in trying elsewhere.
  package var isEnding: Bool { intent >= .pause }

  package var failures: Int {
    switch state {
    case .registering(let failures), .refreshing(_, let failures), .waiting(_, _, let failures): Int(failures)
    case .unregistered, .registered, .paused, .unregistering, .ended: 0
    }
  }

  /// When `due` has to be called; nil while only an answer, or an operator, moves it on.
  package var deadline: Instant? {
    switch state {
    case .unregistered(let start): start
    case .registered(_, let refreshAt): refreshAt
    case .refreshing(let binding, _): binding.expiresAt
    case .waiting(let binding, let until, _): min(until, binding?.expiresAt ?? until)
    case .paused(let binding, _, let probe): Instant.earliest(probe, binding?.expiresAt)
    case .registering, .unregistering, .ended: nil
    }
  }

  /// When it does something of itself; nil while something is being done, or when nothing will be.
  package var nextAttempt: Instant? {
    switch state {
    case .unregistered(let start): start
    case .registered(_, let refreshAt): refreshAt
    case .waiting(_, let until, _): until
    case .paused(_, _, let probe): probe
    case .registering, .refreshing, .unregistering, .ended: nil
    }
  }

  // MARK: Time

  package enum DueAction: Sendable, Equatable {
    case none
    case start
    /// The binding is over; nothing has replaced it.
    case lapsed
    /// The binding is over, and an attempt starts.
    case lapsedAndStart
  }

  package mutating func due(now: Instant) -> DueAction {
    switch state {
    case .unregistered(let start):
      guard now >= start else { return .none }
      state = .registering(failures: 0)
      return .start
    case .registered(let binding, let refreshAt):
      if now >= binding.expiresAt {
        state = .registering(failures: 0)
        return .lapsedAndStart
      }
      guard now >= refreshAt else { return .none }
      state = .refreshing(binding, failures: 0)
      return .start
    case .refreshing(let binding, let failures):
      guard now >= binding.expiresAt else { return .none }
      state = .registering(failures: failures)
      return .lapsed
    case .waiting(let binding, let until, let failures):
      let hasLapsed = binding.map { now >= $0.expiresAt } ?? false
      let alive = hasLapsed ? nil : binding
      guard now >= until else {
        state = .waiting(alive, until: until, failures: failures)
        return hasLapsed ? .lapsed : .none
      }
      state = alive.map { .refreshing($0, failures: failures) } ?? .registering(failures: failures)
      return hasLapsed ? .lapsedAndStart : .start
    case .paused(let binding, let reason, let probe):
      let hasLapsed = binding.map { now >= $0.expiresAt } ?? false
      let alive = hasLapsed ? nil : binding
      guard let probe, now >= probe else {
        state = .paused(alive, reason, probe: probe)
        return hasLapsed ? .lapsed : .none
      }
      state = alive.map { .refreshing($0, failures: 0) } ?? .registering(failures: 0)
      return hasLapsed ? .lapsedAndStart : .start
    case .registering, .unregistering, .ended:
      return .none
    }
  }

  // MARK: What became of a REGISTER

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

  /// A 2xx with our Contact and an expiry.
  package mutating func succeeded(_ binding: Binding, refreshAt: Instant) -> EndAction {
    switch state {
    case .registering, .refreshing:
      state = .registered(binding, refreshAt: refreshAt)
      return carryOutIntent()
    case .unregistered, .registered, .waiting, .paused, .unregistering, .ended:
      preconditionFailure("a REGISTER succeeded in \(state)")
    }
  }

  /// A 2xx does not list our Contact: what was bound is not any more. - Returns: whether anything was.
  package mutating func lost() -> Bool {
    guard case .refreshing(_, let failures) = state else { return false }
    state = .registering(failures: failures)
    return true
  }

  /// Everything in one attempt failed; it is tried again at `until`.
  package mutating func failed(until: Instant) -> EndAction {
    switch state {
    case .registering(let failures):
      state = .waiting(nil, until: until, failures: failures + 1)
      return carryOutIntent()
    case .refreshing(let binding, let failures):
      state = .waiting(binding, until: until, failures: failures + 1)
      return carryOutIntent()
    case .unregistering:
      return unregistered()
    case .unregistered, .registered, .waiting, .paused, .ended:
      preconditionFailure("a REGISTER failed in \(state)")
    }
  }

  /// The attempt that was due does not begin: every way is closed, and somebody else asks whether it still is.
  package mutating func postponed(until: Instant) -> EndAction {
    switch state {
    case .registering(let failures):
      state = .waiting(nil, until: until, failures: failures)
      return carryOutIntent()
    case .refreshing(let binding, let failures):
      state = .waiting(binding, until: until, failures: failures)
      return carryOutIntent()
    case .unregistered, .registered, .waiting, .paused, .unregistering, .ended:
      preconditionFailure("a REGISTER was postponed in \(state)")
    }
  }

  /// The peers said no, and will say it again.
  package mutating func refused(_ reason: PauseReason, probe: Instant?) -> EndAction {
    switch state {
    case .registering:
      state = .paused(nil, reason, probe: probe)
      return carryOutIntent()
    case .refreshing(let binding, _):
      state = .paused(binding, reason, probe: probe)
      return carryOutIntent()
    case .unregistering:
      return unregistered()
    case .unregistered, .registered, .waiting, .paused, .ended:
      preconditionFailure("a REGISTER was refused in \(state)")
    }
  }

  /// The un-REGISTER was answered, or given up.
  package mutating func unregistered() -> EndAction {
    guard case .unregistering(_, let next) = state else { preconditionFailure("an un-REGISTER ended in \(state)") }
    let wanted = intent
    intent = .keep
    switch (next, wanted) {
    case (.forget, _), (_, .forget):
      state = .ended
      return .forget
    case (.stop, _), (_, .stop):
      state = .ended
      return .stopped
    case (.rest, .resume):
      state = .registering(failures: 0)
      return .register
    case (.rest, .keep), (.rest, .pause):
      state = .paused(nil, .byOperator, probe: nil)
      return .rest
    }
  }

  private mutating func carryOutIntent() -> EndAction {
    let wanted = intent
    intent = .keep
    switch wanted {
    case .keep, .resume: return .none
    case .pause: return leave(.rest)
    case .stop: return leave(.stop)
    case .forget: return leave(.forget)
    }
  }

  /// Removes what is bound, or ends at once where nothing is.
  private mutating func leave(_ next: AfterUnregistering) -> EndAction {
    if let binding {
      state = .unregistering(binding, next: next)
      return .unregister
    }
    switch next {
    case .rest:
      state = .paused(nil, .byOperator, probe: nil)
      return .rest
    case .stop:
      state = .ended
      return .stopped
    case .forget:
      state = .ended
      return .forget
    }
  }

  // MARK: Operator

  /// Try now. - Returns: whether an attempt starts; one in flight is enough, and a pause by the operator lasts.
  package mutating func refresh() -> Bool {
    switch state {
    case .unregistered:
      state = .registering(failures: 0)
    case .registered(let binding, _):
      state = .refreshing(binding, failures: 0)
    case .waiting(let binding, _, let failures):
      state = binding.map { .refreshing($0, failures: failures) } ?? .registering(failures: failures)
    case .paused(_, .byOperator, _), .registering, .refreshing, .unregistering, .ended:
      return false
    case .paused(let binding, .refused, _), .paused(let binding, .credentialsRejected, _),
      .paused(let binding, .noCredentials, _):
      state = binding.map { .refreshing($0, failures: 0) } ?? .registering(failures: 0)
    }
    return true
  }

  /// Ends a pause, also one that is only noted. - Returns: whether an attempt starts.
  package mutating func resume() -> Bool {
    switch state {
    case .paused(let binding, _, _):
      state = binding.map { .refreshing($0, failures: 0) } ?? .registering(failures: 0)
      return true
    case .registering, .refreshing, .unregistering:
      if intent <= .pause { intent = .resume }
      return false
    case .unregistered, .registered, .waiting, .ended:
      return false
    }
  }

  /// The account is configured otherwise: what comes next comes at this instant at the latest, and a refusal is no
  /// reason to rest any longer. - Returns: false when a REGISTER in flight knows nothing of it.
  package mutating func reconsider(at instant: Instant) -> Bool {
    switch state {
    case .unregistered(let start): state = .unregistered(start: min(start, instant))
    case .registered(let binding, let refreshAt): state = .registered(binding, refreshAt: min(refreshAt, instant))
    case .waiting(let binding, let until, let failures):
      state = .waiting(binding, until: min(until, instant), failures: failures)
    case .paused(_, .byOperator, _), .ended, .unregistering: break
    case .paused(let binding, let reason, let probe):
      state = .paused(binding, reason, probe: min(probe ?? instant, instant))
    case .registering, .refreshing: return false
    }
    return true
  }

  package mutating func pause() -> EndAction { withdraw(.rest, noting: .pause) }

  /// Un-REGISTER at the end of the daemon; what was learned is kept.
  package mutating func stop() -> EndAction { withdraw(.stop, noting: .stop) }

  /// The account is taken out.
  package mutating func remove() -> EndAction { withdraw(.forget, noting: .forget) }

  private mutating func withdraw(_ next: AfterUnregistering, noting wanted: Intent) -> EndAction {
    switch state {
    case .registering, .refreshing, .unregistering:
      intent = max(intent, wanted)
      return .none
    case .unregistered, .registered, .waiting, .paused:
      return leave(next)
    case .ended:
      return next == .forget ? .forget : .none
    }
  }
}
