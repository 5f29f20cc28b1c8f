import SIPMessage

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
/// A binding that ends before its refresh may leave lapses, and the refresh is waited for.
///
/// * Not when an operator paused it: that takes `resume`, which takes back a pause that is only noted, too.
///
/// How a REGISTER gets its answer (targets, routes, challenges) is `Attempt`, and a registration is in flight exactly as
/// long as it has one; when to try again is told to it. What an operator wants meanwhile is noted and done when the
/// attempt has ended: one in flight, never two (§10.2).
package struct Registration: Sendable {
  /// What was asked for while a REGISTER was in flight. A later one is not undone by one before it: what is taken out
  /// of the configuration stays out, whatever an operator says.
  private enum Intent: Int, Sendable, Comparable {
    case keep, resume, pause, stop, forget

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// What a registration is when nothing is under way.
  private enum Rest: Sendable {
    case unregistered(start: Instant)
    case registered(refreshAt: Instant)
    case waiting(until: Instant, failures: Int32)
    case paused(PauseReason, probe: Instant?)
    case ended
  }

  /// What it was last at rest.
  private var rest: Rest
  /// What is under way: one at most, and behind a pointer, since of a million accounts few have one.
  private var attempts: [Attempt] = []
  /// What is bound: always in `registered` and `refreshing`, never in `unregistered`, `registering` and `ended`.
  ///
  /// Deviation: beside the state and not in its cases, so that nobody copies it to look at the state: references that
  /// were counted for that were a fifth of a refresh.
  package private(set) var binding: Binding?
  private var intent = Intent.keep

  package init(start: Instant) { rest = .unregistered(start: start) }

  /// Goes on with what was alive when the process ended.
  package init(restoring binding: Binding, refreshAt: Instant) {
    rest = .registered(refreshAt: refreshAt)
    self.binding = binding
  }

  /// Goes on with an account at rest, which may be bound all the same.
  package init(paused reason: PauseReason, probe: Instant?, binding: Binding? = nil) {
    rest = .paused(reason, probe: probe)
    self.binding = binding
  }

  // MARK: What is

  package var state: State {
    if isInFlight {
      switch attempts[0].purpose {
      case .register(let failures): return isBound ? .refreshing(failures: failures) : .registering(failures: failures)
      case .unregister(let next): return .unregistering(next: next)
      }
    }
    switch rest {
    case .unregistered(let start): return .unregistered(start: start)
    case .registered(let refreshAt): return .registered(refreshAt: refreshAt)
    case .waiting(let until, let failures): return .waiting(until: until, failures: failures)
    case .paused(let reason, let probe): return .paused(reason, probe: probe)
    case .ended: return .ended
    }
  }

  package var isInFlight: Bool { !attempts.isEmpty }

  /// A REGISTER in flight is the last that is wanted: there is no point in trying elsewhere.
  package var isEnding: Bool { intent >= .pause }

  /// Asked often, and so without the copy that a comparison with nil is.
  var isBound: Bool {
    if case nil = binding { false } else { true }
  }

  // MARK: The attempt

  /// What is under way; a copy.
  var attempt: Attempt? { attempts.first }

  /// Looks at what is under way where it is. - Returns: nil while nothing is.
  @inline(__always)
  func ofAttempt<Value>(_ look: (borrowing Attempt) -> Value) -> Value? {
    attempts.isEmpty ? nil : look(attempts.span[0])
  }

  /// Changes what is under way where it is. - Returns: nil while nothing is.
  @discardableResult
  mutating func updateAttempt<Result>(_ change: (inout Attempt) -> Result) -> Result? {
    attempts.isEmpty ? nil : change(&attempts[0])
  }

  private mutating func begin(_ purpose: Attempt.Purpose) { attempts = [Attempt(purpose)] }

  /// The attempt is over. - Returns: what it was for
  private mutating func end() -> Attempt.Purpose? {
    guard !attempts.isEmpty else { return nil }
    let purpose = attempts[0].purpose
    attempts = []
    return purpose
  }

  // MARK: Time

  package mutating func due(now: Instant) -> DueAction {
    switch state {
    case .unregistered(let begin):
      return now >= begin ? start(failures: 0, hasLapsed: false) : .none
    case .registered(let refreshAt):
      let hasLapsed = expire(now)
      if now >= refreshAt { return start(failures: 0, hasLapsed: hasLapsed) }
      if hasLapsed { rest = .waiting(until: refreshAt, failures: 0) }
      return hasLapsed ? .lapsed : .none
    case .refreshing:
      return expire(now) ? .lapsed : .none
    case .waiting(let until, let failures):
      let hasLapsed = expire(now)
      return now >= until ? start(failures: failures, hasLapsed: hasLapsed) : hasLapsed ? .lapsed : .none
    case .paused(_, let probe):
      let hasLapsed = expire(now)
      if let probe, now >= probe { return start(failures: 0, hasLapsed: hasLapsed) }
      return hasLapsed ? .lapsed : .none
    case .registering, .unregistering, .ended:
      return .none
    }
  }

  /// - Returns: whether there was a binding that is over.
  private mutating func expire(_ now: Instant) -> Bool {
    guard let expiresAt = binding?.expiresAt, now >= expiresAt else { return false }
    binding = nil
    return true
  }

  private mutating func start(failures: Int32, hasLapsed: Bool) -> DueAction {
    begin(.register(failures: failures))
    return hasLapsed ? .lapsedAndStart : .start
  }

  // MARK: What became of a REGISTER

  /// A 2xx with our Contact and an expiry.
  package mutating func succeeded(_ binding: Binding, refreshAt: Instant) -> EndAction {
    switch end() {
    case .register:
      rest = .registered(refreshAt: refreshAt)
      self.binding = binding
      return carryOutIntent()
    case .unregister, nil:
      preconditionFailure("a REGISTER succeeded in \(state)")
    }
  }

  /// A 2xx does not list our Contact: what was bound is not any more. - Returns: whether anything was.
  package mutating func lost() -> Bool {
    guard case .refreshing = state else { return false }
    binding = nil
    return true
  }

  /// Everything in one attempt failed; it is tried again at `until`.
  package mutating func failed(until: Instant) -> EndAction {
    switch end() {
    case .register(let failures):
      rest = .waiting(until: until, failures: failures + 1)
      return carryOutIntent()
    case .unregister(let next):
      return unregistered(next)
    case nil:
      preconditionFailure("a REGISTER failed in \(state)")
    }
  }

  /// The attempt that was due does not begin: every way is closed, and somebody else asks whether it still is.
  package mutating func postponed(until: Instant) -> EndAction {
    switch end() {
    case .register(let failures):
      rest = .waiting(until: until, failures: failures)
      return carryOutIntent()
    case .unregister, nil:
      preconditionFailure("a REGISTER was postponed in \(state)")
    }
  }

  /// The peers said no, and will say it again.
  package mutating func refused(_ reason: PauseReason, probe: Instant?) -> EndAction {
    switch end() {
    case .register:
      rest = .paused(reason, probe: probe)
      return carryOutIntent()
    case .unregister(let next):
      return unregistered(next)
    case nil:
      preconditionFailure("a REGISTER was refused in \(state)")
    }
  }

  /// The un-REGISTER was answered, or given up.
  package mutating func unregistered() -> EndAction {
    guard case .unregister(let next)? = end() else { preconditionFailure("an un-REGISTER ended in \(state)") }
    return unregistered(next)
  }

  private mutating func unregistered(_ next: AfterUnregistering) -> EndAction {
    let wanted = intent
    intent = .keep
    binding = nil
    switch (next, wanted) {
    case (.forget, _), (_, .forget):
      rest = .ended
      return .forget
    case (.stop, _), (_, .stop):
      rest = .ended
      return .stopped
    case (.rest, .resume):
      begin(.register(failures: 0))
      return .register
    case (.rest, .keep), (.rest, .pause):
      rest = .paused(.byOperator, probe: nil)
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
    if isBound {
      begin(.unregister(next: next))
      return .unregister
    }
    switch next {
    case .rest:
      rest = .paused(.byOperator, probe: nil)
      return .rest
    case .stop:
      rest = .ended
      return .stopped
    case .forget:
      rest = .ended
      return .forget
    }
  }

  // MARK: Operator

  /// Try now. - Returns: whether an attempt starts; one in flight is enough, and a pause by the operator lasts.
  package mutating func refresh() -> Bool {
    switch state {
    case .unregistered, .registered: begin(.register(failures: 0))
    case .waiting(_, let failures): begin(.register(failures: failures))
    case .paused(.byOperator, _), .registering, .refreshing, .unregistering, .ended: return false
    case .paused(.refused, _), .paused(.credentialsRejected, _), .paused(.noCredentials, _):
      begin(.register(failures: 0))
    }
    return true
  }

  /// Ends a pause, also one that is only noted. - Returns: whether an attempt starts.
  package mutating func resume() -> Bool {
    switch state {
    case .paused:
      begin(.register(failures: 0))
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
    case .unregistered(let start): rest = .unregistered(start: min(start, instant))
    case .registered(let refreshAt): rest = .registered(refreshAt: min(refreshAt, instant))
    case .waiting(let until, let failures): rest = .waiting(until: min(until, instant), failures: failures)
    case .paused(.byOperator, _), .ended, .unregistering: break
    case .paused(let reason, let probe): rest = .paused(reason, probe: min(probe ?? instant, instant))
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
