import SIPMessage

/// How many flows of those accounts are bound that have several (RFC 5626 §4.5): whoever is reachable over another one is
/// in less haste. Those of other shards are not known here; then it is as if there were none.
struct Flows: Sendable {
  private var bound: [UUID: Int] = [:]

  /// - Returns: nil for an account with one flow.
  private static func instance(of account: Account) -> UUID? {
    guard let outbound = account.outbound, outbound.flows > 1 else { return nil }
    return outbound.instance(of: account.addressOfRecord)
  }

  /// A flow is bound now, or not any more.
  mutating func note(_ account: Account, isBound: Bool) {
    guard let instance = Self.instance(of: account) else { return }
    let count = (bound[instance] ?? 0) + (isBound ? 1 : -1)
    bound[instance] = count > 0 ? count : nil
  }

  func isBoundElsewhere(_ registrant: borrowing Registrant) -> Bool {
    guard let instance = Self.instance(of: registrant.account) else { return false }
    return (bound[instance] ?? 0) > (registrant.registration.isBound ? 1 : 0)
  }
}
