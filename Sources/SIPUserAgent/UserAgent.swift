import SIPMessage
import SIPTransaction

/// A user agent that keeps registrations (RFC 3261 §10), as a value: events go in, effects come out, time and chance
/// are arguments. No clock, no socket, no task, no log.
///
/// Everything it does for an account it does in a registrant of its own; what they share is the transaction layer and
/// the rate at which first registrations start.
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

  let settings: Settings
  var random: any RandomNumberGenerator & Sendable
  var transactions: TransactionLayer
  /// More than this are not wanted at once again soon.
  private static let usualActions = 16
  /// Empty: the room for what the layer wants done next.
  private var spareActions: [TransactionAction] = []
  var registrants: [Registrant?] = [nil]
  var hops: [NextHop] = []
  var hopsByURI: [URI: Int32] = [:]
  var destinations: [SharedDestination] = []
  var destinationsByWay: [RegistrarBeyond: Int32] = [:]
  var itineraries: [Itinerary: [Int32]] = [:]
  var latestItinerary: (itinerary: Itinerary, destinations: [Int32])?
  /// Destinations to look at before the event is over.
  var untended: [Int] = []
  var startRate: StartRate
  var calendar = RefreshCalendar()
  /// For what an operator wants done to many at once.
  var refreshRate: StartRate
  var templates = RegisterTemplates()
  var common = CommonValues()
  /// Numbers lookups and settings of timers over all accounts: one that comes late finds nobody else in its slot.
  private var serial: UInt32 = 0
  package internal(set) var counters = Counters()
  /// How many accounts there are in each state and bound.
  package internal(set) var counts = StateTally()
  var server: UserAgentServer
  var addressees = Addressees()
  var gates = ReportGates()

  package init(settings: Settings = Settings(), random: any RandomNumberGenerator & Sendable) {
    self.settings = settings
    self.random = random
    transactions = TransactionLayer(timers: settings.timers)
    startRate = StartRate(perSecond: settings.registrationsPerSecond)
    refreshRate = startRate
    server = UserAgentServer(chance: self.random.next())
  }

  /// Whether of every account the last exchanges are kept.
  var remembersExchanges: Bool { counts.total <= settings.accountsWithHistory }

  package var transactionCounters: TransactionCounters { transactions.counters }

  // MARK: Events

  /// The whole of it: what happened at `now`, and what is to be done.
  package mutating func handle(_ event: Event, now: Instant, effects: inout [Effect]) {
    switch event {
    case .received(let bytes, let flow): received(bytes, over: flow, now: now, effects: &effects)
    case .timerFired(let timer): timerFired(timer, now: now, effects: &effects)
    case .sendFailed(let client, let reason):
      transact(now: now, effects: &effects) {
        $0.transportFailed(client: client, reason: reason, actions: &$1)
      }
    case .unreachable(let target, let reason): unreachable(target, reason: reason, now: now, effects: &effects)
    case .connectionClosed(let clients, let hasWorked, let reason):
      transact(now: now, effects: &effects) {
        $0.connectionClosed(carrying: clients, hasWorked: hasWorked, reason: reason, actions: &$1)
      }
    case .located(let id, let location): located(id, location, now: now, effects: &effects)
    case .stored(let id, let key, let ceiling): stored(id, key: key, ceiling, now: now, effects: &effects)
    case .add(let id, let account, let record, let reserved):
      add(id, account, record, reserved: reserved, now: now, effects: &effects)
    case .change(let id, let account): change(id, account, now: now, effects: &effects)
    case .remove(let id): withdraw(id, now: now, effects: &effects) { $0.remove() }
    case .stop(let id): withdraw(id, now: now, effects: &effects) { $0.stop() }
    case .pause(let id): pause(id, now: now, effects: &effects)
    case .refresh(let id, let takesWeaker):
      if takesWeaker { registrants[Int(id.index)]?.authenticator.acceptWeaker() }
      refresh(id, now: now, effects: &effects)
    case .resume(let id): resume(id, now: now, effects: &effects)
    case .networkChanged: networkChanged(now: now)
    case .moved(let id): moved(id, now: now, effects: &effects)
    }
    if !untended.isEmpty { tendDestinations(now: now, effects: &effects) }
  }

  private mutating func received(_ bytes: [UInt8], over flow: Flow, now: Instant, effects: inout [Effect]) {
    let framing: Message.Framing = flow.target.transport.isReliable ? .stream : .datagram
    let message: Message
    do throws(MessageError) {
      message = try Message(parsing: bytes, as: framing)
    } catch {
      counters.malformedMessages += 1
      guard let flaw = Flaw(error) else { return }
      counters.dropped.count(flaw)
      return transact(now: now, effects: &effects) { $0.received(unreadable: bytes.span, flaw, actions: &$1) }
    }
    if let status = message.status {
      transact(now: now, effects: &effects) {
        $0.received(response: message, status: status, now: now, actions: &$1)
      }
    } else {
      transact(now: now, effects: &effects) { $0.received(request: message, over: flow, now: now, actions: &$1) }
    }
  }

  private mutating func timerFired(_ timer: TimerID, now: Instant, effects: inout [Effect]) {
    switch timer.kind {
    case .clientTransaction: fired(timer.transactionTimer(of: .client), now: now, effects: &effects)
    case .serverTransaction: fired(timer.transactionTimer(of: .server), now: now, effects: &effects)
    case .registration:
      guard isArmed(timer) else { return }
      registrants[Int(timer.slot)]?.timer.deadline = nil
      registrationDue(timer.slot, now: now, effects: &effects)
    case .nextHop:
      guard isArmed(timer) else { return }
      hopTimerFired(timer)
    }
  }

  private mutating func fired(_ timer: TransactionTimer, now: Instant, effects: inout [Effect]) {
    transact(now: now, effects: &effects) { $0.timerFired(timer, now: now, actions: &$1) }
  }

  /// Whether a timer that was set still means something: one that does not may be dropped where it is kept.
  package func isArmed(_ timer: TimerID) -> Bool {
    switch timer.kind {
    case .clientTransaction: transactions.isArmed(timer.transactionTimer(of: .client))
    case .serverTransaction: transactions.isArmed(timer.transactionTimer(of: .server))
    case .registration:
      self[timer.slot]?.timer.generation == timer.generation && self[timer.slot]?.timer.deadline != nil
    case .nextHop:
      destinations.indices.contains(Int(timer.slot))
        && destinations[Int(timer.slot)].timer.generation == timer.generation
        && destinations[Int(timer.slot)].timer.deadline != nil
    }
  }

  /// Those that still mean something, with the state of the account whose timer it is; at once for many, since whoever
  /// owns an agent copies it for every question.
  package func armed(_ timers: [TimerID]) -> [(TimerID, StateName?)] {
    timers.lazy.filter(isArmed).map { timer in
      (timer, timer.kind == .registration ? stateName(of: AccountID(index: Int(timer.slot))) : nil)
    }
  }

  // MARK: The transaction layer

  /// Lets the transaction layer work, and does what it asks for.
  mutating func transact(
    now: Instant, effects: inout [Effect], _ work: (inout TransactionLayer, inout [TransactionAction]) -> Void
  ) {
    var actions: [TransactionAction] = []
    swap(&actions, &spareActions)
    work(&transactions, &actions)
    for action in actions { perform(action, now: now, effects: &effects) }
    guard actions.count <= Self.usualActions else { return }
    actions.removeAll(keepingCapacity: true)
    swap(&actions, &spareActions)
  }

  /// Does what the transaction layer asks for.
  mutating func perform(_ action: TransactionAction, now: Instant, effects: inout [Effect]) {
    switch action {
    case .send(let bytes, let destination, let client): effects.append(.send(bytes, destination, client: client))
    case .setTimer(let timer, let instant): effects.append(.setTimer(TimerID(timer), instant))
    case .received(let response, let status, let user):
      switch user.owner {
      case .registration(let slot):
        // A provisional response says nothing of a registration.
        if status >= 200 { answered(slot, response, status: status, now: now, effects: &effects) }
      }
    case .timedOut(let user):
      switch user.owner {
      case .registration(let slot): timedOut(slot, now: now, effects: &effects)
      }
    case .failed(let user, let reason):
      switch user.owner {
      case .registration(let slot): unanswered(slot, .transport(reason), now: now, effects: &effects)
      }
    case .lost(let user, let reason):
      switch user.owner {
      case .registration(let slot): lost(slot, reason: reason, now: now, effects: &effects)
      }
    case .discarded(let user, let flaw):
      switch user.owner {
      case .registration(let slot): discarded(slot, flaw, now: now, effects: &effects)
      }
    case .request(let request, let flow): received(request: request, over: flow, now: now, effects: &effects)
    case .acknowledged(_, let user), .cancelled(_, _, let user):
      switch user.owner {
      case .registration(let slot): preconditionFailure("account \(slot) serves no request")
      }
    }
  }

  // MARK: Registrants

  mutating func nextSerial() -> UInt32 {
    serial &+= 1
    return serial
  }

  /// What is held of an account, lent and not copied; nil when there is no such account.
  subscript(slot: Int32) -> Registrant? {
    @inline(__always) _read { yield registrants[min(Int(slot), registrants.count - 1)] }
  }

  /// Changes a registration in place, and counts it under its new state.
  ///
  /// - Returns: nil when there is no such account.
  mutating func update<Result>(_ slot: Int32, _ change: (inout Registration) -> Result) -> Result? {
    guard let former = self[slot]?.standing else { return nil }
    let result = change(&registrants[Int(slot)]!.registration)
    recount(slot, after: former)
    return result
  }

  /// What changed an account itself may have changed how it stands.
  mutating func recount(_ slot: Int32, after former: Standing) {
    guard let standing = self[slot]?.standing, standing != former else { return }
    counts.move(from: former, to: standing)
  }

  /// Makes room for so many accounts, and no more than that.
  package mutating func reserve(_ count: Int) { registrants.reserveCapacity(count + 1) }

  mutating func place(_ registrant: consuming Registrant, at slot: Int32) {
    if slot < addressees.next { addressees.forget() }
    counts.insert(registrant.standing)
    while registrants.count <= Int(slot) + 1 { registrants.append(nil) }
    registrants[Int(slot)] = consume registrant
  }

  /// Arms the one timer of an account at whatever comes next.
  mutating func settleTimer(_ slot: Int32, effects: inout [Effect]) {
    guard registrants.indices.contains(Int(slot)) else { return }
    let generation = nextSerial()
    guard let deadline = registrants[Int(slot)]?.settleTimer(generation: generation) ?? nil else { return }
    effects.append(.setTimer(TimerID(kind: .registration, slot: slot, generation: generation), deadline))
  }
}
