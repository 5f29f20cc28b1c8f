import SIPMessage

/// Accounts come, change, rest and go.
extension UserAgentClient {
  // MARK: Coming

  mutating func newcomer(_ id: AccountID, _ account: Account, slot: Int32) -> Registrant {
    let paths = paths(of: account)
    return Registrant(
      id: id, slot: slot, account: account, identity: CompactIdentity(using: &turn.chance), paths: paths,
      cSeq: CSeqSpace(), registration: Registration(start: nextHops.take(.first, toward: paths[0], now: now)),
      authenticator: Authenticator())
  }

  /// The paths of an account that is new to them.
  private mutating func paths(of account: Account) -> [Int32] {
    let paths = nextHops.numbers(of: account)
    nextHops.join(paths)
    return paths
  }

  /// An account that goes on from a record.
  mutating func returner(
    _ id: AccountID, _ account: Account, _ identity: CompactIdentity, _ record: borrowing RegistrationRecord,
    reserved: UInt32, slot: Int32
  ) -> Registrant {
    let paths = paths(of: account)
    let registration: Registration
    let isPausedByOperator = record.pause == .byOperator
    let isRejected = record.rejected.map { $0 == Credential.fingerprint(of: account.credentials) } == true
    let binding = record.binding.flatMap { $0.expiresAt > now && $0.isUsable ? $0.onTerms(of: account) : nil }
    if isRejected, !isPausedByOperator {
      // Whoever starts often does not try the same wrong password as often.
      registration = Registration(paused: .credentialsRejected, probe: probe(of: account.policy), binding: binding)
    } else if let binding {
      registration = Registration(
        restoring: binding, refreshAt: refresh(binding, of: account, toward: paths[0]))
    } else if isPausedByOperator {
      registration = Registration(paused: .byOperator, probe: nil)
    } else {
      registration = Registration(start: nextHops.take(.first, toward: paths[0], now: now))
    }
    var registrant = Registrant(
      id: id, slot: slot, account: account, identity: identity, paths: paths,
      cSeq: CSeqSpace(from: record.cSeqCeiling, reserved: reserved), registration: consume registration,
      authenticator: Authenticator(nonces: record.fewNonces), minimumExpires: record.minimumExpires,
      rejected: isRejected ? record.rejected : nil, isPausedByOperator: isPausedByOperator)
    registrant.recallAddress()
    if binding != nil, let seen = record.seenFrom { registrant.seenFrom = seen }
    if binding != nil, let granted = record.granted { registrant.recall(granted) }
    if reserved > 0 { registrant.recorded() }
    return registrant
  }

  mutating func goOn(_ registrant: inout Registrant) {
    if let route = registrant.registration.binding?.routeIndex, registrant.paths.indices.contains(route) {
      nextHops.presume(registrant.paths[route], goodAt: now)
      registrant.vouches.insert(route)
      displace(&registrant, boundAt: route)
    }
    resumeFlow(registrant)
    // The process ended before the un-REGISTER of a pause did.
    if registrant.isPausedByOperator, registrant.registration.isBound { withdraw(&registrant) { $0.pause() } }
  }

  /// When what was refused before the start is asked for: spread, since many may have been.
  private mutating func probe(of policy: RegistrationPolicy) -> Instant? {
    policy.refusedProbeInterval.map { interval in
      let half = interval.wholeNanoseconds / 2
      return now + .nanoseconds(half + Int64(turn.chance.next() % UInt64(max(half, 1))))
    }
  }

  /// Where in what is left of its window a live binding is refreshed. One whose route is gone moves at once, and one
  /// whose times can not be right is not relied on.
  private mutating func refresh(_ binding: Binding, of account: Account, toward path: Int32) -> Instant {
    let plan = RefreshPlan(granted: binding.granted, policy: account.policy)
    guard binding.routeIndex < account.routes.count, binding.registeredAt + plan.latest > now,
      binding.registeredAt <= now, binding.granted <= account.policy.maximumExpires
    else { return nextHops.take(.first, toward: path, now: now) }
    return calendar.plan(
      plan.window(since: binding.registeredAt, floor: now), now: now, chance: turn.chance.next())
  }

