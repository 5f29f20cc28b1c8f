/// The transaction user (RFC 3261 §5: the layer above, or the part of it that a transaction works for), as a number
/// that is handed back with whatever becomes of the transaction. What it means is known to that layer alone.
package struct TransactionUser: Hashable, Sendable {
  /// What kind of user it is: each has numbers of its own.
  package let tag: UInt8
  package let number: Int32

  package init(tag: UInt8, number: Int32) {
    self.tag = tag
    self.number = number
  }
}
