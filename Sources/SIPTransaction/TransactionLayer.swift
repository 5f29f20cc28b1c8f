import SIPMessage

/// The transaction layer (RFC 3261 §17): owns every transaction of a user agent, matches what arrives, repeats what
/// was lost. Sends nothing itself: it answers with actions.
///
/// Clients live in slots that their branch names. A transaction that waits has one timer, armed at the machine's next
/// deadline. The slot of a request that is not INVITE is free once that is answered: a branch tells which use of it it
/// was of.
///
/// Servers are there for whom the transaction user asks (`serve`). Requests outside of a dialog are answered without memory
/// (§8.2.7).
package struct TransactionLayer: Sendable {
  struct Client: Sendable {
    var machine: ClientMachine
    /// That of its request: a CANCEL has the branch of an INVITE in another slot.
    var branch: Branch
    /// The bytes to repeat: the request while there is no answer, the ACK when an INVITE has failed.
    var request: [UInt8]
    var destination: Destination
    var method: Method
    var local: Endpoint
    var user: TransactionUser

    /// Of a CANCEL nobody is told.
    var isCancel: Bool { if case .cancel = method { true } else { false } }
  }

  let timers: TimerValues
  var clients = SlotTable<Client>()
  var servers = SlotTable<Server>()
  var serversByKey: [ServerKey: Int32] = [:]
  var buffers = RequestBuffers()
  package internal(set) var counters = TransactionCounters()

  package init(timers: TimerValues = .standard) { self.timers = timers }

  /// Client transactions that are not over: all wait for an answer, but those of an INVITE.
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

  /// Sends a request, with this branch in its topmost Via, in a transaction of its own. ACK is none (§17.1), and CANCEL is
  /// sent by `cancel`.
  ///
  /// - Parameters:
  ///   - user: handed back with whatever becomes of it
  ///   - local: the near end, of which the `SentBy` of the Via is made that the response has to repeat (§18.1.2)
  package mutating func start(
    _ branch: Branch, _ request: [UInt8], user: TransactionUser, method: Method, to destination: Destination,
    local: Endpoint, now: Instant, actions: inout [TransactionAction]
  ) {
    let machine = ClientMachine(method, timers: timers, isReliable: destination.isReliable, now: now)
    let client = Client(
      machine: machine, branch: branch, request: request, destination: destination, method: method, local: local,
      user: user)
    launch(client, in: branch.slot, actions: &actions)
  }

  /// Sends the request of a client in a slot that was reserved for it.
  @inline(__always)
  mutating func launch(_ client: consuming Client, in slot: Int32, actions: inout [TransactionAction]) {
    counters.requestsSent += 1
    actions.append(.send(client.request, client.destination, client: id(ofClient: slot)))
    let standing = client.machine.standing
    clients.fill(slot, client)
    settleClient(slot, standing, actions: &actions)
  }

  func id(ofClient slot: Int32) -> ClientTransactionID {
    ClientTransactionID(slot: slot, serial: clients.serial(of: slot))
  }

  /// What was sent for a client did not leave, or its connection broke.
  package mutating func transportFailed(
    client id: ClientTransactionID, reason: String, actions: inout [TransactionAction]
  ) {
    guard var client = clients[id.slot, id.serial] else { return }
    switch client.machine.transportFailed() {
    case .ignore: return
    case .passUp:
      end(id.slot)
      if !client.isCancel { actions.append(.failed(client.user, reason: reason)) }
    }
  }

  /// The clients that wait for an answer from a target, and their users, in the order of their slots. Who says so may not
  /// know on which terms it is spoken to.
  package func unanswered(by target: Target) -> [(client: ClientTransactionID, user: TransactionUser)] {
    clients.indices.compactMap { slot in
      guard let client = clients[slot], client.destination.target.leads(to: target), client.machine.isUnanswered,
        !client.isCancel
      else { return nil }
      return (id(ofClient: slot), client.user)
    }
  }

  /// The transaction user has lost interest: whatever becomes of its request is nobody's business. An INVITE is better
  /// cancelled.
  package mutating func abandon(_ id: ClientTransactionID) {
    guard let client = clients[id.slot, id.serial], client.machine.isUnanswered else { return }
    end(id.slot)
  }

  /// A client goes on, or is over.
  mutating func settleClient(_ slot: Int32, actions: inout [TransactionAction]) {
    guard let standing = clients.update(slot, { $0.machine.standing }) else { return }
    settleClient(slot, standing, actions: &actions)
  }

  /// - Parameter standing: of its machine
  mutating func settleClient(
    _ slot: Int32, _ standing: ClientMachine.Standing, actions: inout [TransactionAction]
  ) {
    switch standing {
    case .waits(let deadline?):
      guard let generation = clients.arm(slot, at: deadline) else { return }
      actions.append(.setTimer(TransactionTimer(side: .client, slot: slot, generation: generation), deadline))
    case .waits(nil): clients.disarm(slot)
    case .answered: clients.retire(slot)
    case .terminated: end(slot)
    }
  }

  // MARK: Timers

  /// Whether a timer that was set still means something.
  package func isArmed(_ timer: TransactionTimer) -> Bool {
    switch timer.side {
    case .client: clients.isArmed(timer.slot, timer.generation)
    case .server: servers.isArmed(timer.slot, timer.generation)
    }
  }

  package mutating func timerFired(_ timer: TransactionTimer, now: Instant, actions: inout [TransactionAction]) {
    guard isArmed(timer) else { return }
    switch timer.side {
    case .client: clientTimerFired(timer.slot, now: now, actions: &actions)
    case .server: serverTimerFired(timer.slot, now: now, actions: &actions)
    }
  }

  private mutating func clientTimerFired(_ slot: Int32, now: Instant, actions: inout [TransactionAction]) {
    clients.disarm(slot)
    let timers = timers
    let action = clients.update(slot) { $0.machine.timerFired(timers: timers, now: now) }
    guard let action, let client = clients[slot] else { return }
    switch action {
    case .none: break
    case .retransmit:
      counters.retransmissions += 1
      actions.append(.send(client.request, client.destination, client: id(ofClient: slot)))
    case .timeOut:
      counters.timeouts += 1
      if !client.isCancel { actions.append(.timedOut(client.user)) }
    }
    settleClient(slot, actions: &actions)
  }
}
