import SIPMessage

/// Accounts come, and with each its registration.
extension UserAgent {
  mutating func add(_ id: AccountID, _ account: Account, _ record: RegistrationRecord?, reserved: UInt32) {
    if let record {
      restore(id, account, record, reserved: reserved)
    } else {
      addNew(id, account)
    }
  }

  private mutating func addNew(_ id: AccountID, _ account: Account) {
    let slot = takeNumber(for: id)
    place(client.newcomer(id, account, slot: slot))
    // Many come together, and one write reserves the numbers of them all.
    lend(slot) { $0.store(&$1) }
  }

  @discardableResult
  private mutating func restore(
    _ id: AccountID, _ account: Account, _ record: borrowing RegistrationRecord, reserved: UInt32
  ) -> Bool {
    guard let identity = record.usableIdentity(by: account.addressOfRecord) else {
      addNew(id, account)
      return false
    }
    let slot = takeNumber(for: id)
    place(client.returner(id, account, identity, record, reserved: reserved, slot: slot))
    lend(slot) { $0.goOn(&$1) }
    return true
  }

  private mutating func takeNumber(for id: AccountID) -> Int32 {
    precondition(registrations.slot(of: id) == nil, "account \(id.index) was added twice")
    return registrations.takeNumber()
  }

  private mutating func place(_ registrant: consuming Registrant) {
    if registrant.registration.isBound { client.flows.note(registrant.account, isBound: true) }
    registrations.place(registrant)
    countAccounts()
  }

  mutating func countAccounts() {
    client.remembersExchanges = registrations.counts.total <= client.settings.accountsWithHistory
  }

  /// The event `add` with a record, lent and not copied, since a start brings a million.
  ///
  /// - Returns: false when nobody can go on from the record; then the account begins anew.
  @discardableResult
  package mutating func restore(
    _ id: AccountID, _ account: Account, _ record: borrowing RegistrationRecord, reserved: UInt32, now: Instant,
    effects: inout [Effect]
  ) -> Bool {
    client.turn.begins(now: now, &effects)
    let goesOn = restore(id, account, record, reserved: reserved)
    if client.nextHops.hasToRevisit { revisitPaths() }
    client.turn.ends(&effects)
    return goesOn
  }

  /// Makes room for so many accounts, and no more than that.
  package mutating func reserve(_ count: Int) { registrations.reserve(count) }
}
