import SIPMessage
import SIPTransaction

/// Accounts come, change, rest and go.
extension UserAgent {
  mutating func add(
    _ id: AccountID, _ account: Account, _ record: RegistrationRecord?, reserved: UInt32, now: Instant,
    effects: inout [Effect]
  ) {
    if let record {
      resume(id, account, record, reserved: reserved, now: now, effects: &effects)
    } else {
      addNew(id, account, now: now, effects: &effects)
    }
  }

  private mutating func addNew(_ id: AccountID, _ account: Account, now: Instant, effects: inout [Effect]) {
    precondition(self[id.index] == nil, "account \(id.index) was added twice")
    place(
      Registrant(
        account: account, identity: CompactIdentity(using: &random), hops: hopNumbers(of: account), cSeq: CSeqSpace(),
        registration: Registration(start: start(account, now)), authenticator: Authenticator()),
      at: id.index)
    // Many come together, and one write reserves the numbers of them all.
    store(id.index, effects: &effects)
    settleTimer(id.index, effects: &effects)
  }

  /// The event `add` with a record, lent and not copied, since a start brings a million.
  ///
  /// - Returns: false when nobody can go on from the record; then the account begins anew.
  @discardableResult
  package mutating func resume(
    _ id: AccountID, _ account: Account, _ record: borrowing RegistrationRecord, reserved: UInt32, now: Instant,
    effects: inout [Effect]
  ) -> Bool {
    precondition(self[id.index] == nil, "account \(id.index) was added twice")
    guard let identity = record.usableIdentity(by: account.addressOfRecord) else {
      addNew(id, account, now: now, effects: &effects)
      return false
    }
    place(resumed(account, identity, record, reserved: reserved, now: now), at: id.index)
    if let routeIndex = self[id.index]?.registration.binding?.routeIndex,
      let hop = self[id.index].flatMap({ $0.hops.indices.contains(routeIndex) ? $0.hops[routeIndex] : nil })
    {
      hops[Int(hop)].presume(goodAt: now)
      displace(id.index, boundAt: routeIndex)
    }
    // The process ended before the un-REGISTER of a pause did.
    if self[id.index]?.isPausedByOperator == true, self[id.index]?.registration.binding != nil {
      withdraw(id, now: now, effects: &effects) { $0.pause() }
    }
    settleTimer(id.index, effects: &effects)
    if !untended.isEmpty { tendHops(now: now, effects: &effects) }
    return true
  }

  private mutating func resumed(
    _ account: Account, _ identity: CompactIdentity, _ record: borrowing RegistrationRecord,
    reserved: UInt32, now: Instant
  ) -> Registrant {
    let registration: Registration
    let isPausedByOperator = record.pause == .byOperator
    let isRejected = record.rejected.map { $0 == Credential.fingerprint(of: account.credentials) } == true
    let binding = record.binding.flatMap { $0.expiresAt > now && $0.isUsable ? $0 : nil }
    if isRejected, !isPausedByOperator {
      // Whoever starts often does not try the same wrong password as often.
      registration = Registration(
        paused: .credentialsRejected, probe: probe(of: account.policy, now: now), binding: binding)
    } else if let binding {
      registration = Registration(resuming: binding, refreshAt: refresh(binding, of: account, now: now))
    } else if isPausedByOperator {
      registration = Registration(paused: .byOperator, probe: nil)
    } else {
      registration = Registration(start: start(account, now))
    }
    var registrant = Registrant(
      account: account, identity: identity, hops: hopNumbers(of: account),
      cSeq: CSeqSpace(from: record.cSeqCeiling, reserved: reserved), registration: consume registration,
      authenticator: Authenticator(nonces: record.fewNonces), minimumExpires: record.minimumExpires,
      rejected: isRejected ? record.rejected : nil, isPausedByOperator: isPausedByOperator)
    registrant.recallAddress()
    if reserved > 0 { registrant.recorded() }
    return registrant
  }

  /// When what was refused before the start is asked for: spread, since many may have been.
  private mutating func probe(of policy: RegistrationPolicy, now: Instant) -> Instant? {
    policy.refusedProbeInterval.map { interval in
      let half = interval.wholeNanoseconds / 2
      return now + .nanoseconds(half + Int64(random.next() % UInt64(max(half, 1))))
    }
  }

  /// When the first REGISTER of an account leaves, under the rate towards its next hop.
  private mutating func start(_ account: Account, _ now: Instant) -> Instant {
    startRate.take(account.routes[0].nextHop(toward: account.registrar), now: now)
  }

