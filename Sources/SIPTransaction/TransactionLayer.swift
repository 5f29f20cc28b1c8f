import SIPMessage

/// The transaction layer (RFC 3261 §17): owns every transaction of a user agent, matches what arrives, repeats what
/// was lost. Sends nothing itself: it answers with actions.
///
/// Clients live in slots that their branch names. A transaction that waits has one timer, armed at the machine's next
/// deadline. A client's slot is free once it is answered: a branch tells which use of it it was of. There are no servers:
/// requests outside of a dialog are answered without memory (§8.2.7).
package struct TransactionLayer: Sendable {
  struct Client: Sendable {
    var machine: NonInviteClientTransaction
    var branch: Branch
    /// The bytes to repeat, while there is no answer.
    var request: [UInt8]
    var destination: Destination
    var method: Method
    var local: Endpoint
    var user: TransactionUser
  }

  private let timers: TimerValues
  var clients = SlotTable<Client>()
  var buffers = RequestBuffers()
  package internal(set) var counters = TransactionCounters()

  package init(timers: TimerValues = .standard) { self.timers = timers }

  /// Client transactions that wait for an answer.
  package var clientCount: Int { clients.count }

  // MARK: Client

  /// An empty array to write a request into: one that held a request before, if there is any.
  package mutating func requestBuffer() -> [UInt8] { buffers.take() }

  /// The branch for a request that is about to be written; `start` or `giveBack` has to follow.
  package mutating func reserve(chance: UInt64) -> Branch {
    let (slot, serial) = clients.reserve()
    return Branch(slot: slot, serial: serial, chance: chance)
  }

  /// The request could not be written.
  package mutating func giveBack(_ branch: Branch) { clients.giveBack(branch.slot) }

  /// Sends a request, with this branch in its topmost Via, in a transaction of its own.
  ///
  /// - Parameters:
  ///   - user: handed back with whatever becomes of it
  ///   - local: the sent-by of the Via, which the response has to repeat (§18.1.2)
  package mutating func start(
    _ branch: Branch, _ request: [UInt8], user: TransactionUser, method: Method, to destination: Destination,
    local: Endpoint,
    now: Instant, actions: inout [TransactionAction]
  ) {
    let machine = NonInviteClientTransaction(timers: timers, isReliable: destination.isReliable, now: now)
    clients.fill(
      branch.slot,
      Client(
        machine: machine, branch: branch, request: request, destination: destination, method: method, local: local,
        user: user))
    counters.requestsSent += 1
    actions.append(.send(request, destination, client: branch.transaction))
    armClient(branch.slot, actions: &actions)
  }

  /// What was sent for a client did not leave, or its connection broke.
  package mutating func transportFailed(
    client id: ClientTransactionID, reason: String, actions: inout [TransactionAction]
  ) {
    let user = clients.update(id.slot) { client -> TransactionUser? in
      guard client.branch.transaction == id else { return nil }
      return switch client.machine.transportFailed() {
      case .passUp: client.user
      case .ignore: nil
      }
    }
    guard case let user?? = user else { return }
    clients.release(id.slot)
    actions.append(.failed(user, reason: reason))
  }

  /// The clients that wait for an answer from a target, and their users, in the order of their slots.
  package func unanswered(by target: Target) -> [(client: ClientTransactionID, user: TransactionUser)] {
    clients.indices.compactMap { slot in
      guard let client = clients[slot], client.destination.target == target, client.machine.isUnanswered else {
        return nil
      }
      return (client.branch.transaction, client.user)
    }
  }

  /// The transaction user has lost interest: whatever becomes of its request is nobody's business.
  package mutating func abandon(_ id: ClientTransactionID) {
    guard let client = clients[id.slot], client.branch.transaction == id, client.machine.isUnanswered else { return }
    clients.release(id.slot)
  }

  /// A client that waited for its answer does so no longer, or goes on.
  mutating func settleClient(_ slot: Int32, actions: inout [TransactionAction]) {
    guard let machine = clients[slot]?.machine else { return }
    if machine.isUnanswered {
      armClient(slot, actions: &actions)
    } else if machine.isTerminated {
      clients.release(slot)
    } else {
      clients.retire(slot)
    }
  }

  private mutating func armClient(_ slot: Int32, actions: inout [TransactionAction]) {
    guard let deadline = clients[slot]?.machine.deadline else { return }
    let generation = clients.arm(slot, at: deadline)
    if let generation {
      actions.append(.setTimer(TransactionTimer(side: .client, slot: slot, generation: generation), deadline))
    }
  }

  // MARK: Server

  /// A request arrived, outside of any dialog. It goes up, whether or not it is a repetition: its answer follows from
  /// what stands in it, so that it is the same each time and nothing has to be kept for it (§8.2.7). What is held for
  /// strangers is what strangers can fill.
  package mutating func received(
    request: Message, over flow: Flow, actions: inout [TransactionAction]
  ) {
    counters.requestsReceived += 1
    actions.append(.request(request, flow))
  }

  /// The transaction user answers a request that `.request` handed up.
  package mutating func respond(_ response: [UInt8], over flow: Flow) -> TransactionAction {
    counters.responsesSent += 1
    return .send(response, .flow(flow), client: nil)
  }

  // MARK: Timers

  /// Whether a timer that was set still means something.
  package func isArmed(_ timer: TransactionTimer) -> Bool {
    switch timer.side {
    case .client: clients.isArmed(timer.slot, timer.generation)
    case .server: false
    }
  }

  package mutating func timerFired(_ timer: TransactionTimer, now: Instant, actions: inout [TransactionAction]) {
    guard isArmed(timer) else { return }
    clients.disarm(timer.slot)
    clientTimerFired(timer.slot, now: now, actions: &actions)
  }

  private mutating func clientTimerFired(_ slot: Int32, now: Instant, actions: inout [TransactionAction]) {
    let action = clients.update(slot) { $0.machine.timerFired(now: now) }
    guard let client = clients[slot] else { return }
    switch action {
    case .some(.none), nil: break
    case .retransmit:
      counters.retransmissions += 1
      actions.append(.send(client.request, client.destination, client: client.branch.transaction))
    case .timeOut:
      counters.timeouts += 1
      actions.append(.timedOut(client.user))
    }
    settleClient(slot, actions: &actions)
  }
}
