import SIPMessage
import SIPTransaction

/// Nobody is at a target, says ICMP (RFC 3261 §18.4): a REGISTER that can go elsewhere does so at once. One that can not
/// is left alone: a report is easily forged, and the copies of the request are what notices the return.
extension UserAgent {
  mutating func unreachable(_ target: Target, reason: String, now: Instant, effects: inout [Effect]) {
    for (client, user) in transactions.unanswered(by: target) where canTurn(user, now: now) {
      transact(now: now, effects: &effects) { $0.transportFailed(client: client, reason: reason, actions: &$1) }
    }
  }

  private func canTurn(_ user: TransactionUser, now: Instant) -> Bool {
    switch user.owner {
    case .registration(let slot):
      guard let attempt = self[slot]?.attempt else { return false }
      return attempt.hasAnotherTarget || attempt.hasAlternative || nextRoute(of: slot, after: attempt, now: now) != nil
    }
  }
}
