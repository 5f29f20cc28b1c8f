import SIPMessage

/// When the way to the registrar changes under a binding: another local address, or another one beyond a NAT.
extension UserAgentClient {
  /// Changes in a row that are followed at once: a NAT that shows another port each time is not chased.
  private static let addressChanges: UInt8 = 3

  /// The new Contact is registered, and the old one removed with the same request.
  mutating func moved(_ registrant: inout Registrant) {
    guard registrant.registration.isBound else { return }
    registrant.seenAs = nil
    if registrant.registration.isInFlight {
      registrant.needsAnother = true
    } else if registrant.pause == nil {
      let leavesAt = max(
        nextHops.take(.operators, toward: registrant.paths[0], now: now), registrant.earliestMove(now: now))
      cancelPlan(registrant)
      _ = registrant.registration.reconsider(at: leavesAt)
    }
  }

  /// A 2xx says where the request came from (RFC 3581): where the account is configured so, its Contact follows.
  mutating func noticeAddress(_ registrant: inout Registrant, _ response: Message) {
    guard registrant.account.contact.followsNAT, registrant.account.contact.host == nil,
      let way = registrant.registration.binding?.way, !way.target.transport.isWebSocket,
      let via = response.toleratedVia,
      let seen = ReflexiveAddress.read(via, local: way.local)
    else { return }
    let local = way.local
    guard seen != registrant.seenAs ?? local else { return registrant.addressChanges = 0 }
    registrant.seenAs = seen == local ? nil : seen
    guard registrant.addressChanges < Self.addressChanges else { return }
    registrant.addressChanges += 1
    registrant.needsAnother = true
  }
}

extension Registrant {
  /// After the last REGISTER: sooner than a refresh may come, since nobody reaches the old address.
  private static let pause: Duration = .seconds(1)

  /// When a binding may move.
  func earliestMove(now: Instant) -> Instant {
    max(now, sentAt + min(Self.pause, account.policy.minimumInterval))
  }
}
