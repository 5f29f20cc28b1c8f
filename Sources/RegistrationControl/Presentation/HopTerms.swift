/// On which terms a next hop is spoken to, as the sentence about it needs them: without what holds where nothing is
/// configured. No secret is in it: files are named, and not what is in them.
package struct HopTerms: Sendable, Equatable {
  /// As a URI.
  package var hop: String
  /// Whom its certificate must name; nil: it has none to show.
  package var certificateName: String?
  /// The file of those who may vouch for it; nil: whom the system trusts.
  package var authorities: String?
  /// The file of our own certificate, for a hop that wants to see it.
  package var certificate: String?
  /// nil: WebSocket is not spoken.
  package var webSocketPath: String?
  package var localAddresses: [String] = []
  package var localPort: UInt16?
  package var interface: String?
  package var dscp: UInt8?

  package init(hop: String) { self.hop = hop }

  /// "sip:edge.example.net;transport=tls: its certificate must name edge.example.net, and this system must vouch for it;
  /// what we send leaves from 192.0.2.7, marked with DSCP 46"; nil: there is nothing to say.
  package var sentence: String? {
    let parts = [identity, certificate.map { "ours is in \($0)" }, webSocket, departure].compactMap(\.self)
    return parts.isEmpty ? nil : "\(hop): \(parts.joined(separator: "; "))"
  }

  private var identity: String? {
    certificateName.map { "its certificate must name \($0), and \(authorities ?? "this system") must vouch for it" }
  }

  private var webSocket: String? { webSocketPath.map { "its WebSocket is at \($0)" } }

  private var departure: String? {
    let addresses = localAddresses.isEmpty ? nil : localAddresses.joined(separator: " or ")
    let parts = [
      addresses.map { "from \($0)" }, localPort.map { "from UDP port \($0)" }, interface.map { "through \($0)" },
      dscp.map { "marked with DSCP \($0)" },
    ].compactMap(\.self)
    return parts.isEmpty ? nil : "what we send leaves \(parts.joined(separator: ", "))"
  }
}
