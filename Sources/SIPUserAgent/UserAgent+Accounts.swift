import SIPMessage
import SIPTransaction

/// Accounts come, change, rest and go.
extension UserAgent {
  mutating func add(
    _ id: AccountID, _ account: Account, _ record: RegistrationRecord?, now: Instant, effects: inout [Effect]
  ) {
    precondition(registrant(id.index) == nil, "account \(id.index) was added twice")
    // A ceiling at the end of the numbers is a damaged record: a new identity is better than none.
    if let record, CSeqSpace.hasRoom(record.cSeqCeiling) {
      place(resumed(account, record, now: now), at: id.index)
    } else {
      let domain = account.addressOfRecord.host ?? .name("invalid")
      let identity = Identity(domain: domain, using: &random)
      place(
        Registrant(
          account: account, identity: identity, cSeq: CSeqSpace(),
          registration: Registration(start: start(account, now)),
          authenticator: Authenticator()),
        at: id.index)
    }
    settleTimer(id.index, effects: &effects)
  }

  private mutating func resumed(_ account: Account, _ record: RegistrationRecord, now: Instant) -> Registrant {
    let registration: Registration
    if case .byOperator? = record.pause {
      registration = Registration(paused: .byOperator, probe: nil)
    } else if let binding = record.binding, binding.expiresAt > now {
      registration = Registration(resuming: binding, refreshAt: refresh(binding, of: account, now: now))
    } else {
      registration = Registration(start: start(account, now))
    }
    return Registrant(
      account: account, identity: Identity(callID: record.callID, fromTag: record.fromTag),
      cSeq: CSeqSpace(from: record.cSeqCeiling), registration: registration,
      authenticator: Authenticator(nonces: record.nonces), minimumExpires: record.minimumExpires)
  }

  /// When the first REGISTER of an account leaves, under the rate towards its next hop.
  private mutating func start(_ account: Account, _ now: Instant) -> Instant {
    startRate.take(account.routes[0].applied(to: account.registrar).nextHop, now: now)
  }

  /// Where in what is left of its window a live binding is refreshed. One whose route is gone moves at once.
  private mutating func refresh(_ binding: Binding, of account: Account, now: Instant) -> Instant {
    let plan = RefreshPlan(granted: binding.granted, policy: account.policy)
    let latest = binding.registeredAt + plan.latest
    guard binding.routeIndex < account.routes.count, latest > now else { return start(account, now) }
    let earliest = max(binding.registeredAt + plan.earliest, now)
    guard latest > earliest else { return latest }
    return earliest + .nanoseconds(Int64(random.next() % UInt64((latest - earliest).wholeNanoseconds + 1)))
  }

  /// Configured otherwise: what is on the wire follows at once, under the rate of first registrations.
  mutating func change(_ id: AccountID, _ account: Account, now: Instant, effects: inout [Effect]) {
    guard let former = registrant(id.index)?.account, former != account else { return }
    precondition(account.continues(former), "an account with another address of record is another account")
    registrants[Int(id.index)]?.account = account
    if former.credentials != account.credentials { registrants[Int(id.index)]?.authenticator = Authenticator() }
    if former.expires != account.expires { registrants[Int(id.index)]?.minimumExpires = nil }
    var unaltered = former
    unaltered.policy = account.policy
    guard unaltered != account else { return }
    let start = start(account, now)
    if update(id.index, { $0.reconsider(at: start) }) == false {
      registrants[Int(id.index)]?.needsAnother = true
    }
    settleTimer(id.index, effects: &effects)
  }

  mutating func refresh(_ id: AccountID, now: Instant, effects: inout [Effect]) {
    if update(id.index, { $0.refresh() }) == true {
      begin(id.index, .register, now: now, effects: &effects)
    }
  }

  /// Only what rests goes on; whatever else is at work already.
  mutating func resume(_ id: AccountID, now: Instant, effects: inout [Effect]) {
    guard registrant(id.index)?.pause != nil else { return }
    effects.append(.report(id, .resumed))
    refresh(id, now: now, effects: &effects)
  }

  mutating func withdraw(
    _ id: AccountID, now: Instant, effects: inout [Effect], _ leave: (inout Registration) -> Registration.EndAction
  ) {
    let end = update(id.index) { leave(&$0) }
    carryOut(end, id.index, now: now, effects: &effects)
    settleTimer(id.index, effects: &effects)
  }
}
