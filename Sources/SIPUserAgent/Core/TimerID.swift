import SIPTransaction

/// A timer that was set: whose it is, and which setting of it. Setting a timer again makes the former id stale, so
/// that nobody has to find and take out what is in the heap already.
package struct TimerID: Hashable, Sendable {
  package enum Kind: UInt8, Sendable { case registration, nextHop, flow, clientTransaction, serverTransaction }

  package let kind: Kind
  /// The slot of the owner.
  package let slot: Int32
  package let generation: UInt32

  package init(kind: Kind, slot: Int32, generation: UInt32) {
    self.kind = kind
    self.slot = slot
    self.generation = generation
  }
}

extension TimerID {
  /// A timer of the layer below.
  init(_ timer: TransactionTimer) {
    let kind: Kind =
      switch timer.side {
      case .client: .clientTransaction
      case .server: .serverTransaction
      }
    self.init(kind: kind, slot: timer.slot, generation: timer.generation)
  }

  /// For the layer below.
  func transactionTimer(of side: TransactionTimer.Side) -> TransactionTimer {
    TransactionTimer(side: side, slot: slot, generation: generation)
  }
}
