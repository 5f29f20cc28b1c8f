import SIPMessage

/// What has to be found out for the URI of a next hop (RFC 3263 §4), and what may be tried of the answer: a value, whose
/// answers are looked up elsewhere. As far as A and AAAA records go; NAPTR and SRV have their place here.
///
/// What is no host is no target, whoever names it, and neither is this program: its requests would come back to it.
package struct LocationQuery: Sendable, Equatable {
  package let transport: TransportProtocol
  package let host: Host
  package let port: UInt16

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
    guard let transport = Self.transport(of: uri) else { throw .noTransport }
    let port = uri.port ?? transport.defaultPort
    guard port != 0 else { throw .portZero }
    guard let host = uri.host else { throw .noHost }
    (self.transport, self.host, self.port) = (transport, host, port)
  }

  /// §4.1: an explicit transport wins, else UDP; with sips whatever is asked for runs over TLS (RFC 3261 §26.2.2), and what
  /// can not is refused.
  private static func transport(of uri: URI) -> TransportProtocol? {
    let asked = uri.transport
    if asked == nil, uri.parameters.contains("transport") { return nil }
    guard uri.scheme == .sips else { return asked ?? .udp }
    return switch asked {
    case nil, .tcp, .tls: .tls
    case .ws, .wss: .wss
    case .udp: nil
    }
  }

  /// How this host stands to a target.
  package enum Reach: Sendable, Equatable {
    /// From this local end.
    case from(Endpoint)
    case noWay
    /// It leads to this program itself.
    case ourselves
  }

  /// What may be tried of the addresses that were found, in their order, and what is left out.
  ///
  /// - Parameter reach: how this host stands to a target; asked for what is an address of one host
  package func choose(
    among addresses: [IPAddress], profile: ProfileID = .standard, serverName: ServerName, reach: (Target) -> Reach
  ) -> (chosen: [(target: Target, local: Endpoint)], rejected: RejectedAddresses) {
    var rejected = RejectedAddresses()
    var chosen: [(target: Target, local: Endpoint)] = []
    for address in addresses {
      guard address.isOneHost else {
        rejected.nobody(address)
        continue
      }
      let target = Target(
        transport: transport, profile: profile, serverName: serverName,
        endpoint: Endpoint(address: address, port: port))
      switch reach(target) {
      case .from(let local): chosen.append((target, local))
      case .noWay: rejected.noWay(address)
      case .ourselves: rejected.ourselves(target.endpoint)
      }
    }
    return (chosen, rejected)
  }
}
