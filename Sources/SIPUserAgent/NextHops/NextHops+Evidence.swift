import SIPMessage

/// What became of an attempt says something of its path, and any response at all something of the next hop.
extension NextHops {
  /// What an account brings that is told of a path.
  struct Testimony {
    let slot: Int32
    let verdict: RegistrarPath.Verdict
    /// Whether it was answered well before.
    let isWitness: Bool
    /// When its attempt before this one failed, if it did.
    let failedBefore: Instant?
    /// Where a good answer came from, and what was silent before it.
    let goodTarget: Target?
    let passed: [Target]
  }

  /// An attempt turns to a path.
  mutating func engage(
    _ number: Int, _ role: Attempt.Engagement.Role, slot: Int32, isWitness: Bool, now: Instant
  ) {
    switch role {
    case .free: break
    case .question:
      paths[number].begins(question: slot, isWitness: isWitness, now: now)
      hops[paths[number].hop].begins(now: now)
    case .released: paths[number].released(now: now)
    }
  }

  /// The hop lives, whatever it said.
  @inline(__always)
  mutating func heard(_ number: Int, _ turn: inout Turn) {
    let hop = paths[number].hop
    if !hops[hop].isWell { returned(hop, &turn) }
  }

  /// It had not been heard for a while: every path that waited for its turn asks.
  private mutating func returned(_ hop: Int, _ turn: inout Turn) {
    let since = hops[hop].reportedSince
    let waiting = hops[hop].responds()
    if !waiting.isEmpty { hops[hop].rises(now: turn.now) }
    for number in waiting {
      paths[Int(number)].turnComes(at: hops[hop].take(.waiting, now: turn.now))
      revisit(Int(number))
    }
    guard let since else { return }
    let accounts = paths.lazy.filter { $0.hop == hop }.reduce(0) { $0 + $1.line.count }
    turn.effects.append(.reportHop(hops[hop].uri, .answers(after: turn.now - since, waiting: accounts)))
  }

  /// The attempt ends, or turns to another path.
  ///
  /// - Returns: what that means for the account; where the path is closed with it, `closed` has to follow.
  mutating func conclude(
    _ engagement: Attempt.Engagement, _ testimony: Testimony, _ turn: inout Turn
  ) -> RegistrarPath.Conclusion {
    let number = engagement.path
    let verdict = testimony.verdict
    let isGood = verdict == .good
    let conclusion = paths[number].concluded(
      verdict, by: testimony.slot, isWitness: testimony.isWitness, failedBefore: testimony.failedBefore, engagement,
      chance: isGood ? 0 : turn.chance.next(), now: turn.now)
    if engagement.role == .question { asked(number, verdict, now: turn.now) }
    if isGood, let target = testimony.goodTarget {
      hops[paths[number].hop].answers(from: target, passing: testimony.passed, now: turn.now)
    }
    switch conclusion.change {
    case .none: break
    case .closed:
      hops[paths[number].hop].closes(isSilent: verdict != .failing)
      let line = paths[number].takeLine()
      if !line.isEmpty { diverted.append((number, line)) }
    case .opened(let silence): opened(number, after: silence, &turn)
    }
    if !paths[number].isQuiet { revisit(number) }
    return conclusion
  }

  /// A question has an end: the next path may ask.
  private mutating func asked(_ number: Int, _ verdict: RegistrarPath.Verdict, now: Instant) {
    let hop = paths[number].hop
    hops[hop].ends(verdict)
    passTurn(at: hop, now: now)
  }

  private mutating func opened(_ number: Int, after silence: Duration?, _ turn: inout Turn) {
    let hop = paths[number].hop
    if silence != nil { hops[hop].opens() }
    if !paths[number].line.isEmpty { hops[hop].rises(now: turn.now) }
    paths[number].releases(at: hops[hop].take(.waiting, now: turn.now))
    guard let silence, paths[number].isReported else { return }
    paths[number].isReported = false
    let waiting = paths[number].line.count
    turn.effects.append(
      .reportHop(
        hops[hop].uri,
        hops[hop].isShared
          ? .registrarAnswers(paths[number].registrar, after: silence, waiting: waiting)
          : .answers(after: silence, waiting: waiting)))
  }

  /// A path fails everybody. Of a hop that says nothing to anybody operators
  /// hear once, and not of each domain beyond it.
  mutating func closed(_ number: Int, _ failure: Failure, _ turn: inout Turn) {
    let hop = paths[number].hop
    guard hops[hop].reportedSince == nil else { return }
    guard hops[hop].isShared else {
      paths[number].isReported = true
      return turn.effects.append(.reportHop(hops[hop].uri, .silent(failure)))
    }
    if hops[hop].isDead, let since = paths[number].closedSince {
      hops[hop].reported(since: since)
      turn.effects.append(.reportHop(hops[hop].uri, .silent(failure)))
    } else {
      paths[number].isReported = true
      turn.effects.append(.reportHop(hops[hop].uri, .registrarSilent(paths[number].registrar, failure)))
    }
  }
}

extension RegistrarPath.Verdict {
  /// What the end of an attempt says of the path.
  init(_ failure: Failure) {
    switch failure {
    case .response(let status, _): self = ResponseClass.speaksOfPath(status) ? .failing : .good
    case .timedOut: self = .silent
    // Something there answers this account, though nobody can say what.
    case .unusable: self = .failing
    case .transport: self = .refused
    case .location: self = .unlocated
    case .notBound, .redirect, .weakerDigest, .noChallenge, .noCredential, .rejected: self = .good
    case .silent, .stalled: self = .none
    }
  }
}
