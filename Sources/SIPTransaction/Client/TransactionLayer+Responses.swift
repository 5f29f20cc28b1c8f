import SIPMessage

extension TransactionLayer {
  /// A response arrived (§17.1.3): it belongs to a client whose branch, sent-by and CSeq method it carries.
  ///
  /// What repeats a request that waits for its answer is compared with it; any other response is read in full.
  package mutating func received(
    response message: Message, status: Int, now: Instant, actions: inout [TransactionAction]
  ) {
    if let repetition = message.repetition, let branch = message.withBranch(of: repetition, { Branch($0) }) {
      let isDone = hand(message, status, to: branch, in: branch.slot, now: now, actions: &actions) { client in
        client.machine.isUnanswered && message.repeats(client.request.span, in: repetition)
      }
      if isDone { return }
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
    switch standing(of: branch, response) {
    case .stranger: counters.strayResponses += 1
    case .over: counters.repeatedResponses += 1
    case .waiting(_, let user, let obstacle?):
      counters.discarded.count(obstacle)
      actions.append(.discarded(user, obstacle))
    case .waiting(let slot, _, nil):
      counters.ignored.count(response.ignored)
      _ = hand(message, status, to: branch, in: slot, now: now, actions: &actions) { _ in true }
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

  /// What a branch is to this layer.
  private enum Standing {
    case stranger
    /// Answered already, or given up.
    case over
    /// For an answer; `obstacle`: why this can not be it.
    case waiting(slot: Int32, user: TransactionUser, obstacle: Flaw?)
  }

  private func standing(of branch: Branch, _ response: Message.Matching) -> Standing {
    if clients.isOver(branch.slot, branch.serial) { return .over }
    guard let client = clients[branch.slot], client.branch == branch else { return .stranger }
    if response.method == .cancel, case .invite(_, let cancel) = client.machine {
      // It is told from that to the INVITE by its method (§17.1.3).
      guard let cancel, let client = clients[cancel.slot, cancel.serial] else { return .over }
      return standing(of: client, in: cancel.slot, response)
    }
    return standing(of: client, in: branch.slot, response)
  }

  private func standing(of client: Client, in slot: Int32, _ response: Message.Matching) -> Standing {
    guard client.machine.isOpen else { return .over }
    return .waiting(slot: slot, user: client.user, obstacle: response.obstacle ?? client.obstacle(to: response))
  }

  /// What a response is to the client that its branch names.
  ///
  /// `answer`: nil for that to a CANCEL, which nobody is told of.
  private enum Fate { case nobodys, repetition, answer(TransactionUser?), answerToInvite }

  /// Lets a client have a response.
  ///
  /// - Parameter isAnswer: whether it belongs to the client of its branch
  /// - Returns: false when it does not.
  private mutating func hand(
    _ message: Message, _ status: Int, to branch: Branch, in slot: Int32, now: Instant,
    actions: inout [TransactionAction], if isAnswer: (borrowing Client) -> Bool
  ) -> Bool {
    var request: [UInt8] = []
    let fate = clients.update(slot) { client -> Fate in
      guard client.branch == branch, isAnswer(client) else { return .nobodys }
      guard case .nonInvite(var machine) = client.machine else { return .answerToInvite }
      switch machine.received(status < 200 ? .provisional : .final) {
      case .passUp:
        client.machine = .nonInvite(machine)
        if status >= 200 { swap(&client.request, &request) }
        return .answer(client.isCancel ? nil : client.user)
      case .absorb: return .repetition
      }
    }
    switch fate ?? .nobodys {
    case .nobodys: return false
    case .repetition: counters.repeatedResponses += 1
    case .answer(let user):
      buffers.keep(request)
      if let user { actions.append(.received(message, status: status, for: user)) }
      settleClient(slot, actions: &actions)
    case .answerToInvite:
      received(message, status, toInvite: slot, now: now, actions: &actions)
    }
    return true
  }
}

extension TransactionLayer.Client {
  /// Why a response with the branch of this client is no answer to its request (§17.1.3, §18.1.2). A sent-by without a
  /// port means the default one (§20.42), on either side.
  fileprivate func obstacle(to response: Message.Matching) -> Flaw? {
    guard let via = response.via, via.host == .address(local.address),
      (via.port ?? destination.target.transport.defaultPort) == local.port
    else { return .foreignSentBy }
    return response.method == method ? nil : .foreignMethod
  }
}
