import SIPMessage
import SIPTransaction

/// The user agent as the user of the transaction layer (RFC 3261 §17).
extension UserAgent {
  /// Lets the transaction layer work, and does what it asks for.
  @inline(__always)
  mutating func transact(_ work: (inout TransactionLayer, inout [TransactionAction], Instant) -> Void) {
    var actions = client.takeRoom()
    work(&client.transactions, &actions, client.now)
    for action in actions where !client.carryOut(action) { tell(action) }
    client.keep(&actions)
  }

  /// A transaction user hears of its transaction.
  private mutating func tell(_ action: TransactionAction) {
    switch action {
    case .received(let response, let status, let user):
      // A provisional response says nothing of a registration.
      if status >= 200 { lend(user) { $0.answered(&$1, response, status: status) } }
    case .timedOut(let user): lend(user) { $0.timedOut(&$1) }
    case .failed(let user, let reason): lend(user) { $0.unanswered(&$1, .transport(reason)) }
    case .lost(let user, let reason): lend(user) { $0.lost(&$1, reason: reason) }
    case .discarded(let user, let flaw): lend(user) { $0.discarded(&$1, flaw) }
    case .request(let request, let flow): received(request: request, over: flow)
    case .acknowledged(_, let user), .cancelled(_, _, let user):
      switch user.owner {
      case .registration(let slot): preconditionFailure("registration \(slot) serves no request")
      }
    case .send, .setTimer: preconditionFailure("not for a transaction user: \(action)")
    }
  }

  @inline(__always)
  private mutating func lend(_ user: TransactionUser, _ body: (inout UserAgentClient, inout Registrant) -> Void) {
    switch user.owner {
    case .registration(let slot): lend(slot, body)
    }
  }

  /// Nobody is at a target, says ICMP (RFC 3261 §18.4): a REGISTER that can go elsewhere does so at once. One that can not
  /// is left alone: a report is easily forged, and the copies of the request are what notices the return.
  mutating func unreachable(_ target: Target, reason: String) {
    for (transaction, user) in client.transactions.unanswered(by: target) where canTurn(user) {
      transact { layer, actions, _ in layer.transportFailed(client: transaction, reason: reason, actions: &actions) }
    }
  }

  private func canTurn(_ user: TransactionUser) -> Bool {
    guard case .registration(let slot) = user.owner, let registrant = registrations[slot],
      let hasAnother = registrant.registration.ofAttempt({ $0.hasAnotherTarget || $0.hasAlternative })
    else { return false }
    return hasAnother || client.nextHops.nextRoute(of: registrant, now: client.now) != nil
  }
}
