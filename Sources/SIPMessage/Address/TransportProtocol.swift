/// The transport protocols of RFC 3261 §19.1.1 and RFC 7118 that have a place here; SCTP has none.
package enum TransportProtocol: UInt8, Hashable, Sendable, CaseIterable {
  case udp, tcp, tls, ws, wss

  /// Reads a token as in `;transport=` or in Via, in either case.
  package init?(_ token: Bytes) {
    guard let match = Self.allCases.first(where: { token.equalsIgnoringCase($0.uriToken.utf8) }) else { return nil }
    self = match
  }

  /// As in the transport parameter of a URI.
  package var uriToken: String {
    switch self {
    case .udp: "udp"
    case .tcp: "tcp"
    case .tls: "tls"
    case .ws: "ws"
    case .wss: "wss"
    }
  }

  /// As in a Via header field.
  package var viaToken: String {
    switch self {
    case .udp: "UDP"
    case .tcp: "TCP"
    case .tls: "TLS"
    case .ws: "WS"
    case .wss: "WSS"
    }
  }

  package var isReliable: Bool { self != .udp }
  package var isSecure: Bool { self == .tls || self == .wss }
  package var isWebSocket: Bool { self == .ws || self == .wss }

  package var defaultPort: UInt16 {
    switch self {
    case .udp, .tcp: 5060
    case .tls: 5061
    case .ws: 80
    case .wss: 443
    }
  }
}
