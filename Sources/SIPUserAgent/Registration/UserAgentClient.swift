import SIPMessage
import SIPTransaction

/// What a user agent does as a client (RFC 3261 §8.1): keeps registrations (§10), each in a registrant of its own. What
/// they share is the transaction layer, the next hops, and the turn in which an event is handled.
///
/// An account that an event is about is looked up once, by `lend`, and then handed from function to function.
struct UserAgentClient: Sendable {
  let settings: UserAgent.Settings
  var registrations = Registrations()
  var nextHops: NextHops
  var transactions: TransactionLayer
  var turn: Turn
  var calendar = RefreshCalendar()
  var templates = RegisterTemplates()
  var common = CommonValues()
  var discardedGate = ReportGate()
  var counters = UserAgent.Counters()
  /// More than this are not wanted at once again soon.
  private static let usualActions = 16
  /// Empty: the room for what the layer wants done next.
  private var spareActions: [TransactionAction] = []

  init(settings: UserAgent.Settings, chance: any RandomNumberGenerator & Sendable) {
    self.settings = settings
    transactions = TransactionLayer(timers: settings.timers)
    nextHops = NextHops(rate: settings.registrationsPerSecond, failbackAfter: settings.failbackAfter)
    turn = Turn(chance: chance)
  }

  var now: Instant { turn.now }

  /// Whether of every account the last exchanges are kept.
  var remembersExchanges: Bool { registrations.counts.total <= settings.accountsWithHistory }

  // MARK: Accounts

  /// Looks a registration up, lends it, arms its timer at whatever comes next, and counts how it stands then.
  ///
  /// - Returns: nil when there is no such registration: what was meant for it came too late.
  @discardableResult
  @inline(__always)
  mutating func lend<Result>(
    _ slot: Int32, _ body: (inout UserAgentClient, inout Registrant) -> Result
  ) -> Result? {
    guard var registrant = registrations.take(slot) else { return nil }
    let former = registrant.standing
    let result = body(&self, &registrant)
    guard !registrant.isForgotten else {
      registrations.remove(registrant, after: former)
      return result
    }
    let generation = turn.nextSerial()
    if let deadline = registrant.settleTimer(generation: generation) {
      turn.effects.append(.setTimer(TimerID(kind: .registration, slot: slot, generation: generation), deadline))
    }
    registrations.giveBack(registrant, after: former)
    return result
  }

  /// Lends the registration of an account.
  @discardableResult
  mutating func lend<Result>(
    _ id: AccountID, _ body: (inout UserAgentClient, inout Registrant) -> Result
  ) -> Result? {
    registrations.slot(of: id).flatMap { lend($0, body) }
  }

  // MARK: Timers

  mutating func timerFired(_ timer: TimerID) {
    switch timer.kind {
    case .clientTransaction: transact { $0.timerFired(timer, now: $2, actions: &$1) }
    case .registration:
      guard isArmed(timer) else { return }
      lend(timer.slot) { client, registrant in
        registrant.timer.deadline = nil
        client.due(&registrant)
      }
    case .nextHop: nextHops.timerFired(timer)
    }
  }

  /// Whether a timer that was set still means something: one that does not may be dropped where it is kept.
  func isArmed(_ timer: TimerID) -> Bool {
    switch timer.kind {
    case .clientTransaction: transactions.isArmed(timer)
    case .registration: registrations[timer.slot]?.timer.isArmed(timer.generation) == true
    case .nextHop: nextHops.isArmed(timer)
    }
  }

  // MARK: The transaction layer

  /// Lets the transaction layer work, and does what it asks for.
  @inline(__always)
  mutating func transact(_ work: (inout TransactionLayer, inout [TransactionAction], Instant) -> Void) {
    var actions: [TransactionAction] = []
    swap(&actions, &spareActions)
    work(&transactions, &actions, turn.now)
    for action in actions { perform(action) }
    guard actions.count <= Self.usualActions else { return }
    actions.removeAll(keepingCapacity: true)
    swap(&actions, &spareActions)
  }

  private mutating func perform(_ action: TransactionAction) {
    switch action {
    case .send(let bytes, let destination, let client): turn.effects.append(.send(bytes, destination, client: client))
    case .setTimer(let timer, let instant): turn.effects.append(.setTimer(timer, instant))
    case .received(let response, let status, let user):
      if status >= 200 { lend(user) { $0.answered(&$1, response, status: status) } }
    case .timedOut(let user): lend(user) { $0.timedOut(&$1) }
    case .failed(let user, let reason): lend(user) { $0.unanswered(&$1, .transport(reason)) }
    case .lost(let user, let reason): lend(user) { $0.lost(&$1, reason: reason) }
    case .discarded(let user, let flaw): lend(user) { $0.discarded(&$1, flaw) }
    }
  }

  /// Nobody is at a target, says ICMP (RFC 3261 §18.4): a REGISTER that can go elsewhere does so at once. One that can not
  /// is left alone: a report is easily forged, and the copies of the request are what notices the return.
  mutating func unreachable(_ target: Target, reason: String) {
    for (client, user) in transactions.unanswered(by: target) where canTurn(user) {
      transact { layer, actions, _ in layer.transportFailed(client: client, reason: reason, actions: &actions) }
    }
  }

  private func canTurn(_ slot: Int32) -> Bool {
    guard let registrant = registrations[slot],
      let hasAnother = registrant.registration.ofAttempt({ $0.hasAnotherTarget || $0.hasAlternative })
    else { return false }
    return hasAnother || nextHops.nextRoute(of: registrant, now: now) != nil
  }
}
