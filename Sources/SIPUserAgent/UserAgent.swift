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
  package var counts: StateTally { client.registrations.counts }

  // MARK: Events

  /// The whole of it: what happened at `now`, and what is to be done.
  package mutating func handle(_ event: Event, now: Instant, effects: inout [Effect]) {
    client.turn.begins(now: now, &effects)
    route(event)
    if client.nextHops.hasUntended { client.tendDestinations() }
    client.turn.ends(&effects)
  }

  private mutating func route(_ event: Event) {
    switch event {
    case .received(let bytes, let flow): received(bytes, over: flow)
    case .timerFired(let timer): client.timerFired(timer)
    case .sendFailed(let id, let reason):
      client.transact { layer, actions, _ in layer.transportFailed(client: id, reason: reason, actions: &actions) }
    case .unreachable(let target, let reason): client.unreachable(target, reason: reason)
    case .connectionClosed(let clients, let hasWorked, let reason):
      client.transact { layer, actions, _ in
        layer.connectionClosed(carrying: clients, hasWorked: hasWorked, reason: reason, actions: &actions)
      }
    case .located(let question, let location): client.lend(question.account) { $0.located(&$1, question, location) }
    case .stored(let id, let key, let ceiling): client.lend(id) { $0.stored(&$1, key: key, ceiling) }
    case .add(let id, let account, let record, let reserved): client.add(id, account, record, reserved: reserved)
    case .change(let id, let account): client.lend(id) { $0.change(&$1, to: account) }
    case .remove(let id): client.lend(id) { $0.withdraw(&$1) { $0.remove() } }
    case .stop(let id): client.lend(id) { $0.withdraw(&$1) { $0.stop() } }
    case .release(let id): client.lend(id) { $0.release(&$1) }
    case .pause(let id): client.lend(id) { $0.pause(&$1) }
    case .refresh(let id, let takesWeaker):
      client.lend(id) { client, registrant in
        if takesWeaker { registrant.authenticator.acceptWeaker() }
        client.refresh(&registrant)
      }
    case .resume(let id): client.lend(id) { $0.resume(&$1) }
    case .networkChanged: client.nextHops.networkChanged(now: client.turn.now)
    case .moved(let id): client.lend(id) { $0.moved(&$1) }
    }
  }

  private mutating func received(_ bytes: [UInt8], over flow: Flow) {
    let framing: Message.Framing = flow.target.transport.isReliable ? .stream : .datagram
    let message: Message
    do throws(MessageError) {
      message = try Message(parsing: bytes, as: framing)
    } catch {
      client.counters.malformedMessages += 1
      guard let flaw = Flaw(error) else { return }
      client.counters.dropped.count(flaw)
      return client.transact { layer, actions, _ in layer.received(unreadable: bytes.span, flaw, actions: &actions) }
    }
    if let status = message.status {
      client.transact { layer, actions, now in
        layer.received(response: message, status: status, now: now, actions: &actions)
      }
    } else {
      received(request: message, over: flow)
    }
  }

  /// The event `add` with a record, lent and not copied, since a start brings a million.
  ///
  /// - Returns: false when nobody can go on from the record; then the account begins anew.
  @discardableResult
  package mutating func resume(
    _ id: AccountID, _ account: Account, _ record: borrowing RegistrationRecord, reserved: UInt32, now: Instant,
    effects: inout [Effect]
  ) -> Bool {
    client.turn.begins(now: now, &effects)
    let goesOn = client.resume(id, account, record, reserved: reserved)
    if client.nextHops.hasUntended { client.tendDestinations() }
    client.turn.ends(&effects)
    return goesOn
  }

  /// Makes room for so many accounts, and no more than that.
  package mutating func reserve(_ count: Int) { client.registrations.reserve(count) }

  // MARK: Timers

  /// Whether a timer that was set still means something: one that does not may be dropped where it is kept.
  package func isArmed(_ timer: TimerID) -> Bool { client.isArmed(timer) }

  /// Those that still mean something, with the state of the account whose timer it is; at once for many, since whoever
  /// owns an agent copies it for every question.
  package func armed(_ timers: [TimerID]) -> [(TimerID, StateName?)] {
    timers.lazy.filter(isArmed).map { timer in
      (timer, timer.kind == .registration ? client.registrations[timer.slot]?.stateName : nil)
    }
  }
}
