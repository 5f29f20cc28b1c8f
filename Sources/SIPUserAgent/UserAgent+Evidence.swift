import SIPMessage

/// What became of an attempt says something of its destination, and any response at all something of the next hop.
extension UserAgent {
  /// An attempt turns to the destination of a route.
  mutating func engage(_ slot: Int32, route: Int, _ role: Attempt.Engagement.Role, now: Instant) {
    guard let number = (self[slot]?.destinations[route]).map(Int.init) else { return }
    registrants[Int(slot)]?.updateAttempt { $0.engages(number, role, now: now) }
    switch role {
    case .free: break
    case .question:
      destinations[number].begins(question: slot, isWitness: vouches(slot, for: route), now: now)
      hops[destinations[number].hop].begins(now: now)
    case .released: destinations[number].released(now: now)
    }
  }

  /// The hop lives, whatever it said.
  mutating func heard(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    guard let engagement = self[slot]?.engagement else { return }
    let hop = destinations[engagement.destination].hop
    if !hops[hop].isWell { returned(hop, now: now, effects: &effects) }
  }

  /// It had not been heard for a while: every destination that waited for its turn asks.
  private mutating func returned(_ hop: Int, now: Instant, effects: inout [Effect]) {
    let since = hops[hop].reportedSince
    let waiting = hops[hop].responds()
    if !waiting.isEmpty { hops[hop].rises(now: now) }
    for number in waiting {
      destinations[Int(number)].turnComes(at: hops[hop].take(now: now))
      tend(Int(number))
    }
    guard let since else { return }
    let accounts = destinations.lazy.filter { $0.hop == hop }.reduce(0) { $0 + $1.line.count }
    effects.append(.reportHop(hops[hop].uri, .answers(after: now - since, waiting: accounts)))
  }

  /// The attempt ends, or turns to another destination.
  mutating func conclude(_ slot: Int32, _ verdict: SharedDestination.Verdict, now: Instant, effects: inout [Effect]) {
    guard let (engagement, route) = registrants[Int(slot)]?.updateAttempt({ $0.disengages() }) ?? nil else { return }
    let number = engagement.destination
    let isGood = verdict == .good
    let conclusion = destinations[number].concluded(
      verdict, by: slot, isWitness: !isGood && isWitness(slot, route),
      failedBefore: isGood ? nil : self[slot]?.failure(before: engagement.since), engagement,
      chance: isGood ? 0 : random.next(), now: now)
    if engagement.role == .question { asked(number, verdict, now: now) }
    if isGood, let target = self[slot]?.goodTarget { hops[destinations[number].hop].goodTarget = target }
    if conclusion.isOwn { registrants[Int(slot)]?.vouches.remove(route) }
    if verdict == .refused, !destinations[number].isFailing { wentDownWithOthers(slot) }
    if conclusion.follows { registrants[Int(slot)]?.updateAttempt { $0.followed.insert(route) } }
    settle(conclusion.change, of: number, verdict, by: slot, now: now, effects: &effects)
    if !destinations[number].isQuiet { tend(number) }
  }

  /// Who is bound over another way is known to be well, too.
  private func isWitness(_ slot: Int32, _ route: Int) -> Bool {
    vouches(slot, for: route) || self[slot]?.registration.isBound == true
  }

  /// Whether the destination of this route has answered the account well.
  func vouches(_ slot: Int32, for route: Int) -> Bool { self[slot]?.vouches.contains(route) == true }

  /// Failures in a row that may be chance.
  private static let chances = 3

  /// What goes down with a connection of many before the first registration, while others are answered, says little of the
  /// account: it comes again soon, a few times, and not after the back-off of one that fails by itself.
  private mutating func wentDownWithOthers(_ slot: Int32) {
    guard let registrant = self[slot], registrant.registration.failures < Self.chances, !registrant.registration.isBound
    else { return }
    registrants[Int(slot)]?.updateAttempt { $0.patience = registrant.account.policy.minimumInterval * 2 }
  }

  /// A question has an end: the next destination may ask.
  private mutating func asked(_ number: Int, _ verdict: SharedDestination.Verdict, now: Instant) {
    let hop = destinations[number].hop
    hops[hop].ends(verdict)
    passTurn(at: hop, now: now)
  }

  private mutating func settle(
    _ change: SharedDestination.Change, of number: Int, _ verdict: SharedDestination.Verdict, by slot: Int32,
    now: Instant, effects: inout [Effect]
  ) {
    let hop = destinations[number].hop
    switch change {
    case .none: break
    case .closed:
      hops[hop].closes(isSilent: verdict != .failing)
      divertLine(of: number, now: now, effects: &effects)
      reportClosed(number, self[slot]?.lastFailure ?? .timedOut, effects: &effects)
    case .opened(let silence):
      if silence != nil { hops[hop].opens() }
      if !destinations[number].line.isEmpty { hops[hop].rises(now: now) }
      destinations[number].releases(at: hops[hop].take(now: now))
      guard let silence, destinations[number].isReported else { break }
      destinations[number].isReported = false
      let waiting = destinations[number].line.count
      let registrar = destinations[number].registrar
      effects.append(
        .reportHop(
          hops[hop].uri,
          hops[hop].isShared
            ? .registrarAnswers(registrar, after: silence, waiting: waiting)
            : .answers(after: silence, waiting: waiting)))
    }
  }

  /// Of a hop that says nothing to anybody operators hear once, and not of each domain beyond it.
  private mutating func reportClosed(_ number: Int, _ failure: Failure, effects: inout [Effect]) {
    let hop = destinations[number].hop
    guard hops[hop].reportedSince == nil else { return }
    guard hops[hop].isShared else {
      destinations[number].isReported = true
      return effects.append(.reportHop(hops[hop].uri, .silent(failure)))
    }
    if hops[hop].isDead, let since = destinations[number].closedSince {
      hops[hop].reported(since: since)
      effects.append(.reportHop(hops[hop].uri, .silent(failure)))
    } else {
      destinations[number].isReported = true
      effects.append(.reportHop(hops[hop].uri, .registrarSilent(destinations[number].registrar, failure)))
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
