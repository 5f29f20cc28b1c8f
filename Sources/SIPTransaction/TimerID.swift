/// A timer that was set: whose it is, and which setting of it. Setting a timer again makes the former id stale, so
/// that nobody has to find and take out what is in the heap already.
package struct TimerID: Hashable, Sendable {
  package enum Kind: UInt8, Sendable { case clientTransaction, registration, nextHop }

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
