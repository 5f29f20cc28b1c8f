import SIPMessage

/// Requests that are lost with a connection which its peer closed when it was idle, or behind another answer.
///
/// They are no failed attempts: a new REGISTER goes over another connection at once (§8.1.3.1 has a lost request count as
/// 503, and §21.5.4 lets it be tried elsewhere). It is a new request with the next CSeq, and not the same bytes once more:
/// should the peer have got the first one after all, the second is in order behind it (§10.3), and its nonce count new.
/// Where many go down with one connection each takes a turn at the rate of the hop.
extension UserAgent {
  mutating func lost(_ slot: Int32, reason: String, now: Instant, effects: inout [Effect]) {
    guard self[slot]?.phase == .sending, registrants[Int(slot)]?.updateAttempt({ $0.losesConnection() }) == true else {
      return unanswered(slot, .transport(reason), now: now, effects: &effects)
    }
    note(slot, .failed(.transport(reason)), answered: false, now: now)
    let turn = hopNumber(ofAttempt: slot).map { hops[$0].take(now: now) } ?? now
    if turn > now {
      registrants[Int(slot)]?.updateAttempt { $0.yields(until: turn) }
    } else {
      sendRegister(slot, now: now, effects: &effects)
    }
    settleTimer(slot, effects: &effects)
  }

  /// That of the route which the attempt is on.
  private func hopNumber(ofAttempt slot: Int32) -> Int? {
    guard let route = self[slot]?.attemptRoute, let numbers = self[slot]?.destinations, route < numbers.count else {
      return nil
    }
    return destinations[Int(numbers[route])].hop
  }
}