  // MARK: Changing

  /// Configured otherwise: what is on the wire follows at once, under the rate of first registrations and the floor
  /// between two REGISTERs.
  mutating func change(_ registrant: inout Registrant, to account: Account) {
    let former = registrant.account
    guard former != account else { return }
    precondition(account.continues(former), "an account with another address of record is another account")
    registrant.account = account
    if former.policy.keepAlive != account.policy.keepAlive { keepAliveChanged(registrant) }
    if former.routes != account.routes { moveOver(&registrant, to: nextHops.numbers(of: account)) }
    if former.credentials != account.credentials {
      registrant.authenticator = Authenticator()
      registrant.doubts = 0
    }
    if former.expires != account.expires { registrant.minimumExpires = nil }
    var unaltered = former
    unaltered.policy = account.policy
    guard unaltered != account else { return }
    // Not sooner after the last REGISTER than any other.
    let start = max(
      nextHops.take(.first, toward: registrant.paths[0], now: now), registrant.earliestTry(now: now))
    if !registrant.registration.reconsider(at: start) { registrant.needsAnother = true }
  }

  /// Other routes: what was known of the account is kept where they lead to the same path.
  private mutating func moveOver(_ registrant: inout Registrant, to numbers: [Int32]) {
    let (former, vouched) = (registrant.paths, registrant.vouches)
    nextHops.join(numbers)
    nextHops.leave(former)
    var vouches = RouteFlags()
    for (route, number) in numbers.enumerated() {
      if let old = former.firstIndex(of: number), vouched.contains(old) { vouches.insert(route) }
    }
    registrant.paths = numbers
    registrant.vouches = vouches
    registrant.lines = RouteFlags()
    registrant.displacedFrom = RouteFlags()
  }

  // MARK: What operators want

  /// Now, or when it is its turn: an operator who refreshes everybody starts no storm, and one who refreshes again and
  /// again does not undercut the floor between two REGISTERs.
  mutating func refresh(_ registrant: inout Registrant) {
    let earliest = registrant.earliestTry(now: now)
    if earliest > now, let planned = registrant.registration.nextAttempt, planned <= earliest { return }
    let leavesAt = max(nextHops.take(.operators, toward: registrant.paths[0], now: now), earliest)
    cancelPlan(registrant)
    if leavesAt > now {
      _ = registrant.registration.reconsider(at: leavesAt)
    } else if registrant.registration.refresh() {
      begin(&registrant)
    }
  }

  /// The account does not wait for its place in the calendar.
  mutating func cancelPlan(_ registrant: borrowing Registrant) {
    if case .registered(let refreshAt) = registrant.registration.state { calendar.cancel(refreshAt, now: now) }
  }

  /// What was said is stored at once: a crash does not take it back.
  mutating func pause(_ registrant: inout Registrant) {
    if !registrant.isPausedByOperator {
      registrant.isPausedByOperator = true
      store(&registrant)
    }
    withdraw(&registrant) { $0.pause() }
  }

  /// Only what rests, or is about to, goes on; whatever else is at work already.
  mutating func resume(_ registrant: inout Registrant) {
    guard let reason = registrant.pause else { return }
    registrant.isPausedByOperator = false
    let starts = registrant.registration.resume()
    if reason == .byOperator { store(&registrant) }
    turn.report(registrant.id, .resumed)
    if starts { begin(&registrant) }
  }

  /// Taken out, paused, or ended with the daemon.
  mutating func withdraw(_ registrant: inout Registrant, _ leave: (inout Registration) -> Registration.EndAction) {
    let end = leave(&registrant.registration)
    carryOut(end, &registrant)
  }

  /// The account is somebody else's from now on: nothing more is sent for it, and what is under way is nobody's any more.
  mutating func release(_ registrant: inout Registrant) {
    if let transaction = registrant.registration.ofAttempt({ $0.transaction }) ?? nil {
      transactions.abandon(transaction)
    }
    conclude(&registrant, .none)
    let record = registrant.handOutRecord()
    turn.effects.append(.released(registrant.id, record))
    forget(&registrant)
  }
}
