import SIPMessage
import SIPTransaction

/// A user agent that keeps registrations (RFC 3261 §10), as a value: events go in, effects come out, time and chance
/// are arguments. No clock, no socket, no task, no log.
///
/// It routes each event to who has to know: what it does for its accounts is `UserAgentClient`, what it answers to the
/// requests of others `UserAgentServer`.
package struct UserAgent: Sendable {
  package struct Settings: Sendable {
    /// The User-Agent header field.
    package var product = "sipregd"
    package var timers = TimerValues.standard
    /// First registrations towards one next hop; 0: as fast as they come.
    package var registrationsPerSecond = 300
    /// How long a preferred next hop must have answered before accounts that went elsewhere come back.
    package var failbackAfter: Duration = .seconds(120)
    /// With more accounts than this only exchanges around trouble are kept: 400 bytes an account are many then.
    package var accountsWithHistory = 10_000

    package init() {}
  }

  package struct Counters: Sendable, Equatable {
    /// What could not be read at all.
    package var malformedMessages = 0
    /// Requests of others that came, and that were answered.
    package var requests = RequestTally()
    package var answeredRequests = 0
    package var droppedRequests = 0
    /// What was wrong with those that were answered, and why other messages were not looked into.
    package var ignored = FlawTally()
    package var dropped = FlawTally()
    /// Final responses to our requests, by what they mean.
    package var answers = AnswerTally()
    package var registered = 0
    package var refreshed = 0
    package var lapsed = 0
    package var failedAttempts = 0
  }

  var registrations = Registrations()
  var client: UserAgentClient
  var server: UserAgentServer
  var gates = ReportGates()

  package init(settings: Settings = Settings(), random: any RandomNumberGenerator & Sendable) {
    client = UserAgentClient(settings: settings, chance: random)
    server = UserAgentServer(chance: client.turn.chance.next())
  }

  package var counters: Counters { client.counters }
  package var transactionCounters: TransactionCounters { client.transactions.counters }
  /// How many accounts there are in each state and bound.
  package var counts: StateTally { registrations.counts }

  // MARK: Events

  /// The whole of it: what happened at `now`, and what is to be done.
  package mutating func handle(_ event: Event, now: Instant, effects: inout [Effect]) {
    client.turn.begins(now: now, &effects)
    route(event)
    if client.heldFlows.hasFailed { moveFromFailedFlows() }
    if client.nextHops.hasToRevisit { revisitPaths() }
    client.turn.ends(&effects)
  }

  private mutating func route(_ event: Event) {
    switch event {
    case .received(let bytes, let flow): received(bytes, over: flow)
    case .timerFired(let timer): timerFired(timer)
    case .sendFailed(let id, let reason):
      transact { layer, actions, _ in layer.transportFailed(client: id, reason: reason, actions: &actions) }
    case .unreachable(let target, let reason): unreachable(target, reason: reason)
    case .connectionClosed(let clients, let hasWorked, let reason, let flow):
      transact { layer, actions, _ in
        layer.connectionClosed(carrying: clients, hasWorked: hasWorked, reason: reason, actions: &actions)
      }
      if let flow { client.connectionClosed(flow, reason: reason) }
    case .pong(let flow): client.pong(over: flow)
    case .bindingAnswered(let answer, let flow): client.bindingAnswered(answer, from: flow.target)
    case .located(let question, let location): lend(question.account) { $0.located(&$1, question, location) }
    case .stored(let id, let key, let ceiling): lend(id) { $0.stored(&$1, key: key, ceiling) }
    case .add(let id, let account, let record, let reserved): add(id, account, record, reserved: reserved)
    case .change(let id, let account):
      lend(id) { $0.change(&$1, to: account) }
      registrations.addressees.forget()
    case .remove(let id): lend(id) { $0.withdraw(&$1) { $0.remove() } }
    case .stop(let id): lend(id) { $0.withdraw(&$1) { $0.stop() } }
    case .release(let id): lend(id) { $0.release(&$1) }
    case .pause(let id): lend(id) { $0.pause(&$1) }
    case .refresh(let id, let takesWeaker):
      lend(id) { client, registrant in
        if takesWeaker { registrant.authenticator.acceptWeaker() }
        client.refresh(&registrant)
      }
    case .resume(let id): lend(id) { $0.resume(&$1) }
    case .networkChanged: client.nextHops.networkChanged(now: client.now)
    case .moved(let id): lend(id) { $0.moved(&$1) }
    }
  }

  private mutating func received(_ bytes: [UInt8], over flow: Flow) {
    // Each message of a WebSocket is one of its own, as each datagram is (RFC 7118 §5).
    let transport = flow.target.transport
    let framing: Message.Framing = transport.isReliable && !transport.isWebSocket ? .stream : .datagram
    let message: Message
    do throws(MessageError) {
      message = try Message(parsing: bytes, as: framing)
    } catch {
      client.counters.malformedMessages += 1
      guard let flaw = Flaw(error) else { return }
      client.counters.dropped.count(flaw)
      return transact { layer, actions, _ in layer.received(unreadable: bytes.span, flaw, actions: &actions) }
    }
    if let status = message.status {
      client.turn.connection = flow.connection
      transact { layer, actions, now in
        layer.received(response: message, status: status, now: now, actions: &actions)
      }
    } else {
      transact { layer, actions, now in
        layer.received(request: message, over: flow, now: now, actions: &actions)
      }
    }
  }

  // MARK: Accounts

  /// Looks a registration up, lends it, arms its timer at whatever comes next, and counts how it stands then.
  ///
  /// - Returns: nil when there is no such registration: what was meant for it came too late.
  @discardableResult
  @inline(__always)
  mutating func lend<Result>(
    _ slot: Int32, _ body: (inout UserAgentClient, inout Registrant) -> Result
  ) -> Result? {
    var (former, standing): (Standing?, Standing?) = (nil, nil)
    let result = registrations.lend(slot) { registrant in
      former = registrant.standing
      let result = body(&client, &registrant)
      standing = registrant.isForgotten ? nil : registrant.standing
      if former?.isBound != (standing?.isBound ?? false) {
        client.flows.note(registrant.account, isBound: standing?.isBound ?? false)
      }
      client.settleTimer(of: &registrant)
      return result
    }
    guard let former, former != standing else { return result }
    if client.heldFlows.isHolding, former.isBound, standing?.isBound != true { client.heldFlows.someoneLeft() }
    if let standing {
      registrations.move(from: former, to: standing)
    } else {
      registrations.remove(slot, after: former)
      countAccounts()
    }
    return result
  }

  /// Lends the registration of an account.
  @discardableResult
  mutating func lend<Result>(
    _ id: AccountID, _ body: (inout UserAgentClient, inout Registrant) -> Result
  ) -> Result? {
    guard let slot = registrations.slot(of: id) else { return nil }
    return lend(slot, body)
  }

  // MARK: Timers

  private mutating func timerFired(_ timer: TimerID) {
    switch timer.kind {
    case .clientTransaction: fired(timer.transactionTimer(of: .client))
    case .serverTransaction: fired(timer.transactionTimer(of: .server))
    case .registration:
      guard isArmed(timer) else { return }
      lend(timer.slot) { client, registrant in
        registrant.timer.deadline = nil
        client.due(&registrant)
      }
    case .nextHop: client.nextHops.timerFired(timer)
    case .flow: flowTimerFired(timer)
    }
  }

  private mutating func fired(_ timer: TransactionTimer) {
    transact { layer, actions, now in layer.timerFired(timer, now: now, actions: &actions) }
  }

  /// Whether a timer that was set still means something: one that does not may be dropped where it is kept.
  package func isArmed(_ timer: TimerID) -> Bool {
    switch timer.kind {
    case .clientTransaction: client.transactions.isArmed(timer.transactionTimer(of: .client))
    case .serverTransaction: client.transactions.isArmed(timer.transactionTimer(of: .server))
    case .registration: registrations[timer.slot]?.timer.isArmed(timer.generation) == true
    case .nextHop: client.nextHops.isArmed(timer)
    case .flow: client.heldFlows.number(of: timer) != nil
    }
  }

  /// The state of the registration whose timer this is; nil: it is nobody's, or means nothing any more.
  package func registrationState(of timer: TimerID) -> StateName? {
    guard timer.kind == .registration, isArmed(timer) else { return nil }
    return registrations[timer.slot]?.stateName
  }
}
