import SIPMessage

/// What became of an attempt says something of its destination, and any response at all something of the next hop.
extension NextHops {
  /// What an account brings that is told of a destination.
  struct Testimony {
    let slot: Int32
    let verdict: SharedDestination.Verdict
    /// Whether it was answered well before.
    let isWitness: Bool
    /// When its attempt before this one failed, if it did.
    let failedBefore: Instant?
    /// Where a good answer came from.
    let goodTarget: Target?
  }

  /// An attempt turns to a destination.
  mutating func engage(
    _ number: Int, _ role: Attempt.Engagement.Role, slot: Int32, isWitness: Bool, now: Instant
  ) {
    switch role {
    case .free: break
    case .question:
      destinations[number].begins(question: slot, isWitness: isWitness, now: now)
      hops[destinations[number].hop].begins(now: now)
    case .released: destinations[number].released(now: now)
    }
  }

  /// The hop lives, whatever it said.
  @inline(__always)
  mutating func heard(_ number: Int, _ turn: inout Turn) {
    let hop = destinations[number].hop
    if !hops[hop].isWell { returned(hop, &turn) }
  }

  /// It had not been heard for a while: every destination that waited for its turn asks.
  private mutating func returned(_ hop: Int, _ turn: inout Turn) {
    let since = hops[hop].reportedSince
    let waiting = hops[hop].responds()
    if !waiting.isEmpty { hops[hop].rises(now: turn.now) }
    for number in waiting {
      destinations[Int(number)].turnComes(at: hops[hop].take(.waiting, now: turn.now))
      tend(Int(number))
    }
    guard let since else { return }
    let accounts = destinations.lazy.filter { $0.hop == hop }.reduce(0) { $0 + $1.line.count }
    turn.effects.append(.reportHop(hops[hop].uri, .answers(after: turn.now - since, waiting: accounts)))
  }

  /// The attempt ends, or turns to another destination.
  ///
  /// - Returns: what that means for the account; where the destination is closed with it, `closed` has to follow.
  mutating func conclude(
    _ engagement: Attempt.Engagement, _ testimony: Testimony, _ turn: inout Turn
  ) -> SharedDestination.Conclusion {
    let number = engagement.destination
    let verdict = testimony.verdict
    let isGood = verdict == .good
    let conclusion = destinations[number].concluded(
      verdict, by: testimony.slot, isWitness: testimony.isWitness, failedBefore: testimony.failedBefore, engagement,
      chance: isGood ? 0 : turn.chance.next(), now: turn.now)
    if engagement.role == .question { asked(number, verdict, now: turn.now) }
    if isGood, let target = testimony.goodTarget { hops[destinations[number].hop].goodTarget = target }
    switch conclusion.change {
    case .none: break
    case .closed:
      hops[destinations[number].hop].closes(isSilent: verdict != .failing)
      let line = destinations[number].takeLine()
      if !line.isEmpty { diverted.append((number, line)) }
    case .opened(let silence): opened(number, after: silence, &turn)
    }
    if !destinations[number].isQuiet { tend(number) }
    return conclusion
  }

  /// A question has an end: the next destination may ask.
  private mutating func asked(_ number: Int, _ verdict: SharedDestination.Verdict, now: Instant) {
    let hop = destinations[number].hop
    hops[hop].ends(verdict)
    passTurn(at: hop, now: now)
  }

  private mutating func opened(_ number: Int, after silence: Duration?, _ turn: inout Turn) {
    let hop = destinations[number].hop
    if silence != nil { hops[hop].opens() }
    if !destinations[number].line.isEmpty { hops[hop].rises(now: turn.now) }
    destinations[number].releases(at: hops[hop].take(.waiting, now: turn.now))
    guard let silence, destinations[number].isReported else { return }
    destinations[number].isReported = false
    let waiting = destinations[number].line.count
    turn.effects.append(
      .reportHop(
        hops[hop].uri,
        hops[hop].isShared
          ? .registrarAnswers(destinations[number].registrar, after: silence, waiting: waiting)
          : .answers(after: silence, waiting: waiting)))
  }

  /// A destination fails everybody. Of a hop that says nothing to anybody operators
  /// hear once, and not of each domain beyond it.
  mutating func closed(_ number: Int, _ failure: Failure, _ turn: inout Turn) {
    let hop = destinations[number].hop
    guard hops[hop].reportedSince == nil else { return }
    guard hops[hop].isShared else {
      destinations[number].isReported = true
      return turn.effects.append(.reportHop(hops[hop].uri, .silent(failure)))
    }
    if hops[hop].isDead, let since = destinations[number].closedSince {
      hops[hop].reported(since: since)
      turn.effects.append(.reportHop(hops[hop].uri, .silent(failure)))
    } else {
      destinations[number].isReported = true
      turn.effects.append(.reportHop(hops[hop].uri, .registrarSilent(destinations[number].registrar, failure)))
    }
  }
}

extension SharedDestination.Verdict {
  /// What the end of an attempt says of the destination.
  init(_ failure: Failure) {
    switch failure {
    case .response(let status, _): self = status == 408 || (500...599).contains(status) ? .failing : .good
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
