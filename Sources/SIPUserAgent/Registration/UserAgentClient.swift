import SIPMessage
import SIPTransaction

/// What a user agent does as a client (RFC 3261 §8.1): keeps registrations (§10), each in a registrant of its own, which is
/// lent to it. What they share is here: the transaction layer, the next hops, and the turn in which an event is handled.
struct UserAgentClient: Sendable {
  let settings: UserAgent.Settings
  var nextHops: NextHops
  var heldFlows = HeldFlows()
  var transactions: TransactionLayer
  var turn: Turn
  var calendar = RefreshCalendar()
  var flows = Flows()
  var templates = RegisterTemplates()
  var common = CommonValues()
  var discardedGate = ReportGate()
  var counters = UserAgent.Counters()
  /// Whether of every account the last exchanges are kept.
  var remembersExchanges = true
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

  /// Arms the one timer of a registration at whatever comes next, or gives it up with its owner.
  @inline(__always)
  mutating func settleTimer(of registrant: inout Registrant) {
    let generation = turn.nextSerial()
    guard !registrant.isForgotten else {
      let timer = TimerID(kind: .registration, slot: registrant.slot, generation: registrant.timer.generation)
      return turn.effects.append(.cancelTimer(timer))
    }
    if let deadline = registrant.settleTimer(generation: generation) {
      turn.effects.append(
        .setTimer(TimerID(kind: .registration, slot: registrant.slot, generation: generation), deadline))
    }
  }

  // MARK: The transaction layer

  /// Empty: for what the layer wants done next. `keep` has to follow.
  mutating func takeRoom() -> [TransactionAction] {
    var actions: [TransactionAction] = []
    swap(&actions, &spareActions)
    return actions
  }

  mutating func keep(_ room: inout [TransactionAction]) {
    guard room.count <= Self.usualActions else { return }
    room.removeAll(keepingCapacity: true)
    swap(&room, &spareActions)
  }

  /// Does what concerns the transport alone.
  ///
  /// - Returns: false for what a transaction user has to hear.
  @inline(__always)
  mutating func carryOut(_ action: TransactionAction) -> Bool {
    switch action {
    case .send(let bytes, let destination, let client): turn.effects.append(.send(bytes, destination, client: client))
    case .setTimer(let timer, let instant): turn.effects.append(.setTimer(TimerID(timer), instant))
    case .received, .timedOut, .failed, .lost, .discarded, .request, .acknowledged, .cancelled: return false
    }
    return true
  }
}
