import SIPMessage

/// What is going on, for those who ask.
extension UserAgent {
  package func status(of id: AccountID) -> RegistrationStatus? {
    guard let registrant = self[id] else { return nil }
    let waitsFor = registrant.paths.indices.filter(registrant.lines.contains)
      .compactMap { silentHop(Int(registrant.paths[$0])) }
    let way = registrant.registration.binding?.way ?? registrant.sentWay
    return RegistrationStatus(
      state: registrant.registration.state.name, callID: registrant.identity.callID, cSeq: registrant.cSeq.last,
      fromTag: registrant.identity.fromTag, binding: registrant.registration.binding, pause: registrant.pause,
      next: client.nextTry(of: registrant), outlook: outlook(of: registrant),
      failures: registrant.registration.failures, lastFailure: registrant.lastFailure,
      exchanges: registrant.exchanges,
      routeIndex: registrant.attemptRoute ?? registrant.registration.binding?.routeIndex ?? 0,
      waitsFor: waitsFor, notices: registrant.registration.isBound ? registrant.notices : [],
      asked: registrant.asked > 0 ? registrant.asked : nil,
      sentAt: registrant.sentAt == .origin ? nil : registrant.sentAt, local: way?.local,
      seenFrom: registrant.seenFrom, granted: registrant.registration.isBound ? registrant.granted : nil,
      flow: registrant.registration.binding.flatMap { client.heldFlows.status(over: $0.way) },
      credentials: registrant.authenticator.uses(of: registrant.account.credentials),
      isHistoryWhole: client.remembersExchanges, discarded: registrant.discarded)
  }

  /// What an account waits for: in a line the question that decides, as long as it does not act by itself before that.
  private func outlook(of registrant: borrowing Registrant) -> Outlook {
    if registrant.registration.isInFlight { return .answer }
    guard let own = registrant.registration.nextAttempt else { return .rest }
    guard registrant.stateName == .waiting else { return .own(own) }
    var (outlook, earliest) = (Outlook.own(own), own)
    for (route, number) in registrant.paths.enumerated() where registrant.lines.contains(route) {
      let path = client.nextHops.paths[Int(number)]
      if path.isLetGo { return .inLine }
      if let asker = path.asker.flatMap({ registrations[$0]?.account.name }) {
        (outlook, earliest) = (.follows(asker), .origin)
      } else if let question = client.questionTime(registrant, of: Int(number)), question <= earliest {
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
    guard let registrant = self[id] else { return nil }
    return Course(
      isInFlight: registrant.registration.isInFlight, isRegistered: registrant.stateName == .registered,
      isPausedByOperator: registrant.isPausedByOperator,
      sentAt: registrant.sentAt == .origin ? nil : registrant.sentAt, failures: registrant.registration.failures,
      outlook: outlook(of: registrant))
  }

  package func stateName(of id: AccountID) -> StateName? {
    self[id]?.stateName
  }

  /// The state of an account, and what is true of it beside that.
  package func standing(of id: AccountID) -> Standing? { self[id]?.standing }

  /// Accounts that nothing will ever move again: in each of them something is in flight with a deadline, a timer is
  /// armed, or it rests for a reason. Empty, unless this program is wrong.
  ///
  /// - Parameters:
  ///   - slots: which of `slots` to look at; nil: all of them
  ///   - overdue: how late a timer may be before it counts as lost
  package func stuck(among slots: Range<Int>? = nil, now: Instant, overdue: Duration) -> [AccountID] {
    var stuck: [AccountID] = []
    for slot in slots?.clamped(to: self.slots) ?? self.slots {
      if let id = self.stuck(Int32(slot), now: now, overdue: overdue) { stuck.append(id) }
    }
    return stuck
  }

  /// Whose registration has this number; nil: nobody's.
  package func account(inSlot slot: Int) -> AccountID? { registrations[Int32(slot)]?.id }

  /// The numbers that registrations have, and some that they have had.
  package var slots: Range<Int> { 0..<Int(registrations.indices.upperBound) }
}

extension UserAgent {
  /// What is held of an account, lent and not copied; nil when there is no such account.
  subscript(id: AccountID) -> Registrant? {
    // One place to lend from: of two, each would be lent as a copy.
    @inline(__always) _read { yield registrations[registrations.slot(of: id) ?? .max] }
  }

  /// The account of a registration that nothing will ever move again; nil: something will, or there is none.
  fileprivate func stuck(_ slot: Int32, now: Instant, overdue: Duration) -> AccountID? {
    // Nearly always the timer is the answer, and nothing of the account is copied for it.
    if let deadline = registrations[slot]?.timer.deadline, now < deadline + overdue { return nil }
    guard let id = registrations[slot]?.id else { return nil }
    if registrations[slot]?.timer.deadline != nil { return id }
    switch registrations[slot]?.registration.state {
    case .paused, .ended, nil: return nil
    case .registering, .refreshing, .unregistering:
      guard registrations[slot]?.phase == .sending, let sentAt = registrations[slot]?.sentAt else { return id }
      return now < sentAt + client.settings.timers.timerF + overdue ? nil : id
    case .unregistered, .registered, .waiting: return id
    }
  }
}

extension UserAgent {
  /// Transactions that may have a timer, of clients and of servers.
  package var transactionCount: Int { client.transactions.clientCount + client.transactions.serverCount }

  /// Requests that wait for an answer.
  package var clientTransactionCount: Int { client.transactions.clientCount }

  /// What of an account would survive now.
  package func record(of id: AccountID) -> RegistrationRecord? { self[id]?.record }

  /// Accounts that are bound, and from where to where.
  package func forEachBinding(_ body: (AccountID, Binding) -> Void) {
    // By their numbers: a registrant is more than its binding, and would be copied to be looked at.
    for slot in registrations.indices {
      if let binding = registrations[slot]?.registration.binding, let id = registrations[slot]?.id {
        body(id, binding)
      }
    }
  }

  package func account(of id: AccountID) -> Account? { self[id]?.account }
}
