import SIPMessage

/// A next hop written as other programs write it: `tls://edge.example.net`, `wss://edge.example.net:8443/ws`. Not a SIP URI,
/// and meant as one.
struct WebURL {
  /// What it is as a SIP URI.
  let hop: String
  /// The resource of a WebSocket (RFC 6455 §3); nil: none is named.
  let path: String?

  /// nil: it begins with none of the transports and "://", or names what none of them has.
  init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://"),
      let transport = TransportProtocol(Bytes(String(text[..<colon])))
    else { return nil }
    let rest = text[colon...].dropFirst(3)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest[authority.endIndex...]
    switch transport {
    case .udp, .tcp, .tls: guard path.isEmpty || path == "/" else { return nil }
    case .ws, .wss: guard path.isEmpty || Self.isPath(String(path)) else { return nil }
    }
    hop = "sip:\(authority);transport=\(transport.uriToken)"
    self.path = transport == .ws || transport == .wss ? path.isEmpty ? nil : String(path) : nil
  }

  /// What may stand in the request line of HTTP as it is.
  static func isPath(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "#") }
  }
}
