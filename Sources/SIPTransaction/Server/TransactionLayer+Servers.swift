import SIPMessage

/// A server transaction, by its slot and which use of the slot it is.
package struct ServerTransactionID: Hashable, Sendable {
  package let slot: Int32
  package let serial: UInt32
}

/// Requests of others. What is held for strangers is what strangers can fill: a server is only there for a request whose
/// user wants it, such as one within a dialog or an INVITE that rings.
extension TransactionLayer {
  struct Server: Sendable {
    var machine: ServerMachine
    let key: ServerKey
    /// Where its responses go.
    let flow: Flow
    let user: TransactionUser
  }

  /// Each may hold a response of some 1,000 bytes for as long as it rings.
  package static let mostServers = 4_096

  package var serverCount: Int { servers.count }

  // MARK: Requests

  /// A request arrived. One that no server knows goes up, whether or not it is a repetition: where it is answered without
  /// memory, its answer follows from what stands in it and is the same each time (§8.2.7).
  package mutating func received(
    request: Message, over flow: Flow, now: Instant, actions: inout [TransactionAction]
  ) {
    counters.requestsReceived += 1
    guard servers.count > 0, let method = request.method,
      hand(request, method, over: flow, now: now, actions: &actions)
    else { return actions.append(.request(request, flow)) }
  }

  /// Lets the server have a request that knows it (§17.2.3).
  ///
  /// - Returns: false when there is none.
  private mutating func hand(
    _ request: Message, _ method: Method, over flow: Flow, now: Instant, actions: inout [TransactionAction]
  ) -> Bool {
    let isOfInvite = method == .ack || method == .cancel
    guard let key = ServerKey(request, as: isOfInvite ? .invite : method), let slot = serversByKey[key],
      let server = servers[slot]
    else { return false }
    if method == .cancel {
      actions.append(.cancelled(request, flow, for: server.user))
    } else if method == .ack {
      acknowledged(request, slot, now: now, actions: &actions)
    } else {
      counters.repeatedRequests += 1
      if let response = server.machine.requestRepeated() { send(response, server, actions: &actions) }
    }
    return true
  }

  private mutating func acknowledged(
    _ request: Message, _ slot: Int32, now: Instant, actions: inout [TransactionAction]
  ) {
    guard let server = servers[slot], case .invite(var machine) = server.machine else { return }
    let action = machine.acknowledged(timers: timers, now: now)
    servers.update(slot) { $0.machine = .invite(machine) }
    switch action {
    case .absorb: break
    case .passUp: actions.append(.acknowledged(request, for: server.user))
    }
    settleServer(slot, actions: &actions)
  }

  // MARK: Responses

  /// Keeps a server for a request that `.request` has handed up.
  ///
  /// - Parameters:
  ///   - way: where its responses go
  ///   - source: where it came from
  /// - Returns: nil when there are too many servers, or this request can not be told from others: it is answered
  ///   without memory then.
  package mutating func serve(
    _ request: Message, over way: Flow, from source: Endpoint, for user: TransactionUser, now: Instant,
    actions: inout [TransactionAction]
  ) -> ServerTransactionID? {
    guard servers.count < Self.mostServers, let method = request.method, method != .ack, method != .cancel,
      let key = ServerKey(request, as: method), serversByKey[key] == nil
    else { return nil }
    let isReliable = way.target.transport.isReliable
    let machine: ServerMachine =
      if method == .invite {
        .invite(
          InviteServerTransaction(
            trying: request.response(status: 100, reason: "Trying", toTag: nil, receivedFrom: source), timers: timers,
            isReliable: isReliable, now: now))
      } else {
        .nonInvite(NonInviteServerTransaction(isReliable: isReliable))
      }
    let (slot, serial) = servers.reserve()
    servers.fill(slot, Server(machine: machine, key: key, flow: way, user: user))
    serversByKey[key] = slot
    settleServer(slot, actions: &actions)
    return ServerTransactionID(slot: slot, serial: serial)
  }

  /// The transaction user answers the request of a server.
  package mutating func respond(
    _ response: [UInt8], status: Int, in id: ServerTransactionID, now: Instant, actions: inout [TransactionAction]
  ) {
    guard var server = servers[id.slot, id.serial] else { return }
    let response = server.machine.respond(response, status: status, timers: timers, now: now)
    servers.update(id.slot) { $0.machine = server.machine }
    if let response { send(response, server, actions: &actions) }
    settleServer(id.slot, actions: &actions)
  }

  /// The transaction user answers a request without memory.
  package mutating func respond(_ response: [UInt8], over flow: Flow) -> TransactionAction {
    counters.responsesSent += 1
    return .send(response, .flow(flow), client: nil)
  }

  /// A response of a server did not leave.
  package mutating func transportFailed(
    server id: ServerTransactionID, reason: String, actions: inout [TransactionAction]
  ) {
    guard var server = servers[id.slot, id.serial] else { return }
    let action = server.machine.transportFailed()
    servers.update(id.slot) { $0.machine = server.machine }
    switch action {
    case .passUp: actions.append(.failed(server.user, reason: reason))
    case .ignore: break
    }
    settleServer(id.slot, actions: &actions)
  }

  private mutating func send(_ response: [UInt8], _ server: Server, actions: inout [TransactionAction]) {
    actions.append(respond(response, over: server.flow))
  }

  // MARK: Timers

  mutating func serverTimerFired(_ slot: Int32, now: Instant, actions: inout [TransactionAction]) {
    servers.disarm(slot)
    guard var server = servers[slot] else { return }
    let action = server.machine.timerFired(timers: timers, now: now)
    servers.update(slot) { $0.machine = server.machine }
    switch action {
    case .none: break
    case .send(let response): send(response, server, actions: &actions)
    case .timeOut:
      counters.timeouts += 1
      actions.append(.timedOut(server.user))
    }
    settleServer(slot, actions: &actions)
  }

  /// A server goes on, or is over.
  private mutating func settleServer(_ slot: Int32, actions: inout [TransactionAction]) {
    guard let server = servers[slot] else { return }
    if server.machine.isTerminated {
      serversByKey[server.key] = nil
      servers.release(slot)
    } else if let deadline = server.machine.deadline {
      guard let generation = servers.arm(slot, at: deadline) else { return }
      actions.append(.setTimer(TransactionTimer(side: .server, slot: slot, generation: generation), deadline))
    } else {
      servers.disarm(slot)
    }
  }
}