  /// Where in what is left of its window a live binding is refreshed. One whose route is gone moves at once, and one
  /// whose times can not be right is not relied on.
  private mutating func refresh(_ binding: Binding, of account: Account, now: Instant) -> Instant {
    let plan = RefreshPlan(granted: binding.granted, policy: account.policy)
    guard binding.routeIndex < account.routes.count, binding.registeredAt + plan.latest > now,
      binding.registeredAt <= now, binding.granted <= account.policy.maximumExpires
    else { return start(account, now) }
    return calendar.plan(plan.window(since: binding.registeredAt, floor: now), now: now, chance: random.next())
  }

  /// Configured otherwise: what is on the wire follows at once, under the rate of first registrations and the floor
  /// between two REGISTERs.
  mutating func change(_ id: AccountID, _ account: Account, now: Instant, effects: inout [Effect]) {
    guard let former = self[id.index]?.account, former != account else { return }
    precondition(account.continues(former), "an account with another address of record is another account")
    registrants[Int(id.index)]?.account = account
    if former.routes != account.routes {
      let numbers = hopNumbers(of: account)
      registrants[Int(id.index)]?.hops = numbers
      registrants[Int(id.index)]?.lines = RouteFlags()
      registrants[Int(id.index)]?.displacedFrom = RouteFlags()
    }
    if former.contact.user != account.contact.user { addressees.forget() }
    if former.credentials != account.credentials {
      registrants[Int(id.index)]?.authenticator = Authenticator()
      registrants[Int(id.index)]?.doubts = 0
    }
    if former.expires != account.expires { registrants[Int(id.index)]?.minimumExpires = nil }
    var unaltered = former
    unaltered.policy = account.policy
    guard unaltered != account else { return }
    // Not sooner after the last REGISTER than any other.
    let lastSent = self[id.index]?.sentAt ?? .origin
    let earliest = lastSent == .origin ? now : lastSent + account.policy.minimumInterval
    let start = max(start(account, now), earliest)
    if update(id.index, { $0.reconsider(at: start) }) == false {
      registrants[Int(id.index)]?.needsAnother = true
    }
    settleTimer(id.index, effects: &effects)
  }

  /// Now, or when it is its turn: an operator who refreshes everybody starts no storm, and one who refreshes again and
  /// again does not undercut the floor between two REGISTERs.
  mutating func refresh(_ id: AccountID, now: Instant, effects: inout [Effect]) {
    guard let account = self[id.index]?.account else { return }
    registrants[Int(id.index)]?.authenticator.acceptWeaker()
    let lastSent = self[id.index]?.sentAt ?? .origin
    let earliest = lastSent == .origin ? now : lastSent + account.policy.minimumInterval
    if earliest > now, let planned = self[id.index]?.registration.nextAttempt, planned <= earliest { return }
    let turn = max(refreshRate.take(account.routes[0].nextHop(toward: account.registrar), now: now), earliest)
    if turn > now {
      cancelPlan(id.index, now: now)
      _ = update(id.index) { $0.reconsider(at: turn) }
      settleTimer(id.index, effects: &effects)
    } else {
      cancelPlan(id.index, now: now)
      if update(id.index, { $0.refresh() }) == true { begin(id.index, .register, now: now, effects: &effects) }
    }
  }

  /// The account does not wait for its place in the calendar.
  mutating func cancelPlan(_ slot: Int32, now: Instant) {
    if case .registered(let refreshAt)? = self[slot]?.registration.state { calendar.cancel(refreshAt, now: now) }
  }

  /// What was said is stored at once: a crash does not take it back.
  mutating func pause(_ id: AccountID, now: Instant, effects: inout [Effect]) {
    if self[id.index]?.isPausedByOperator == false {
      registrants[Int(id.index)]?.isPausedByOperator = true
      store(id.index, effects: &effects)
    }
    withdraw(id, now: now, effects: &effects) { $0.pause() }
  }

  /// Only what rests, or is about to, goes on; whatever else is at work already.
  mutating func resume(_ id: AccountID, now: Instant, effects: inout [Effect]) {
    guard let reason = self[id.index]?.pause else { return }
    registrants[Int(id.index)]?.isPausedByOperator = false
    let starts = update(id.index) { $0.resume() }
    if reason == .byOperator { store(id.index, effects: &effects) }
    effects.append(.report(id, .resumed))
    if starts == true {
      begin(id.index, .register, now: now, effects: &effects)
    }
  }

  mutating func withdraw(
    _ id: AccountID, now: Instant, effects: inout [Effect], _ leave: (inout Registration) -> Registration.EndAction
  ) {
    let end = update(id.index) { leave(&$0) }
    carryOut(end, id.index, now: now, effects: &effects)
    settleTimer(id.index, effects: &effects)
  }
}
