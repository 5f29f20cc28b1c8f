import SIPMessage

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
    let destinations = destinationNumbers(of: account)
    join(destinations)
    place(
      Registrant(
        account: account, identity: CompactIdentity(using: &random), destinations: destinations, cSeq: CSeqSpace(),
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
      let number = self[id.index].flatMap({
        $0.destinations.indices.contains(routeIndex) ? $0.destinations[routeIndex] : nil
      })
    {
      destinations[Int(number)].presume(goodAt: now)
      registrants[Int(id.index)]?.vouches.insert(routeIndex)
      displace(id.index, boundAt: routeIndex)
    }
    // The process ended before the un-REGISTER of a pause did.
    if self[id.index]?.isPausedByOperator == true, self[id.index]?.registration.binding != nil {
      withdraw(id, now: now, effects: &effects) { $0.pause() }
    }
    settleTimer(id.index, effects: &effects)
    if !untended.isEmpty { tendDestinations(now: now, effects: &effects) }
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
    let destinations = destinationNumbers(of: account)
    join(destinations)
    var registrant = Registrant(
      account: account, identity: identity, destinations: destinations,
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
      moveOver(id.index, to: destinationNumbers(of: account))
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

  /// Other routes: what was known of the account is kept where they lead to the same destination.
  private mutating func moveOver(_ slot: Int32, to numbers: [Int32]) {
    guard let former = self[slot]?.destinations, let vouched = self[slot]?.vouches else { return }
    join(numbers)
    leave(former)
    var vouches = RouteFlags()
    for (route, number) in numbers.enumerated() {
      if let old = former.firstIndex(of: number), vouched.contains(old) { vouches.insert(route) }
    }
    registrants[Int(slot)]?.destinations = numbers
    registrants[Int(slot)]?.vouches = vouches
    registrants[Int(slot)]?.lines = RouteFlags()
    registrants[Int(slot)]?.displacedFrom = RouteFlags()
  }

  /// Now, or when it is its turn: an operator who refreshes everybody starts no storm, and one who refreshes again and
  /// again does not undercut the floor between two REGISTERs.
  mutating func refresh(_ id: AccountID, now: Instant, effects: inout [Effect]) {
    guard let account = self[id.index]?.account else { return }
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
