import SIPMessage

/// One attempt from its beginning to its end: store, locate, send, answer.
extension UserAgent {
  // MARK: Beginning

  func id(_ slot: Int32) -> AccountID { AccountID(index: Int(slot)) }

  mutating func registrationDue(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    if let deadline = self[slot]?.attemptDeadline, now >= deadline, let attempt = self[slot]?.attempt {
      attemptExpired(slot, attempt, now: now, effects: &effects)
    }
    switch update(slot, { $0.due(now: now) }) {
    case .some(.none), nil: break
    // Whatever begins settles the timer.
    case .start: return begin(slot, .register, now: now, effects: &effects)
    case .lapsed: lapsed(slot, effects: &effects)
    case .lapsedAndStart:
      lapsed(slot, effects: &effects)
      return begin(slot, .register, now: now, effects: &effects)
    }
    settleTimer(slot, effects: &effects)
  }

  private mutating func lapsed(_ slot: Int32, effects: inout [Effect]) {
    counters.lapsed += 1
    effects.append(.report(id(slot), .lapsed))
  }

  mutating func begin(_ slot: Int32, _ purpose: Attempt.Purpose, now: Instant, effects: inout [Effect]) {
    switch way(of: slot, purpose, now: now) {
    case nil: break
    case .route(let route, let role):
      begin(slot, purpose, route: route, role, now: now, effects: &effects)
    case .alone(let route):
      beginAlone(slot, route: route, now: now, effects: &effects)
    case .line(let routes) where purpose == .register:
      postpone(slot, routes, now: now, effects: &effects)
      settleTimer(slot, effects: &effects)
    case .line:
      effects.append(.report(id(slot), .unregisterFailed(.silent)))
      endRemoval(slot, now: now, effects: &effects)
      settleTimer(slot, effects: &effects)
    }
  }

  mutating func begin(
    _ slot: Int32, _ purpose: Attempt.Purpose, route: Int, _ role: Attempt.Engagement.Role, now: Instant,
    effects: inout [Effect]
  ) {
    guard self[slot] != nil else { return }
    let timeout = purpose == .unregister ? self[slot]?.account.policy.unregisterTimeout : nil
    registrants[Int(slot)]?.begins(purpose, on: route, overall: timeout.map { now + $0 }, now: now)
    engage(slot, route: route, role, now: now)
    if self[slot]?.cSeq.isAvailable == true {
      locate(slot, now: now, effects: &effects)
    } else if self[slot]?.cSeq.isRunningLow == true {
      store(slot, effects: &effects)
    }
    settleTimer(slot, effects: &effects)
  }

  /// Hands the record out, with more numbers reserved when few are left.
  mutating func store(_ slot: Int32, effects: inout [Effect]) {
    if self[slot]?.cSeq.isRunningLow == true { registrants[Int(slot)]?.cSeq.extend() }
    guard self[slot] != nil else { return }
    effects.append(.store(id(slot), registrants[Int(slot)]!.handOutRecord()))
  }

  mutating func stored(_ id: AccountID, key: UInt64, _ ceiling: UInt32, now: Instant, effects: inout [Effect]) {
    guard self[id.index]?.key == key else { return }
    registrants[Int(id.index)]?.cSeq.stored(ceiling)
    guard self[id.index]?.phase == .storing, self[id.index]?.cSeq.isAvailable == true else { return }
    locate(id.index, now: now, effects: &effects)
    settleTimer(id.index, effects: &effects)
  }

  mutating func locate(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    let serial = nextSerial()
    guard let nextHop = registrants[Int(slot)]?.locates(serial: serial, now: now) else { return }
    effects.append(.locate(nextHop, LocationID(account: id(slot), attempt: serial)))
  }

  mutating func located(_ question: LocationID, _ location: Location, now: Instant, effects: inout [Effect]) {
    let slot = question.account.index
    guard self[slot]?.locationSerial == question.attempt, self[slot]?.phase == .locating else { return }
    switch location {
    case .targets(let targets) where !targets.isEmpty:
      registrants[Int(slot)]?.located(targets) { hops[destinations[$0].hop].goodTarget }
      sendRegister(slot, now: now, effects: &effects)
    case .targets:
      advance(slot, after: .location("the next hop has no address"), now: now, effects: &effects, skippingRoute: true)
    case .failed(let words):
      advance(slot, after: .location(words), now: now, effects: &effects, skippingRoute: true)
    }
    settleTimer(slot, effects: &effects)
  }

