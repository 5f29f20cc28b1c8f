/// A timer of a transaction (RFC 3261 §17, Table 4), whichever of its letters comes next: whose it is, and which setting
/// of it. Setting a timer again makes the former one stale.
package struct TransactionTimer: Hashable, Sendable {
  /// Which half of transactions the slot is one of.
  package enum Side: UInt8, Sendable { case client, server }

  package let side: Side
  package let slot: Int32
  package let generation: UInt32

  package init(side: Side, slot: Int32, generation: UInt32) {
    self.side = side
    self.slot = slot
    self.generation = generation
  }
}
