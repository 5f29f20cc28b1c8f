import SIPMessage

/// Connections end, and take along the requests that nobody answered over them.
extension TransactionLayer {
  /// A connection ended: who waits for an answer over it waits in vain (§17.1.4).
  ///
  /// - Parameters:
  ///   - ids: whose requests it carried, in their order, the answered among them
  ///   - hasWorked: it brought a message before. Then the peer did not refuse what it had not begun to answer: peers close
  ///     what is idle while requests are on their way.
  package mutating func connectionClosed(
    carrying ids: [ClientTransactionID], hasWorked: Bool, reason: String, actions: inout [TransactionAction]
  ) {
    for id in ids {
      guard hasWorked, let client = clients[id.slot, id.serial], client.machine.isWithoutAnyAnswer else {
        transportFailed(client: id, reason: reason, actions: &actions)
        continue
      }
      end(id.slot)
      if !client.isCancel { actions.append(.lost(client.user, reason: reason)) }
    }
  }
}
