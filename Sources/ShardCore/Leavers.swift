import SIPUserAgent

/// Accounts on their way out, and who of them has come again: one that comes back before it has gone is the same account,
/// and goes on with its Call-ID (RFC 3261 §10.2). From then on the row in the store is the successor's.
struct Leavers: Sendable {
  /// What is known of an account that the agent forgets at its end.
  struct Leaver: Sendable {
    let account: Account
    let callID: String
    fileprivate(set) var hasSuccessor = false

    init(account: Account, callID: String) {
      self.account = account
      self.callID = callID
    }
  }

  private var leavers: [AccountID: Leaver] = [:]
  /// The latest of those with one key.
  private var ids: [String: AccountID] = [:]

  var isEmpty: Bool { leavers.isEmpty }

  subscript(id: AccountID) -> Leaver? { leavers[id] }

  mutating func insert(_ leaver: Leaver, _ id: AccountID) {
    leavers[id] = leaver
    ids[leaver.account.storeKey] = id
  }

  /// What is said of the account in the store is said by another.
  func hasSuccessor(_ id: AccountID) -> Bool { !leavers.isEmpty && leavers[id]?.hasSuccessor == true }

  /// Who is on the way out under the key of this account, and is succeeded by it from here on.
  mutating func succeeded(by account: Account) -> AccountID? {
    guard !leavers.isEmpty, let id = ids[account.storeKey] else { return nil }
    leavers[id]?.hasSuccessor = true
    return id
  }

  /// The account is gone; nil when it was not on its way out.
  mutating func remove(_ id: AccountID) -> (leaver: Leaver, key: String)? {
    guard !leavers.isEmpty, let leaver = leavers.removeValue(forKey: id) else { return nil }
    let key = leaver.account.storeKey
    if ids[key] == id { ids[key] = nil }
    return (leaver, key)
  }
}
