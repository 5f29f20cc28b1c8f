import SIPMessage

extension TransactionLayer {
  /// A response arrived (§17.1.3): it belongs to a client whose branch, sent-by and CSeq method it carries.
  ///
  /// What repeats a request that waits for its answer is compared with it; any other response is read in full.
  package mutating func received(
    response message: Message, status: Int, now: Instant, actions: inout [TransactionAction]
  ) {
    if let repetition = message.repetition, let branch = message.withBranch(of: repetition, { Branch($0) }) {
      let reception = hand(message, status, in: branch.slot, now: now, actions: &actions) { client in
        client.branch == branch && message.repeats(client.request.span, in: repetition)
      }
      if reception != .foreign { return }
    }
    received(reading: message, status: status, now: now, actions: &actions)
  }

  /// Reads a response in full. Once its branch has named a client that waits, nothing is dropped in silence.
  package mutating func received(
    reading message: Message, status: Int, now: Instant, actions: inout [TransactionAction]
  ) {
    let response = message.matching
    guard let branch = response.branch.flatMap({ Branch($0) }) else {
      counters.strayResponses += 1
      return
    }
    switch addressee(of: branch, response.method) {
    case .nobody: counters.strayResponses += 1
    case .former: counters.repeatedResponses += 1
    case .client(let slot, let client):
      if client.machine.isOpen, let obstacle = response.obstacle ?? client.obstacle(to: response) {
        counters.discarded.count(obstacle)
        return actions.append(.discarded(client.user, obstacle))
      }
      if hand(message, status, in: slot, now: now, actions: &actions, if: { _ in true }) == .taken {
        counters.ignored.count(response.ignored)
      }
    }
  }

  /// Something arrived that is no message at all. When it carries the branch of a client that waits, somebody meant it
  /// as an answer.
  package mutating func received(
    unreadable bytes: Span<UInt8>, _ flaw: Flaw, actions: inout [TransactionAction]
  ) {
    guard let branch = Branch.first(in: bytes), let client = clients[branch.slot], client.branch == branch,
      client.machine.isUnanswered
    else { return }
    actions.append(.discarded(client.user, flaw))
  }

  /// Whom a branch names.
  private enum Addressee {
    case nobody
    /// Whose slot somebody else has used since, or the CANCEL of an INVITE that is answered.
    case former
    case client(slot: Int32, Client)
  }

  private func addressee(of branch: Branch, _ method: Method?) -> Addressee {
    if clients.isOver(branch.slot, branch.serial) { return .former }
    guard let client = clients[branch.slot], client.branch == branch else { return .nobody }
    guard method == .cancel, case .invite(_, let cancel) = client.machine else {
      return .client(slot: branch.slot, client)
    }
    // The answer to the CANCEL is told from that to the INVITE by its method (§17.1.3).
    guard let cancel, let client = clients[cancel.slot, cancel.serial] else { return .former }
    return .client(slot: cancel.slot, client)
  }

  /// What a response is to the client that was to have it.
  enum Reception { case foreign, repeated, taken }

  /// Lets a client have a response.
  ///
  /// - Parameter isAnswer: whether it belongs to the client in the slot
  private mutating func hand(
    _ message: Message, _ status: Int, in slot: Int32, now: Instant, actions: inout [TransactionAction],
    if isAnswer: (borrowing Client) -> Bool
  ) -> Reception {
    /// `answer`: nil for that to a CANCEL, which nobody is told of.
    enum Fate { case foreign, repeated, answer(TransactionUser?, ClientMachine.Standing), toInvite }
    var request: [UInt8] = []
    let fate = clients.update(slot) { client -> Fate in
      guard isAnswer(client) else { return .foreign }
      guard case .nonInvite(var machine) = client.machine else { return .toInvite }
      switch machine.received(status < 200 ? .provisional : .final) {
      case .passUp:
        client.machine = .nonInvite(machine)
        if status >= 200 { swap(&client.request, &request) }
        return .answer(client.isCancel ? nil : client.user, client.machine.standing)
      case .absorb: return .repeated
      }
    }
    switch fate ?? .foreign {
    case .foreign: return .foreign
    case .repeated:
      counters.repeatedResponses += 1
      return .repeated
    case .answer(let user, let standing):
      buffers.keep(request)
      if let user { actions.append(.received(message, status: status, for: user)) }
      settleClient(slot, standing, actions: &actions)
      return .taken
    case .toInvite: return received(message, status, toInvite: slot, now: now, actions: &actions)
    }
  }
}

extension TransactionLayer.Client {
  /// Why a response with the branch of this client is no answer to its request (§17.1.3, §18.1.2).
  fileprivate func obstacle(to response: Message.Matching) -> Flaw? {
    let transport = destination.target.transport
    guard let via = response.via, SentBy(local, over: transport).isThat(of: via, defaultPort: transport.defaultPort)
    else { return .foreignSentBy }
    return response.method == method ? nil : .foreignMethod
  }
}
