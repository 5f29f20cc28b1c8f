import SIPMessage

/// Credentials that were met with the same challenge again.
extension UserAgent {
  private enum Doubts {
    /// Rejections in a row of what was good before, after which it is called wrong.
    static let limit: UInt8 = 4
    /// From the second on the next try comes after this at most, doubled each time: registrars ban who fails often.
    static let patience: Duration = .seconds(300)
  }

  /// The credentials are wrong. That is known to the next process, too.
  mutating func reject(
    _ slot: Int32, _ response: Message, _ challenges: Few<Challenge>, now: Instant, effects: inout [Effect]
  ) {
    guard let credentials = self[slot]?.account.credentials else { return }
    if self[slot]?.attempt?.purpose == .register {
      registrants[Int(slot)]?.rejected = Credential.fingerprint(of: credentials)
    }
    let failure = rejection(response, challenges, credentials)
    refuse(slot, .credentialsRejected, failure, now: now, effects: &effects)
    if self[slot]?.pause == .credentialsRejected { store(slot, effects: &effects) }
  }

  /// They were good before: more likely the registrar is in trouble. It is asked once more soon, and then slowly.
  mutating func doubt(
    _ slot: Int32, _ response: Message, _ challenges: Few<Challenge>, now: Instant, effects: inout [Effect]
  ) {
    guard let account = self[slot]?.account, let doubts = self[slot]?.doubts else { return }
    // Whoever wants no probes of what was refused is asked for a resume after the second.
    let limit = account.policy.refusedProbeInterval == nil ? 2 : Doubts.limit
    guard doubts + 1 < limit else { return reject(slot, response, challenges, now: now, effects: &effects) }
    registrants[Int(slot)]?.doubts = doubts + 1
    if doubts > 0 {
      registrants[Int(slot)]?.updateAttempt { $0.patience = Doubts.patience * (1 << Int(doubts - 1)) }
    }
    fail(slot, rejection(response, challenges, account.credentials), now: now, effects: &effects)
  }

  private func rejection(
    _ response: Message, _ challenges: Few<Challenge>, _ credentials: Few<Credential>
  ) -> Failure {
    let status = response.status ?? 401
    return ChallengeSummary(challenges, credentials).map { .rejected(status: status, $0) }
      ?? .noChallenge(status: status)
  }
}
