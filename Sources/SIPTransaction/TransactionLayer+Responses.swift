import SIPMessage

extension TransactionLayer {
  /// A response arrived (§17.1.3): it belongs to a client whose branch, sent-by and CSeq method it carries.
  ///
  /// What repeats a request that waits for its answer is compared with it; any other response is read in full.
  ///
  /// - Throws: for a response with a defect, which is to be discarded (§8.1.3.3).
  package mutating func received(
    response message: Message, status: Int, now: Instant, actions: inout [TransactionAction]
  ) throws(MessageDefect) {
    if let repetition = message.repetition, let branch = message.withBranch(of: repetition, { Branch($0) }) {
      let isDone = hand(status, to: branch, now: now, actions: &actions) { client in
        client.machine.isUnanswered && message.repeats(client.request.span, in: repetition)
      }
      if isDone { return }
    }
    received(response: try message.essentials(), status: status, now: now, actions: &actions)
  }

  /// The same of a response that was read in full.
  package mutating func received(
    response essentials: Message.Essentials, status: Int, now: Instant, actions: inout [TransactionAction]
  ) {
    let branch = essentials.via.branch.flatMap { Branch($0) }
    if let branch, clients.isOver(branch.slot, branch.serial) {
      counters.repeatedResponses += 1
      return
    }
    let isDone =
      branch.map { branch in
        hand(status, to: branch, now: now, actions: &actions) { $0.isAnswered(by: essentials) }
      } ?? false
    if !isDone { counters.strayResponses += 1 }
  }

  /// What a response is to the client that its branch names.
  private enum Fate { case answer(user: Int32), absorbed, repeated }

  /// Lets a client have a response.
  ///
  /// - Parameter isAnswer: whether it belongs to the client of its branch
  /// - Returns: false when it does not.
  private mutating func hand(
    _ status: Int, to branch: Branch, now: Instant, actions: inout [TransactionAction],
    if isAnswer: (borrowing Client) -> Bool
  ) -> Bool {
    var request: [UInt8] = []
    let fate = clients.update(branch.slot) { client -> Fate? in
      guard client.branch == branch, isAnswer(client) else { return nil }
      guard client.machine.isUnanswered else { return .repeated }
      if status >= 200 { swap(&client.request, &request) }
      switch client.machine.received(status < 200 ? .provisional : .final, now: now) {
      case .passUp: return .answer(user: client.user)
      case .absorb: return .absorbed
      }
    }
    switch fate ?? nil {
    case nil: return false
    case .answer(let user):
      rooms.keep(request)
      actions.append(.answered(user: user, status: status))
      settleClient(branch.slot, actions: &actions)
    case .absorbed:
      rooms.keep(request)
      counters.repeatedResponses += 1
      settleClient(branch.slot, actions: &actions)
    case .repeated: counters.repeatedResponses += 1
    }
    return true
  }
}
