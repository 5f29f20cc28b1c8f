import SIPMessage

/// What is going on, for those who ask.
extension UserAgent {
  package func status(of id: AccountID) -> RegistrationStatus? {
    guard let registrant = self[id.index] else { return nil }
    let waitsFor = registrant.destinations.indices.filter(registrant.lines.contains)
      .compactMap { silentHop(Int(registrant.destinations[$0])) }
    let way = registrant.registration.binding?.way ?? registrant.currentWay
    return RegistrationStatus(
      state: registrant.registration.state.name, callID: registrant.identity.callID, cSeq: registrant.cSeq.last,
      fromTag: registrant.identity.fromTag, binding: registrant.registration.binding, pause: registrant.pause,
      next: nextTry(id.index) ?? registrant.registration.nextAttempt, outlook: outlook(of: registrant, id.index),
      failures: registrant.registration.failures, lastFailure: registrant.lastFailure,
      exchanges: registrant.exchanges,
      routeIndex: registrant.attempt?.routeIndex ?? registrant.registration.binding?.routeIndex ?? 0,
      waitsFor: waitsFor, notices: registrant.registration.isBound ? registrant.notices : [],
      asked: registrant.asked > 0 ? registrant.asked : nil,
      sentAt: registrant.sentAt == .origin ? nil : registrant.sentAt, local: way?.local,
      seenFrom: registrant.seenFrom,
      credentials: registrant.authenticator.uses(of: registrant.account.credentials),
      isHistoryWhole: remembersExchanges, discarded: registrant.discarded)
  }

  /// What an account waits for: in a line the question that decides, as long as it does not act by itself before that.
  private func outlook(of registrant: borrowing Registrant, _ slot: Int32) -> Outlook {
    if registrant.registration.isInFlight { return .answer }
    guard let own = registrant.registration.nextAttempt else { return .rest }
    guard registrant.stateName == .waiting else { return .own(own) }
    var (outlook, earliest) = (Outlook.own(own), own)
    for (route, number) in registrant.destinations.enumerated() where registrant.lines.contains(route) {
      let destination = destinations[Int(number)]
      if destination.isLetGo { return .inLine }
      if let asker = destination.asker.flatMap({ self[$0]?.account.name }) {
        (outlook, earliest) = (.follows(asker), .origin)
      } else if let question = questionTime(slot, of: Int(number)), question <= earliest {
        earliest = question
        if let name = nextAsker(of: Int(number)), name != registrant.account.name {
          outlook = .asked(by: name, at: question)
        } else {
          outlook = .own(question)
        }
      }
    }
    return outlook
  }

  /// What changes while an attempt runs its course.
  package struct Course: Sendable, Equatable {
    package var isInFlight: Bool
    /// Bound, and the last attempt did not fail.
    package var isRegistered: Bool
    /// Paused, or about to be.
    package var isPausedByOperator: Bool
    package var sentAt: Instant?
    package var failures: Int
    package var outlook: Outlook
  }

  package func course(of id: AccountID) -> Course? {
    guard let registrant = self[id.index] else { return nil }
    return Course(
      isInFlight: registrant.registration.isInFlight, isRegistered: registrant.stateName == .registered,
      isPausedByOperator: registrant.isPausedByOperator,
      sentAt: registrant.sentAt == .origin ? nil : registrant.sentAt, failures: registrant.registration.failures,
      outlook: outlook(of: registrant, id.index))
  }

  package func stateName(of id: AccountID) -> StateName? {
    self[id.index].map { $0.registration.state.name }
  }

  /// The state of an account, and what is true of it beside that.
  package func standing(of id: AccountID) -> Standing? { self[id.index]?.standing }

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
  package var transactionCount: Int { transactions.clientCount }

  /// Requests that wait for an answer.
  package var clientTransactionCount: Int { transactions.clientCount }

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
