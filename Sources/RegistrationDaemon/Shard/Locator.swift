import SIPMessage
import SIPTransport
import SIPUserAgent

/// From a URI to the addresses to try (RFC 3263 §4, as far as A and AAAA records go; NAPTR and SRV are not asked).
struct Locator: Sendable {
  private let transport: TransportLayer
  private let resolver: Resolver

  init(transport: TransportLayer, resolver: Resolver) {
    self.transport = transport
    self.resolver = resolver
  }

  /// An address in the URI is answered at once; a name on the resolver's queue.
  func locate(_ uri: URI, completion: @escaping @Sendable (Location) -> Void) -> Location? {
    guard let transport = Self.transport(of: uri) else { return .failed("\(uri) asks for a transport there is not") }
    let port = uri.port ?? transport.defaultPort
    switch uri.host {
    case .address(let address):
      return location(of: [address], transport, port)
    case .name(let name):
      resolver.resolve(name, port: port) { [self] result in
        switch result {
        case .success(let resolution): completion(location(of: resolution.addresses, transport, port))
        case .failure(let failure): completion(.failed(failure.description))
        }
      }
      return nil
    case nil:
      return .failed("\(uri) has no host")
    }
  }

  /// RFC 3263 §4.1: an explicit transport wins, else UDP; with sips whatever is asked for runs over TLS (RFC 3261
  /// §26.2.2), and what can not is refused.
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

  private func location(of addresses: [IPAddress], _ transport: TransportProtocol, _ port: UInt16) -> Location {
    let targets = addresses.compactMap { address -> LocatedTarget? in
      let target = Target(transport: transport, endpoint: Endpoint(address: address, port: port))
      return self.transport.localEndpoint(toward: target).map { LocatedTarget(target: target, local: $0) }
    }
    if targets.isEmpty {
      let list = addresses.map(\.description).joined(separator: ", ")
      return .failed("there is no way from here to \(list)")
    }
    return .targets(targets)
  }
}
