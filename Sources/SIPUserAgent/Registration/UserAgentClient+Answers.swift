import SIPMessage

/// What a final response to a REGISTER comes to (RFC 3261 §8.1.3, §10.2.4).
extension UserAgentClient {
  mutating func answered(_ registrant: inout Registrant, _ response: Message, status: Int) {
    guard registrant.phase == .sending else { return }
    let responseClass = ResponseClass(status: status)
    counters.answers[responseClass] += 1
    if responseClass == .success {
      note(&registrant, .accepted(status: status), answered: true)
      heard(registrant)
      conclude(&registrant, .good)
      succeeded(&registrant, response)
    } else {
      denied(&registrant, response, responseClass, status: status)
    }
  }

  @inline(__always)
  private mutating func heard(_ registrant: borrowing Registrant) {
    if let engagement = registrant.engagement { nextHops.heard(engagement.path, &turn) }
  }

  private mutating func denied(
    _ registrant: inout Registrant, _ response: Message, _ responseClass: ResponseClass, status: Int
  ) {
    let failure = Failure.response(status: status, phrase: response.reasonPhrase)
    note(&registrant, .failed(failure), answered: true)
    heard(registrant)
    registrant.updateAttempt {
      $0.retryAfter = response.retryAfter?.seconds.value
      $0.isObjectedTo = ResponseClass.isObjection(status)
    }
    switch responseClass {
    case .success: preconditionFailure("\(status) denies nothing")
    case .challenge: challenged(&registrant, response, failure)
    case .adjust(let adjustment): adjust(&registrant, adjustment, response, failure)
    case .redirect: redirected(&registrant, response, status)
    case .targetFailure: advance(&registrant, after: failure)
    case .temporary:
      if turnToAlternative(&registrant) { return }
      fail(&registrant, failure)
    case .refused:
      // A 6xx speaks for all places (§21.6).
      if status < 600, turnToAlternative(&registrant) { return }
      refuse(&registrant, .refused(status: UInt16(status)), failure)
    }
  }

  private mutating func succeeded(_ registrant: inout Registrant, _ response: Message) {
    let acceptance = registrant.accept(response, now: now) {
      calendar.plan($0, now: turn.now, chance: turn.chance.next())
    }
    switch acceptance {
    case .unregistered:
      turn.report(registrant.id, .unregistered)
      endRemoval(&registrant)
    case .notBound(let hasLapsed):
      if hasLapsed { lapsed(registrant.id) }
      fail(&registrant, .notBound)
    case .bound(let binding, let isRefresh, let isNews, let renewal, let news, let end):
      if isRefresh { counters.refreshed += 1 } else { counters.registered += 1 }
      displace(&registrant, boundAt: binding.routeIndex)
      turn.report(registrant.id, isNews ? .registered(binding) : .refreshed(binding))
      for notice in news { turn.report(registrant.id, .noticed(notice)) }
      noticeAddress(&registrant, response)
      noteFlow(registrant, response, isSame: renewal != nil, isRefresh: isRefresh)
      if let renewal {
        turn.effects.append(.renew(registrant.id, renewal))
      } else {
        store(&registrant)
      }
      if registrant.needsAnother {
        _ = registrant.registration.reconsider(at: now + registrant.account.policy.minimumInterval)
      }
      carryOut(end, &registrant)
    }
  }

  // MARK: Challenges

  private mutating func challenged(_ registrant: inout Registrant, _ response: Message, _ failure: Failure) {
    var challenges = ShortList<Challenge>()
    response.forEachChallenge { challenges.append($0) }
    let status = response.status ?? 401
    let credentials = registrant.account.credentials
    switch registrant.authenticator.challenged(by: challenges, credentials: credentials, common: &common) {
    case .answer:
      turn.report(registrant.id, .step(.challenged(status: status)))
      sendRegister(&registrant)
    case .rejected: reject(&registrant, rejection(status, challenges, credentials))
    case .doubted: doubt(&registrant, rejection(status, challenges, credentials))
    case .tooMany: fail(&registrant, failure)
    case .unusable: fail(&registrant, .noChallenge(status: status))
    case .noCredentials:
      let asked = ChallengeSummary(challenges, credentials)
      refuse(&registrant, .noCredentials, asked.map { .noCredential(status: status, $0) } ?? failure)
    case .weaker: fail(&registrant, .weakerDigest)
    }
  }

  private enum Doubts {
    /// Rejections in a row of what was good before, after which it is called wrong.
    static let limit: UInt8 = 4
    /// From the second on the next try comes after this at most, doubled each time: registrars ban who fails often.
    static let patience: Duration = .seconds(300)
  }

  /// The credentials are wrong. That is known to the next process, too.
  private mutating func reject(_ registrant: inout Registrant, _ failure: Failure) {
    if !registrant.isUnregistering {
      registrant.rejected = Credential.fingerprint(of: registrant.account.credentials)
    }
    refuse(&registrant, .credentialsRejected, failure)
    if registrant.pause == .credentialsRejected { store(&registrant) }
  }

  /// They were good before: more likely the registrar is in trouble. It is asked once more soon, and then slowly.
  private mutating func doubt(_ registrant: inout Registrant, _ failure: Failure) {
    let doubts = registrant.doubts
    // Whoever wants no probes of what was refused is asked for a resume after the second.
    let limit = registrant.account.policy.refusedProbeInterval == nil ? 2 : Doubts.limit
    guard doubts + 1 < limit else { return reject(&registrant, failure) }
    registrant.doubts = doubts + 1
    if doubts > 0 { registrant.updateAttempt { $0.patience = Doubts.patience * (1 << Int(doubts - 1)) } }
    fail(&registrant, failure)
  }

  private func rejection(_ status: Int, _ challenges: ShortList<Challenge>, _ credentials: ShortList<Credential>)
    -> Failure
  {
    ChallengeSummary(challenges, credentials).map { .rejected(status: status, $0) } ?? .noChallenge(status: status)
  }

  // MARK: Other places

  private mutating func redirected(_ registrant: inout Registrant, _ response: Message, _ status: Int) {
    registrant.updateAttempt { $0.redirect(to: Redirection.targets(of: response), status: status) }
    if !turnToAlternative(&registrant) { fail(&registrant, .redirect) }
  }

  /// On to another Contact of a 3xx: the first, or the next when the one before failed (§8.1.3.4).
  ///
  /// - Returns: false when there is none.
  mutating func turnToAlternative(_ registrant: inout Registrant) -> Bool {
    let account = registrant.account
    guard
      let next = registrant.updateAttempt({
        $0.turnsToAlternative(registrar: account.registrar, policy: account.policy)
      }) ?? nil
    else { return false }
    // What becomes of it elsewhere is not for the hop to answer for that sent us there.
    conclude(&registrant, .good)
    registrant.authenticator.beginAttempt()
    turn.report(registrant.id, .step(.redirected(status: next.status, next.uri)))
    locate(&registrant)
    return true
  }
}

extension Message {
  /// As it came; empty for a request.
  var reasonPhrase: Bytes {
    switch startLine {
    case .request: []
    case .response(_, let reason): reason
    }
  }
}
