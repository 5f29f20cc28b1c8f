/// On which terms a peer is spoken to, as far as an operator says so for an account or an outbound proxy: whom we trust,
/// who we are, and from where we send. Those who share one may share connections.
package struct ConnectionProfile: Hashable, Sendable {
  /// The path of a PEM file with the authorities that may vouch for a peer (RFC 5922 §7.3); nil: those of the system.
  package var authorities: String?
  /// The paths of PEM files with our own certificate chain and its key, for a peer that asks who we are (RFC 5922 §7.4).
  package var certificate: String?
  package var privateKey: String?
  /// The resource of a WebSocket (RFC 6455 §3): a path with its query.
  package var webSocketPath = "/"
  /// The addresses to send from; nil: what the daemon has for all.
  package var localAddressV4: IPAddress?
  package var localAddressV6: IPAddress?
  /// The UDP port to send from and to be reached at, beside the daemon's; nil: that one.
  package var localPort: UInt16?
  /// The interface to send through; nil: as the routes of the host say.
  package var interface: String?
  /// The differentiated services code point of what is sent, 0 to 63 (RFC 2474); nil: that of the system.
  package var dscp: UInt8?

  package init() {}

  package static let standard = ConnectionProfile()
}
