/// Where a message came from and its answer goes back to: the peer, and the connection if there is one (RFC 5626 §3.3).
package struct Flow: Hashable, Sendable {
  package var target: Target
  /// Counts the connections of a transport layer, from 1; 0 for datagrams.
  package var connection: UInt32

  package init(target: Target, connection: UInt32 = 0) {
    self.target = target
    self.connection = connection
  }
}
