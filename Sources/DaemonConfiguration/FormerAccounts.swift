import SIPUserAgent

/// The accounts of the configuration at work, to find in them what a new one says again. Most reloads leave most
/// accounts where they were: only what is not found in place is looked up by name.
struct FormerAccounts {
  private let accounts: [Account]
  /// Made when it is needed.
  private var positions: [String: Int] = [:]

  init(_ accounts: [Account]) { self.accounts = accounts }

  var count: Int { accounts.count }

  subscript(position: Int) -> Account { accounts[position] }

  /// - Parameter hint: where it is if nothing has moved
  mutating func position(of name: String, near hint: Int) -> Int? {
    if accounts.indices.contains(hint), accounts[hint].name == name { return hint }
    if positions.isEmpty, !accounts.isEmpty {
      positions.reserveCapacity(accounts.count)
      for (position, account) in accounts.enumerated() { positions[account.name] = position }
    }
    return positions[name]
  }

  /// The one that says the same, which is in memory anyway.
  mutating func same(as account: Account, at hint: Int) -> Account? {
    guard let position = position(of: account.name, near: hint), accounts[position] == account else { return nil }
    return accounts[position]
  }
}
