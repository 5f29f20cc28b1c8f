import SIPMessage
import SIPTransaction

/// One attempt from its beginning to its end: store, locate, send, answer.
extension UserAgent {
  // MARK: Beginning

  func id(_ slot: Int32) -> AccountID { AccountID(index: Int(slot)) }

  mutating func registrationDue(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    if let attempt = self[slot]?.attempt, let deadline = attempt.nextDeadline, now >= deadline {
      attemptExpired(slot, attempt, now: now, effects: &effects)
    }
    switch update(slot, { $0.due(now: now) }) {
    case .some(.none), nil: break
    case .start: begin(slot, .register, now: now, effects: &effects)
    case .lapsed: lapsed(slot, effects: &effects)
    case .lapsedAndStart:
      lapsed(slot, effects: &effects)
      begin(slot, .register, now: now, effects: &effects)
    }
    settleTimer(slot, effects: &effects)
  }

  private mutating func lapsed(_ slot: Int32, effects: inout [Effect]) {
    counters.lapsed += 1
    effects.append(.report(id(slot), .lapsed))
  }

  mutating func begin(_ slot: Int32, _ purpose: Attempt.Purpose, now: Instant, effects: inout [Effect]) {
    guard let registrant = self[slot] else { return }
    switch way(of: registrant, purpose, now: now) {
    case .route(let route, let isProbe):
      begin(slot, purpose, route: route, isProbe: isProbe, now: now, effects: &effects)
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
    _ slot: Int32, _ purpose: Attempt.Purpose, route: Int, isProbe: Bool, isCounted: Bool = false, now: Instant,
    effects: inout [Effect]
  ) {
    guard let policy = self[slot]?.account.policy else { return }
    registrants[Int(slot)]?.attempt = Attempt(
      purpose: purpose, routeIndex: route, overall: purpose == .unregister ? now + policy.unregisterTimeout : nil,
      now: now)
    engage(slot, route: route, isProbe: isProbe, isCounted: isCounted, now: now)
    registrants[Int(slot)]?.authenticator.beginAttempt()
    registrants[Int(slot)]?.needsAnother = false
    if self[slot]?.cSeq.isAvailable == true {
      locate(slot, now: now, effects: &effects)
    } else {
      store(slot, effects: &effects)
    }
    settleTimer(slot, effects: &effects)
  }

  /// Hands the record out, with more numbers reserved when few are left.
  mutating func store(_ slot: Int32, effects: inout [Effect]) {
    if self[slot]?.cSeq.isRunningLow == true { registrants[Int(slot)]?.cSeq.extend() }
    guard let record = self[slot]?.record else { return }
    registrants[Int(slot)]?.recorded()
    effects.append(.store(id(slot), record))
  }

  mutating func stored(_ id: AccountID, key: UInt64, _ ceiling: UInt32, now: Instant, effects: inout [Effect]) {
    guard self[id.index]?.key == key else { return }
    registrants[Int(id.index)]?.cSeq.stored(ceiling)
    guard self[id.index]?.attempt?.phase == .storing, self[id.index]?.cSeq.isAvailable == true else { return }
    locate(id.index, now: now, effects: &effects)
    settleTimer(id.index, effects: &effects)
  }

  mutating func locate(_ slot: Int32, now: Instant, effects: inout [Effect]) {
    guard var attempt = self[slot]?.attempt, let nextHop = self[slot]?.application(of: attempt).nextHop
    else { return }
    attempt.locates(now: now)
    registrants[Int(slot)]?.attempt = attempt
    let serial = nextSerial()
    registrants[Int(slot)]?.locationSerial = serial
    effects.append(.locate(nextHop, LocationID(account: id(slot), attempt: serial)))
  }

  mutating func located(_ question: LocationID, _ location: Location, now: Instant, effects: inout [Effect]) {
    let slot = question.account.index
    guard self[slot]?.locationSerial == question.attempt, self[slot]?.attempt?.phase == .locating else { return }
    switch location {
    case .targets(let targets) where !targets.isEmpty:
      let preferred = self[slot]?.preferredTarget(hops)
      registrants[Int(slot)]?.attempt?.located(targets, preferred: preferred)
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
    guard let attempt = self[slot]?.attempt, let account = self[slot]?.account,
      let identity = self[slot]?.compactIdentity, let application = self[slot]?.application(of: attempt)
    else { return }
    precondition(self[slot]?.registration.isInFlight == true, "a REGISTER nobody asked for")
    guard self[slot]?.cSeq.isAvailable == true else {
      // The reservation is used up within one attempt: the store has been asked long ago.
      fail(slot, .stalled("the state store does not answer"), now: now, effects: &effects)
      return
    }
    let way = common.shared(attempt.current)
    guard let contact = self[slot]?.contact(over: way) else {
      fail(slot, .stalled("the configured Contact makes no URI"), now: now, effects: &effects)
      return
    }
    let template: RegisterTemplate
    do throws(HeaderInjection) {
      template = try templates.template(
        application, way, offersPath: self[slot]?.offersPath ?? true, userAgent: settings.product)
    } catch {
      fail(slot, .stalled("a configured value does not fit into \(error.name)"), now: now, effects: &effects)
      return
    }
    let asked = max(account.expires, self[slot]?.minimumExpires ?? 0)
    let bound = self[slot]?.registration.binding?.contact
    let clientNonce = Identity.hexadecimalDigits(random.next())
    // In place: what is changed while somebody else holds it, too, is copied.
    guard let cSeq = registrants[Int(slot)]?.cSeq.take(),
      let authorization = registrants[Int(slot)]?.authenticator.authorize(
        method: .register, uri: application.requestURI, credentials: account.credentials, clientNonce: clientNonce)
    else { return }
    registrants[Int(slot)]?.sends(contact, over: way, asking: asked, now: now)
    let request = RegisterRequest(
      template: template, account: account, identity: identity, cSeq: cSeq, contact: contact,
      expires: attempt.purpose == .unregister ? 0 : asked, formerContact: bound == contact.text ? nil : bound,
      authorization: authorization)
    if self[slot]?.cSeq.isRunningLow == true { store(slot, effects: &effects) }
    let chance = random.next()
    var injection: HeaderInjection?
    transact(now: now, effects: &effects) { layer, actions in
      do throws(HeaderInjection) {
        try layer.start(
          user: slot, method: .register, to: .target(way.target), local: way.local, chance: chance, now: now,
          actions: &actions, makeRequest: request.bytes)
      } catch { injection = error }
    }
    if let injection {
      fail(slot, .stalled("a configured value does not fit into \(injection.name)"), now: now, effects: &effects)
    }
  }

  // MARK: What became of it

  /// A final response.
  mutating func answered(
    _ slot: Int32, _ response: Message, status: Int, now: Instant, effects: inout [Effect]
  ) {
    guard self[slot]?.attempt?.phase == .sending else { return }
    let responseClass = ResponseClass(status: status)
    let failure = Failure.response(status: status, phrase: responseClass == .success ? [] : response.reasonPhrase)
    counters.answers[responseClass] += 1
    note(slot, responseClass == .success ? .accepted(status: status) : .failed(failure), answered: true, now: now)
    if responseClass != .targetFailure { heard(slot, now: now, effects: &effects) }
    switch responseClass {
    case .success: succeeded(slot, response, now: now, effects: &effects)
    case .challenge: challenged(slot, response, failure, now: now, effects: &effects)
    case .adjust(let adjustment): adjust(slot, adjustment, response, failure, now: now, effects: &effects)
    case .redirect: redirected(slot, response, status, now: now, effects: &effects)
    case .targetFailure:
      registrants[Int(slot)]?.attempt?.retryAfter = response.retryAfter?.seconds.value
      advance(slot, after: failure, now: now, effects: &effects)
    case .temporary:
      registrants[Int(slot)]?.attempt?.retryAfter = response.retryAfter?.seconds.value
      fail(slot, failure, now: now, effects: &effects)
    case .refused: refuse(slot, .refused(status: status), failure, now: now, effects: &effects)
    }
    settleTimer(slot, effects: &effects)
  }

  /// Nobody answered, or nothing could be sent.
  mutating func unanswered(_ slot: Int32, _ failure: Failure, now: Instant, effects: inout [Effect]) {
    guard self[slot]?.attempt?.phase == .sending else { return }
    note(slot, .failed(failure), answered: false, now: now)
    advance(slot, after: failure, now: now, effects: &effects)
    settleTimer(slot, effects: &effects)
  }

  mutating func note(_ slot: Int32, _ outcome: Exchange.Outcome, answered: Bool, now: Instant) {
    guard let target = self[slot]?.attempt?.current.target else { return }
    registrants[Int(slot)]?.note(outcome, target: target, answered: answered, now: now)
  }

  private mutating func succeeded(_ slot: Int32, _ response: Message, now: Instant, effects: inout [Effect]) {
    guard let registrant = self[slot], let attempt = registrant.attempt, let contact = registrant.contact
    else { return }
    for (name, source) in [
      (HeaderName.authenticationInfo, Challenge.Source.server), (.proxyAuthenticationInfo, .proxy),
    ] {
      let info = response.first(name).flatMap { try? AuthenticationInfo(parsing: $0) }
      registrants[Int(slot)]?.authenticator.succeeded(info, from: source)
    }
    guard attempt.purpose == .register else {
      effects.append(.report(id(slot), .unregistered))
      endRemoval(slot, now: now, effects: &effects)
      return
    }
    guard let seconds = contact.granted(by: response, asked: registrant.asked) else {
      if update(slot, { $0.lost() }) == true { lapsed(slot, effects: &effects) }
      registrants[Int(slot)]?.noteUnbound(status: response.status ?? 200, target: attempt.current.target, now: now)
      fail(slot, .notBound, now: now, effects: &effects)
      return
    }
    let policy = registrant.account.policy
    let granted = min(.seconds(Int64(seconds)), policy.maximumExpires)
    // The registrar may have counted since the first copy of the request: its answer may have come late, or again.
    let registeredAt = registrant.sentAt
    let binding = Binding(
      registeredAt: registeredAt, expiresAt: registeredAt + granted, contact: contact.text,
      routeIndex: attempt.routeIndex, way: common.shared(attempt.current),
      serviceRoute: (try? response.serviceRoutes())?.map(\.uri) ?? [])
    let isRefresh = registrant.registration.binding != nil
    if isRefresh { counters.refreshed += 1 } else { counters.registered += 1 }
    registrants[Int(slot)]?.attempt = nil
    let window = RefreshPlan(granted: granted, policy: policy)
      .window(since: registeredAt, floor: now + policy.minimumInterval)
    let refreshAt = calendar.plan(window, now: now, using: &random)
    let end = update(slot) { $0.succeeded(binding, refreshAt: refreshAt) }
    displace(slot, boundAt: binding.routeIndex)
    // After a failure it is news, even where the old binding lived on.
    let isNews = !isRefresh || registrant.registration.failures > 0
    effects.append(.report(id(slot), isNews ? .registered(binding) : .refreshed(binding)))
    noticeAddress(slot, response, now: now)
    if let renewal = self[slot]?.renewal(of: registrant.registration.binding) {
      effects.append(.renew(id(slot), renewal))
    } else {
      store(slot, effects: &effects)
    }
    if registrants[Int(slot)]?.needsAnother == true {
      _ = update(slot) { $0.reconsider(at: now + policy.minimumInterval) }
    }
    carryOut(end, slot, now: now, effects: &effects)
  }

  private mutating func challenged(
    _ slot: Int32, _ response: Message, _ failure: Failure, now: Instant, effects: inout [Effect]
  ) {
    guard let credentials = self[slot]?.account.credentials else { return }
    let decision = registrants[Int(slot)]?.authenticator.challenged(
      by: response.challenges, credentials: credentials, common: &common)
    switch decision {
    case .answer, nil:
      effects.append(.report(id(slot), .step(.challenged(status: response.status ?? 401))))
      sendRegister(slot, now: now, effects: &effects)
    case .rejected: refuse(slot, .credentialsRejected, failure, now: now, effects: &effects)
    case .tooMany: fail(slot, failure, now: now, effects: &effects)
    case .noCredentials: refuse(slot, .noCredentials, failure, now: now, effects: &effects)
    case .weaker: fail(slot, .weakerDigest, now: now, effects: &effects)
    }
  }

  private mutating func redirected(
    _ slot: Int32, _ response: Message, _ status: Int, now: Instant, effects: inout [Effect]
  ) {
    guard let registrant = self[slot], var attempt = registrant.attempt else { return }
    let contacts = ((try? response.contacts()) ?? []).compactMap { contact -> URI? in
      switch contact {
      case .star: nil
      case .address(let address): address.uri
      }
    }
    for uri in contacts
    where attempt.follow(
      uri, isProxy: status == 305, registrar: registrant.account.registrar, policy: registrant.account.policy)
    {
      registrants[Int(slot)]?.attempt = attempt
      // What becomes of it elsewhere is not for the hop to answer for that sent us there.
      conclude(slot, .none, now: now, effects: &effects)
      registrants[Int(slot)]?.authenticator.beginAttempt()
      effects.append(.report(id(slot), .step(.redirected(status: status, uri))))
      locate(slot, now: now, effects: &effects)
      return
    }
    fail(slot, .redirect, now: now, effects: &effects)
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
