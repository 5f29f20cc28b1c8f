import SIPMessage
import SIPTransaction

/// One attempt from its beginning to its answer: store, locate, send.
extension UserAgentClient {
  // MARK: Beginning

  /// The timer of a registration fired.
  mutating func due(_ registrant: inout Registrant) {
    if let deadline = registrant.attemptDeadline, now >= deadline { attemptExpired(&registrant) }
    switch registrant.registration.due(now: now) {
    case .none: break
    case .start: begin(&registrant)
    case .lapsed: lapsed(registrant.id)
    case .lapsedAndStart:
      lapsed(registrant.id)
      begin(&registrant)
    }
  }

  mutating func lapsed(_ id: AccountID) {
    counters.lapsed += 1
    turn.report(id, .lapsed)
  }

  /// The attempt that the registration has begun takes a route, or is put off.
  mutating func begin(_ registrant: inout Registrant) {
    if nextHops.isPlain(registrant.paths) { return begin(&registrant, route: 0, .free) }
    switch nextHops.choice(for: registrant, now: now) {
    case .route(let route, let role): begin(&registrant, route: route, role)
    case .alone(let route): beginAlone(&registrant, route: route)
    case .line(let routes) where !registrant.isUnregistering: postpone(&registrant, routes)
    case .line:
      turn.report(registrant.id, .unregisterFailed(.silent))
      endRemoval(&registrant)
    }
  }

  mutating func begin(_ registrant: inout Registrant, route: Int, _ role: Attempt.Engagement.Role) {
    let timeout = registrant.isUnregistering ? registrant.account.policy.unregisterTimeout : nil
    registrant.begins(on: route, overall: timeout.map { now + $0 }, now: now)
    engage(&registrant, route: route, role)
    if registrant.cSeq.isAvailable {
      locate(&registrant)
    } else if registrant.cSeq.isRunningLow {
      store(&registrant)
    }
  }

  /// Hands the record out, with more numbers reserved when few are left.
  mutating func store(_ registrant: inout Registrant) {
    if registrant.cSeq.isRunningLow { registrant.cSeq.extend() }
    turn.effects.append(.store(registrant.id, registrant.handOutRecord()))
  }

  mutating func stored(_ registrant: inout Registrant, key: UInt64, _ ceiling: UInt32) {
    guard registrant.key == key else { return }
    registrant.cSeq.stored(ceiling)
    if registrant.phase == .storing, registrant.cSeq.isAvailable { locate(&registrant) }
  }

  mutating func locate(_ registrant: inout Registrant) {
    let serial = turn.nextSerial()
    guard let nextHop = registrant.locates(serial: serial, now: now) else { return }
    turn.effects.append(.locate(nextHop, LookupID(account: registrant.id, serial: serial)))
  }

  mutating func located(_ registrant: inout Registrant, _ question: LookupID, _ location: Location) {
    guard registrant.locationSerial == question.serial, registrant.phase == .locating else { return }
    switch location {
    case .ways(let targets) where !targets.isEmpty:
      registrant.located(targets) { nextHops.avoided(beyond: $0, now: turn.now) }
      sendRegister(&registrant)
    case .ways:
      advance(&registrant, after: .location("the next hop has no address"), skippingRoute: true)
    case .failed(let words):
      advance(&registrant, after: .location(words), skippingRoute: true)
    }
  }

  // MARK: Sending

  /// The next REGISTER of the attempt, to its current target. A CSeq has to be free, or it waits for the store.
  mutating func sendRegister(_ registrant: inout Registrant) {
    guard let current = registrant.nextWay else { return }
    guard registrant.cSeq.isAvailable else {
      // The reservation is used up within one attempt: the store has been asked long ago.
      return fail(&registrant, .stalled("the state store does not answer"))
    }
    let way = common.shared(sized(current, for: registrant))
    let clientNonce = turn.chance.next()
    let branch = transactions.reserve(chance: turn.chance.next())
    let request: [UInt8]
    do throws(Registrant.Unwritable) {
      request = try registrant.register(
        branch, over: way, &templates, userAgent: settings.product, clientNonce: clientNonce,
        room: transactions.requestBuffer(), now: now)
    } catch {
      transactions.giveBack(branch)
      return fail(&registrant, .stalled(error.words))
    }
    if registrant.cSeq.isRunningLow { store(&registrant) }
    if isOversized(request, over: way, for: registrant) {
      // Written anew: another transport stands in its Via and its Contact.
      transactions.giveBack(branch)
      registrant.isLarge = true
      return sendRegister(&registrant)
    }
    var actions = takeRoom()
    transactions.start(
      branch, request, user: .registration(registrant.slot), method: .register, to: .target(way.target),
      local: way.local, now: now, actions: &actions)
    for action in actions where !carryOut(action) { preconditionFailure("a request is over before it has begun") }
    keep(&actions)
  }

  /// A connection is gone which its peer closed when it was idle, or behind another answer, and the REGISTER with it.
  ///
  /// That is no failed attempt: a new REGISTER goes over another connection at once (§8.1.3.1 has a lost request count as
  /// 503, and §21.5.4 lets it be tried elsewhere). It is a new request with the next CSeq, and not the same bytes once more:
  /// should the peer have got the first one after all, the second is in order behind it (§10.3), and its nonce count new.
  /// Where many go down with one connection each takes a turn at the rate of the hop.
  mutating func lost(_ registrant: inout Registrant, reason: String) {
    guard registrant.phase == .sending, registrant.updateAttempt({ $0.losesConnection() }) == true else {
      return unanswered(&registrant, .transport(reason))
    }
    note(&registrant, .failed(.transport(reason)), answered: false)
    let path = registrant.attemptRoute.flatMap { route in
      registrant.paths.indices.contains(route) ? registrant.paths[route] : nil
    }
    let leavesAt = path.map { nextHops.take(.waiting, toward: $0, now: now) } ?? now
    if leavesAt > now {
      registrant.updateAttempt { $0.yields(until: leavesAt) }
    } else {
      sendRegister(&registrant)
    }
  }

  // MARK: Without an answer

  /// Timer F: nobody answered, or nobody did so that it could be understood.
  mutating func timedOut(_ registrant: inout Registrant) {
    unanswered(&registrant, registrant.discarded.map(Failure.unusable) ?? .timedOut)
  }

  /// What is meant as an answer is none; told when it is news.
  mutating func discarded(_ registrant: inout Registrant, _ flaw: Flaw) {
    guard registrant.updateAttempt({ $0.discards(flaw) }) == true, discardedGate.pass(now: now) != nil else { return }
    turn.report(registrant.id, .discarded(flaw))
  }

  /// Nobody answered, or nothing could be sent.
  mutating func unanswered(_ registrant: inout Registrant, _ failure: Failure) {
    guard registrant.phase == .sending else { return }
    note(&registrant, .failed(failure), answered: false)
    if !fallBackToDatagrams(&registrant, after: failure) { advance(&registrant, after: failure) }
  }

  mutating func note(_ registrant: inout Registrant, _ outcome: Exchange.Outcome, answered: Bool) {
    registrant.note(outcome, answered: answered, isWhole: remembersExchanges, now: now)
  }
}
