import SIPMessage

/// What the URI of a next hop says of where it leads (RFC 3263 §4): the name to look up, and how much of the rest is settled.
package struct LocationQuery: Sendable, Equatable {
  /// TARGET in RFC 3263 §4: the `maddr` parameter, or else the host.
  package let host: Host
  /// Whom a certificate has to name, whatever the search leads to (RFC 5922 §7): the host of the URI.
  package let domain: Host
  /// As far as the URI names one.
  package let port: UInt16?
  /// As far as the URI asks for one; with `sips` the secure one of its kind (RFC 3261 §26.2.2).
  package let transport: TransportProtocol?
  /// Whether only secure transports will do.
  package let isSecure: Bool

  /// Why nothing can be found out.
  package enum Failure: Error, Equatable {
    case noTransport, noHost, portZero

    package func words(for uri: URI) -> String {
      switch self {
      case .noTransport: "\(uri) asks for a transport there is not"
      case .noHost: "\(uri) has no host"
      case .portZero: "\(uri) names port 0, which is no target"
      }
    }
  }

  package init(_ uri: URI) throws(Failure) {
    isSecure = uri.scheme == .sips
    if uri.parameters.contains("transport") {
      guard let asked = uri.transport, let transport = isSecure ? Self.secure(asked) : asked else { throw .noTransport }
      self.transport = transport
    } else {
      transport = nil
    }
    guard uri.port != 0 else { throw .portZero }
    port = uri.port
    guard let domain = uri.host else { throw .noHost }
    guard let maddr = uri.parameters["maddr"] else {
      (host, self.domain) = (domain, domain)
      return
    }
    guard let host = Host(maddr) else { throw .noHost }
    (self.host, self.domain) = (host, domain)
  }

  /// What runs over TLS in place of it; nil: nothing can.
  private static func secure(_ transport: TransportProtocol) -> TransportProtocol? {
    switch transport {
    case .tcp, .tls: .tls
    case .ws, .wss: .wss
    case .udp: nil
    }
  }

  /// Where no record says another.
  package var defaultTransport: TransportProtocol { transport ?? (isSecure ? .tls : .udp) }
  package var defaultPort: UInt16 { port ?? defaultTransport.defaultPort }

  /// A place that needs no search: the name is an address.
  package var ownAnswer: Candidate? {
    switch host {
    case .address(let address): candidate(address)
    case .name: nil
    }
  }

  /// This address, and for the rest what the URI says.
  func candidate(_ address: IPAddress) -> Candidate {
    Candidate(transport: defaultTransport, endpoint: Endpoint(address: address, port: defaultPort))
  }
}