  // MARK: Sending

  /// The next REGISTER of the attempt, to its current target. A CSeq has to be free, or it waits for the store.
  mutating func sendRegister(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    guard let current = self[slot]?.currentTarget else { return }
    precondition(self[slot]?.registration.isInFlight == true, "a REGISTER nobody asked for")
    guard self[slot]?.cSeq.isAvailable == true else {
      // The reservation is used up within one attempt: the store has been asked long ago.
      fail(slot, .stalled("the state store does not answer"), now: now, effects: &effects)
      return
    }
    let way = common.shared(current)
    let clientNonce = random.next()
    let branch = transactions.reserve(chance: random.next())
    let request: [UInt8]
    do throws(Registrant.Unwritable) {
      // In place: what is changed while somebody else holds it, too, is copied.
      request = try registrants[Int(slot)]!.register(
        branch, over: way, &templates, userAgent: settings.product, clientNonce: clientNonce,
        room: transactions.requestBuffer(), now: now)
    } catch {
      transactions.giveBack(branch)
      fail(slot, .stalled(error.words), now: now, effects: &effects)
      return
    }
    if self[slot]?.cSeq.isRunningLow == true { store(slot, effects: &effects) }
    transact(now: now, effects: &effects) {
      $0.start(
        branch, request, user: .registration(slot), method: .register, to: .target(way.target), local: way.local,
        now: now,
        actions: &$1)
    }
  }

  // MARK: What became of it

  /// A final response.
  mutating func answered(
    _ slot: Int32, _ response: Message, status: Int, now: Instant, effects: inout [Effect]
  ) {
    guard self[slot]?.phase == .sending else { return }
    let responseClass = ResponseClass(status: status)
    counters.answers[responseClass] += 1
    if responseClass == .success {
      note(slot, .accepted(status: status), answered: true, now: now)
      heard(slot, now: now, effects: &effects)
      conclude(slot, .good, now: now, effects: &effects)
      succeeded(slot, response, now: now, effects: &effects)
    } else {
      denied(slot, response, responseClass, status: status, now: now, effects: &effects)
    }
    settleTimer(slot, effects: &effects)
  }

  private mutating func denied(
    _ slot: Int32, _ response: Message, _ responseClass: ResponseClass, status: Int, now: Instant,
    effects: inout [Effect]
  ) {
    let failure = Failure.response(status: status, phrase: response.reasonPhrase)
    note(slot, .failed(failure), answered: true, now: now)
    heard(slot, now: now, effects: &effects)
    registrants[Int(slot)]?.updateAttempt {
      $0.retryAfter = response.retryAfter?.seconds.value
      $0.isObjectedTo = ResponseClass.isObjection(status)
    }
    switch responseClass {
    case .success: preconditionFailure("\(status) denies nothing")
    case .challenge: challenged(slot, response, failure, now: now, effects: &effects)
    case .adjust(let adjustment): adjust(slot, adjustment, response, failure, now: now, effects: &effects)
    case .redirect: redirected(slot, response, status, now: now, effects: &effects)
    case .targetFailure: advance(slot, after: failure, now: now, effects: &effects)
    case .temporary:
      if turnToAlternative(slot, now: now, effects: &effects) { return }
      fail(slot, failure, now: now, effects: &effects)
    case .refused:
      // A 6xx speaks for all places (§21.6).
      if status < 600, turnToAlternative(slot, now: now, effects: &effects) { return }
      refuse(slot, .refused(status: UInt16(status)), failure, now: now, effects: &effects)
    }
  }

  /// Timer F: nobody answered, or nobody did so that it could be understood.
  mutating func timedOut(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    let failure = self[slot]?.discarded.map(Failure.unusable) ?? .timedOut
    unanswered(slot, failure, now: now, effects: &effects)
  }

  /// What was meant as an answer is none; told when it is news.
  mutating func discarded(_ slot: Int32, _ flaw: Flaw, now: Instant, effects: inout [Effect]) {
    guard registrants[Int(slot)]?.updateAttempt({ $0.discards(flaw) }) == true,
      gates.discarded.pass(now: now) != nil
    else { return }
    effects.append(.report(id(slot), .discarded(flaw)))
  }

  /// Nobody answered, or nothing could be sent.
  mutating func unanswered(_ slot: Int32, _ failure: Failure, now: Instant, effects: inout [Effect]) {
    guard self[slot]?.phase == .sending else { return }
    note(slot, .failed(failure), answered: false, now: now)
    advance(slot, after: failure, now: now, effects: &effects)
    settleTimer(slot, effects: &effects)
  }

