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
    // RFC 3263 §4.1: sips means TLS, an explicit transport wins, and a numeric host means UDP.
    let transport = uri.transport ?? (uri.scheme == .sips ? .tls : .udp)
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
