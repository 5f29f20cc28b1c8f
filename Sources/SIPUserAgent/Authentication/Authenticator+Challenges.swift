import SIPMessage

extension Authenticator {
  package enum Decision: Sendable, Equatable {
    /// Send the request again; `credentials` has an answer now.
    case answer
    /// Fresh credentials were met with the same question.
    case rejected
    /// Fresh credentials were met with the same question, though they were accepted before, by whomever: who asks in
    /// another name, or as a proxy, asks for the same ones.
    case doubted
    /// Answered often enough for one attempt: endlessly stale, or ever another realm.
    case tooMany
    /// Nothing configured answers this: other realms, or algorithms and qualities not known here.
    case noCredentials
    /// There is no challenge of the digest scheme that can be read.
    case unusable
    /// It asks for a weaker hash than it has accepted before: that is somebody else, or somebody in between.
    case weaker
  }

  /// A 401 or 407 came.
  package mutating func challenged(by challenges: [Challenge], credentials: ShortList<Credential>) -> Decision {
    var common = CommonValues()
    return challenged(by: ShortList(challenges), credentials: credentials, common: &common)
  }

  mutating func challenged(
    by challenges: ShortList<Challenge>, credentials: ShortList<Credential>, common: inout CommonValues
  ) -> Decision {
    var answers = self.answers.value ?? Answers()
    answers.count += 1
    defer { self.answers.value = answers }
    guard answers.count <= Limits.answers else { return .tooMany }
    guard !challenges.isEmpty else { return .unusable }
    var best = ShortList<Candidate>()
    challenges.forEachLent { challenge in
      guard let candidate = Self.candidate(challenge, credentials, common) else { return }
      if let index = best.firstIndex(where: { $0.protection == candidate.protection }) {
        if candidate.algorithm.hash > best[index].algorithm.hash { best[index] = candidate }
      } else if best.count < Limits.realms {
        best.append(candidate)
      }
    }
    guard !best.isEmpty else { return .noCredentials }
    if !held.isEmpty, !takesWeaker {
      best = ShortList(best.filter { !isWeaker($0.algorithm, than: $0.protection) })
      guard !best.isEmpty else { return .weaker }
    }
    if best.count > Limits.nonces {
      // Who has accepted us before is not pushed out by whoever asks now.
      let known = best.filter { hasAccepted($0.protection) }
      best = ShortList((known + best.filter { !hasAccepted($0.protection) }).prefix(Limits.nonces))
    }
    // A proxy's answer may be missing while the server's was right: one realm that has not been answered is enough.
    var isNew = false
    best.forEachLent { isNew = isNew || $0.challenge.isStale || !answers.protections.contains($0.protection) }
    guard isNew else { return haveWorked ? .doubted : .rejected }
    best.forEachLent { candidate in
      keep(
        candidate.challenge, candidate.algorithm, realm: common.shared(candidate.protection.realm))
      if !answers.protections.contains(candidate.protection) { answers.protections.append(candidate.protection) }
    }
    return .answer
  }

  /// The strongest that somebody asks for.
  private struct Candidate {
    let protection: Protection
    let challenge: Challenge
    let algorithm: DigestAlgorithm
  }

  /// - Returns: nil for a challenge that can not be answered.
  private static func candidate(
    _ challenge: Challenge, _ credentials: ShortList<Credential>, _ common: CommonValues
  ) -> Candidate? {
    // -sess needs a client nonce, and there is none without qop.
    guard challenge.isPrintable, let algorithm = challenge.algorithm, !challenge.hasUnknownQualityOnly,
      !algorithm.isSession || challenge.quality != nil
    else { return nil }
    let realm = common.realm(of: challenge)
    guard credential(for: realm, algorithm, in: credentials) != nil, challenge.isShort else { return nil }
    return Candidate(
      protection: Protection(source: challenge.source, realm: realm), challenge: challenge, algorithm: algorithm)
  }

  private func isWeaker(_ algorithm: DigestAlgorithm, than protection: Protection) -> Bool {
    held.contains { held in
      held.accepted.map { algorithm.hash < $0 } == true && held.isFor(protection)
    }
  }
}

extension Challenge {
  /// The answer fits into a request.
  fileprivate var isShort: Bool {
    // Nearly always there is no need to count what has to be escaped.
    2 * repeatedLength <= Authenticator.Limits.length
      || Authenticator.length(realm, nonce, opaque) <= Authenticator.Limits.length
  }
}