  mutating func note(_ slot: Int32, _ outcome: Exchange.Outcome, answered: Bool, now: Instant) {
    let isWhole = remembersExchanges
    registrants[Int(slot)]?.note(outcome, answered: answered, isWhole: isWhole, now: now)
  }

  private mutating func succeeded(_ slot: Int32, _ response: Message, now: Instant, effects: inout [Effect]) {
    guard let former = self[slot]?.standing else { return }
    let acceptance = registrants[Int(slot)]!.accept(response, now: now) {
      calendar.plan($0, now: now, chance: random.next())
    }
    recount(slot, after: former)
    switch acceptance {
    case .unregistered:
      effects.append(.report(id(slot), .unregistered))
      endRemoval(slot, now: now, effects: &effects)
    case .notBound(let hasLapsed):
      if hasLapsed { lapsed(slot, effects: &effects) }
      fail(slot, .notBound, now: now, effects: &effects)
    case .bound(let binding, let isRefresh, let isNews, let renewal, let news, let end):
      if isRefresh { counters.refreshed += 1 } else { counters.registered += 1 }
      displace(slot, boundAt: binding.routeIndex)
      effects.append(.report(id(slot), isNews ? .registered(binding) : .refreshed(binding)))
      for notice in news { effects.append(.report(id(slot), .noticed(notice))) }
      noticeAddress(slot, response, now: now)
      if let renewal {
        effects.append(.renew(id(slot), renewal))
      } else {
        store(slot, effects: &effects)
      }
      if self[slot]?.needsAnother == true, let interval = self[slot]?.account.policy.minimumInterval {
        _ = update(slot) { $0.reconsider(at: now + interval) }
      }
      carryOut(end, slot, now: now, effects: &effects)
    }
  }

  private mutating func challenged(
    _ slot: Int32, _ response: Message, _ failure: Failure, now: Instant, effects: inout [Effect]
  ) {
    guard let credentials = self[slot]?.account.credentials else { return }
    var challenges = Few<Challenge>()
    response.forEachChallenge { challenges.append($0) }
    let decision = registrants[Int(slot)]?.authenticator.challenged(
      by: challenges, credentials: credentials, common: &common)
    switch decision {
    case .answer, nil:
      effects.append(.report(id(slot), .step(.challenged(status: response.status ?? 401))))
      sendRegister(slot, now: now, effects: &effects)
    case .rejected: reject(slot, response, challenges, now: now, effects: &effects)
    case .doubted: doubt(slot, response, challenges, now: now, effects: &effects)
    case .tooMany: fail(slot, failure, now: now, effects: &effects)
    case .unusable: fail(slot, .noChallenge(status: response.status ?? 401), now: now, effects: &effects)
    case .noCredentials:
      let asked = ChallengeSummary(challenges, credentials)
      refuse(
        slot, .noCredentials, asked.map { .noCredential(status: response.status ?? 401, $0) } ?? failure, now: now,
        effects: &effects)
    case .weaker: fail(slot, .weakerDigest, now: now, effects: &effects)
    }
  }

  private mutating func redirected(
    _ slot: Int32, _ response: Message, _ status: Int, now: Instant, effects: inout [Effect]
  ) {
    registrants[Int(slot)]?.updateAttempt {
      $0.isRedirected(to: Redirection.targets(of: response), status: status)
    }
    if !turnToAlternative(slot, now: now, effects: &effects) { fail(slot, .redirect, now: now, effects: &effects) }
  }

  /// On to another Contact of a 3xx: the first, or the next when the one before failed (RFC 3261 §8.1.3.4).
  ///
  /// - Returns: false when there is none.
  mutating func turnToAlternative(_ slot: Int32, now: Instant, effects: inout [Effect]) -> Bool {
    guard let account = self[slot]?.account,
      let next = registrants[Int(slot)]?.updateAttempt({
        $0.turnsToAlternative(registrar: account.registrar, policy: account.policy)
      }) ?? nil
    else { return false }
    // What becomes of it elsewhere is not for the hop to answer for that sent us there.
    conclude(slot, .good, now: now, effects: &effects)
    registrants[Int(slot)]?.authenticator.beginAttempt()
    effects.append(.report(id(slot), .step(.redirected(status: next.status, next.uri))))
    locate(slot, now: now, effects: &effects)
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
