import SIPMessage

/// When the way to the registrar changes under a binding: another local address, or another one beyond a NAT.
extension UserAgent {
  /// Changes in a row that are followed at once: a NAT that shows another port each time is not chased.
  private static let addressChanges: UInt8 = 3

  /// After the last REGISTER: sooner than a refresh may come, since nobody reaches the old address.
  private static let pause: Duration = .seconds(1)

  /// What is dead is asked now, and not when it would have been its time.
  mutating func networkChanged(now: Instant) {
    for number in destinations.indices where !destinations[number].isQuiet {
      destinations[number].reconsider(now: now)
      tend(number)
    }
  }

  /// The new Contact is registered, and the old one removed with the same request.
  mutating func moved(_ id: AccountID, now: Instant, effects: inout [Effect]) {
    guard let registrant = self[id.index], registrant.registration.binding != nil else { return }
    registrants[Int(id.index)]?.seenAs = nil
    if registrant.registration.isInFlight {
      registrants[Int(id.index)]?.needsAnother = true
    } else if registrant.pause == nil {
      let turn = max(
        refreshRate.take(hop(of: registrant.destinations[0]), now: now),
        registrant.sentAt + min(Self.pause, registrant.account.policy.minimumInterval))
      cancelPlan(id.index, now: now)
      _ = update(id.index) { $0.reconsider(at: turn) }
      settleTimer(id.index, effects: &effects)
    }
  }

  /// A 2xx says where the request came from (RFC 3581): where the account is configured so, its Contact follows.
  mutating func noticeAddress(_ slot: Int32, _ response: Message, now: Instant) {
    guard self[slot]?.account.contact.followsNAT == true, let registrant = self[slot],
      registrant.account.contact.host == nil, let binding = registrant.registration.binding,
      let via = response.toleratedVia, let seen = ReflexiveAddress.read(via, local: binding.local)
    else { return }
    guard seen != registrant.seenAs ?? binding.local else {
      registrants[Int(slot)]?.addressChanges = 0
      return
    }
    registrants[Int(slot)]?.seenAs = seen == binding.local ? nil : seen
    guard registrant.addressChanges < Self.addressChanges else { return }
    registrants[Int(slot)]?.addressChanges += 1
    registrants[Int(slot)]?.needsAnother = true
  }
}
