import SIPMessage
import SIPTransaction

/// What is going on, for those who ask.
extension UserAgent {
  package func status(of id: AccountID) -> RegistrationStatus? {
    guard let registrant = self[id.index] else { return nil }
    let waitsFor = registrant.hops.indices.filter(registrant.lines.contains)
      .compactMap { silentHop(Int(registrant.hops[$0])) }
    let nextProbe = waitsFor.lazy.filter { $0.prober == nil }.map(\.nextProbe).min()
    return RegistrationStatus(
      state: registrant.registration.state.name, callID: registrant.identity.callID, cSeq: registrant.cSeq.last,
      fromTag: registrant.identity.fromTag, binding: registrant.registration.binding, pause: registrant.pause,
      next: Instant.earliest(registrant.registration.nextAttempt, nextProbe),
      failures: registrant.registration.failures, lastFailure: registrant.lastFailure,
      exchanges: registrant.exchanges,
      routeIndex: registrant.attempt?.routeIndex ?? registrant.registration.binding?.routeIndex ?? 0,
      waitsFor: waitsFor)
  }

  /// The next hops that fail everybody, in no particular order.
  package var silentHops: [SilentHop] { hops.indices.compactMap(silentHop) }

  private func silentHop(_ number: Int) -> SilentHop? {
    guard case .closed(let since?) = hops[number].state else { return nil }
    return SilentHop(
      uri: hops[number].uri, since: since, waiting: hops[number].line.count,
      prober: hops[number].prober.flatMap { self[$0]?.account.name }, nextProbe: hops[number].nextProbe)
  }

  package func stateName(of id: AccountID) -> StateName? {
    self[id.index].map { $0.registration.state.name }
  }

  /// Accounts that nothing will ever move again: in each of them something is in flight with a deadline, a timer is
  /// armed, or it rests for a reason. Empty, unless this program is wrong.
  ///
  /// - Parameters:
  ///   - slots: which of `slots` to look at; nil: all of them
  ///   - overdue: how late a timer may be before it counts as lost
  package func stuck(among slots: Range<Int>? = nil, now: Instant, overdue: Duration) -> [AccountID] {
    var stuck: [AccountID] = []
    for slot in slots?.clamped(to: self.slots) ?? self.slots where !isMoving(slot, now: now, overdue: overdue) {
      stuck.append(AccountID(index: slot))
    }
    return stuck
  }

  /// The numbers that accounts have, and some that they have had.
  package var slots: Range<Int> { registrants.indices }

  private func isMoving(_ slot: Int, now: Instant, overdue: Duration) -> Bool {
    // Nearly always the timer is the answer, and nothing of the account is copied for it.
    if let deadline = registrants[slot]?.timer.deadline { return now < deadline + overdue }
    guard let registrant = registrants[slot] else { return true }
    switch registrant.registration.state {
    case .paused, .ended: return true
    case .registering, .refreshing, .unregistering:
      return registrant.phase == .sending && now < registrant.sentAt + settings.timers.timerF + overdue
    case .unregistered, .registered, .waiting: return false
    }
  }
}

extension UserAgent {
  /// Transactions: of clients, those that wait for an answer.
  package var transactionCount: Int { transactions.clientCount + transactions.serverCount }

  /// What of an account would survive now.
  package func record(of id: AccountID) -> RegistrationRecord? { self[id.index]?.record }

  /// Accounts that are bound, and from where to where.
  package func forEachBinding(_ body: (AccountID, Binding) -> Void) {
    // By their numbers: a registrant is more than its binding, and would be copied to be looked at.
    for index in registrants.indices {
      if let binding = registrants[index]?.registration.binding { body(AccountID(index: index), binding) }
    }
  }

  package func account(of id: AccountID) -> Account? { self[id.index]?.account }
}
