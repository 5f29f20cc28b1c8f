/// Whom the certificate of a peer has to name (RFC 5922 §7): the host of the next hop's URI, as it was configured and before
/// anybody looked it up.
///
/// It is the number that the transport layer has for that name, since a target is copied with each message and compared by
/// those who share a connection: two names at one address are two peers.
package struct ServerName: Hashable, Sendable {
  package let number: UInt32

  package init(number: UInt32) { self.number = number }

  /// Over a transport without certificates nobody is asked for.
  package static let none = ServerName(number: 0)
}
