import SIPMessage

/// What the client of an INVITE has that others have not: the ACK of a failure (RFC 3261 §17.1.1.3) and CANCEL (§9.1).
/// Both are made from the request that is kept.
extension TransactionLayer {
  /// The transaction user does not want the answer any more. It is told of the final response all the same, which may
  /// well be a 2xx, or that time is out.
  ///
  /// - Parameter id: of an INVITE; nothing happens when it is answered
  package mutating func cancel(_ id: ClientTransactionID, now: Instant, actions: inout [TransactionAction]) {
    guard let client = clients[id.slot, id.serial], case .invite(var machine, let cancel) = client.machine else {
      return
    }
    let action = machine.cancel(timers: timers, now: now)
    clients.update(id.slot) { $0.machine = .invite(machine, cancel: cancel) }
    switch action {
    case .send: sendCancel(of: id.slot, now: now, actions: &actions)
    case .sendLater, .ignore: break
    }
    settleClient(id.slot, actions: &actions)
  }

  /// A response to the INVITE in a slot.
  mutating func received(
    _ response: Message, _ status: Int, toInvite slot: Int32, now: Instant, actions: inout [TransactionAction]
  ) -> Reception {
    guard let client = clients[slot], case .invite(var machine, let cancel) = client.machine else { return .foreign }
    let action = machine.received(InviteClientTransaction.ResponseKind(status), timers: timers, now: now)
    clients.update(slot) { $0.machine = .invite(machine, cancel: cancel) }
    switch action {
    case .passUp: if status >= 200 { keep([], toRepeatIn: slot) }
    case .cancelAndPassUp: sendCancel(of: slot, now: now, actions: &actions)
    case .acknowledgeAndPassUp:
      keep(Self.request(of: client).acknowledgement(of: response), toRepeatIn: slot)
      sendAgain(slot, actions: &actions)
    case .acknowledge:
      counters.repeatedResponses += 1
      sendAgain(slot, actions: &actions)
      return .repeated
    case .absorb:
      counters.repeatedResponses += 1
      return .repeated
    }
    actions.append(.received(response, status: status, for: client.user))
    if status >= 200 { endCancel(of: slot) }
    settleClient(slot, actions: &actions)
    return .taken
  }

  /// The request is not needed any more.
  private mutating func keep(_ acknowledgement: [UInt8], toRepeatIn slot: Int32) {
    var request = acknowledgement
    clients.update(slot) { swap(&$0.request, &request) }
    buffers.keep(request)
  }

  private func sendAgain(_ slot: Int32, actions: inout [TransactionAction]) {
    guard let client = clients[slot] else { return }
    actions.append(.send(client.request, client.destination, client: id(ofClient: slot)))
  }

  private static func request(of client: Client) -> Message {
    guard let request = try? Message(parsing: client.request) else {
      preconditionFailure("an INVITE that is no message was sent for \(client.user)")
    }
    return request
  }

  // MARK: CANCEL

  /// In a transaction of its own, under the branch of the INVITE. What becomes of it is nobody's business: the answer
  /// that counts is that to the INVITE.
  private mutating func sendCancel(of slot: Int32, now: Instant, actions: inout [TransactionAction]) {
    guard let invite = clients[slot], case .invite(let machine, _) = invite.machine else { return }
    let (number, serial) = clients.reserve()
    var cancel = invite
    cancel.method = .cancel
    cancel.machine = ClientMachine(.cancel, timers: timers, isReliable: invite.destination.isReliable, now: now)
    cancel.request = Self.request(of: invite).cancellation()
    launch(cancel, in: number, actions: &actions)
    clients.update(slot) { $0.machine = .invite(machine, cancel: ClientTransactionID(slot: number, serial: serial)) }
  }

  /// Deviation: the transaction of a CANCEL ends with the final response to its INVITE, after which nothing that could
  /// come of it matters (§9.2), and not by its own timers.
  private mutating func endCancel(of slot: Int32) {
    guard case .invite(let machine, let cancel?) = clients[slot]?.machine else { return }
    abandon(cancel)
    clients.update(slot) { $0.machine = .invite(machine, cancel: nil) }
  }

  /// Frees the slot of a client that is over, and that of its CANCEL.
  mutating func end(_ slot: Int32) {
    endCancel(of: slot)
    clients.release(slot)
  }
}

extension InviteClientTransaction.ResponseKind {
  fileprivate init(_ status: Int) {
    self = status < 200 ? .provisional : status < 300 ? .success : .failure
  }
}
