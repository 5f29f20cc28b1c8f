import SIPUserAgent

/// Accounts on their way out, and who of them has come again: one that comes back before it has gone is the same account,
/// and goes on with its Call-ID (RFC 3261 §10.2). From then on the row in the store is the successor's.
struct DepartingAccounts: Sendable {
  /// What is known of an account that the agent forgets at its end.
  struct DepartingAccount: Sendable {
    let account: Account
    let callID: String
    fileprivate(set) var hasSuccessor = false

    init(account: Account, callID: String) {
      self.account = account
      self.callID = callID
    }
  }

  /// One that is gone.
  struct Departure {
    /// Of the row that goes with it; nil: that is its successor's.
    let key: String?
  }

  private var departing: [AccountID: DepartingAccount] = [:]
  /// The latest of those with one key.
  private var ids: [String: AccountID] = [:]

  /// Keys whose rows are on their way out of the store, and how often: until a row is gone the next process would go on
  /// from it.
  private var departures: [String: Int] = [:]

  var isEmpty: Bool { departing.isEmpty }

  subscript(id: AccountID) -> DepartingAccount? { departing[id] }

  mutating func insert(_ departed: DepartingAccount, _ id: AccountID) {
    departing[id] = departed
    ids[departed.account.storeKey] = id
  }

  /// What is said of the account in the store is said by another.
  func hasSuccessor(_ id: AccountID) -> Bool { !departing.isEmpty && departing[id]?.hasSuccessor == true }

  /// Who is on the way out under the key of this account, and is succeeded by it from here on.
  mutating func succeeded(by account: Account) -> AccountID? {
    guard !departing.isEmpty, let id = ids[account.storeKey] else { return nil }
    departing[id]?.hasSuccessor = true
    return id
  }

  /// The account is gone; nil when it was not on its way out.
  mutating func remove(_ id: AccountID) -> Departure? {
    guard !departing.isEmpty, let departed = departing.removeValue(forKey: id) else { return nil }
    let key = departed.account.storeKey
    if ids[key] == id { ids[key] = nil }
    guard !departed.hasSuccessor else { return Departure(key: nil) }
    departures[key, default: 0] += 1
    return Departure(key: key)
  }

  /// Whether the store may still have a row of one that left under the key of this account.
  func mayLeaveRow(to account: Account) -> Bool { !departures.isEmpty && departures[account.storeKey] != nil }

  /// The row is gone.
  mutating func forgotten(_ key: String) {
    guard let count = departures[key] else { return }
    departures[key] = count > 1 ? count - 1 : nil
  }
}
