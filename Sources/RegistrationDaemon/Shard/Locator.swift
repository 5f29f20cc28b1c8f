import SIPMessage
import SIPTransport
import SIPUserAgent

/// From a URI to the addresses to try (RFC 3263 §4, as far as A and AAAA records go; NAPTR and SRV are not asked).
///
/// What is no host is no target, whoever names it, and neither is this daemon: its REGISTERs would come back to it.
struct Locator: Sendable {
  private let transport: TransportLayer
  private let resolver: Resolver
  private let ownPorts: OwnPorts
  private let notice: @Sendable (URI, String) -> Void

  /// - Parameter notice: takes what was left out where something else is left, in words; on any thread
  init(
    transport: TransportLayer, resolver: Resolver, ownPorts: OwnPorts,
    notice: @escaping @Sendable (URI, String) -> Void
  ) {
    self.transport = transport
    self.resolver = resolver
    self.ownPorts = ownPorts
    self.notice = notice
  }

  /// An address in the URI is answered at once; a name on the resolver's queue.
  func locate(_ uri: URI, completion: @escaping @Sendable (Location) -> Void) -> Location? {
    guard let transport = Self.transport(of: uri) else { return .failed("\(uri) asks for a transport there is not") }
    let port = uri.port ?? transport.defaultPort
    guard port != 0 else { return .failed("\(uri) names port 0, which is no target") }
    switch uri.host {
    case .address(let address):
      return location(of: [address], transport, port, uri)
    case .name(let name):
      resolver.resolve(name, port: port) { [self] result in
        switch result {
        case .success(let resolution): completion(location(of: resolution.addresses, transport, port, uri))
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

  func location(
    of addresses: [IPAddress], _ transport: TransportProtocol, _ port: UInt16, _ uri: URI
  ) -> Location {
    var rejected = Rejected()
    guard let serverName = serverName(of: uri, transport) else {
      return .failed("\(uri) is one host more than can be known by certificates")
    }
    let targets = addresses.compactMap { address -> Way? in
      let target = Target(
        transport: transport, serverName: serverName, endpoint: Endpoint(address: address, port: port))
      guard address.isOneHost else { return rejected.nobody(address) }
      guard let local = self.transport.localEndpoint(toward: target) else { return rejected.noWay(address) }
      guard !leadsHere(target.endpoint, from: local) else { return rejected.ourselves(target.endpoint) }
      return Way(target: target, local: local)
    }
    guard !rejected.isEmpty else { return .targets(targets) }
    let words = rejected.words(for: uri.host)
    if targets.isEmpty { return .failed(words) }
    if rejected.isWrong { notice(uri, words) }
    return .targets(targets)
  }

  /// RFC 5922 §7: the certificate names whom the URI named, whatever that led to.
  private func serverName(of uri: URI, _ transport: TransportProtocol) -> ServerName? {
    guard transport.isSecure else { return ServerName.none }
    return switch uri.host {
    case .name(let name): self.transport.serverName(of: name)
    case .address(let address): self.transport.serverName(of: address.description)
    case nil: ServerName.none
    }
  }

  private func leadsHere(_ endpoint: Endpoint, from local: Endpoint) -> Bool {
    guard ownPorts.contains(endpoint.port) else { return false }
    // What the kernel sends to an address of its own, it sends from there.
    return endpoint.address == local.address || endpoint.address.isLoopback && transport.listensOnAllAddresses
  }
}

/// Addresses that are not tried, and why, in words for an operator.
private struct Rejected {
  private var nobodies: [IPAddress] = []
  private var unreachable: [IPAddress] = []
  private var own: [Endpoint] = []

  var isEmpty: Bool { nobodies.isEmpty && unreachable.isEmpty && own.isEmpty }
  /// More than a way that may come back: somebody should mend the name.
  var isWrong: Bool { !nobodies.isEmpty || !own.isEmpty }

  mutating func nobody(_ address: IPAddress) -> Way? {
    nobodies.append(address)
    return nil
  }

  mutating func noWay(_ address: IPAddress) -> Way? {
    unreachable.append(address)
    return nil
  }

  mutating func ourselves(_ endpoint: Endpoint) -> Way? {
    own.append(endpoint)
    return nil
  }

  /// - Parameter host: as it stands in the URI
  func words(for host: Host?) -> String {
    var parts: [String] = []
    let (name, isName) =
      switch host {
      case .name(let name): (name, true)
      case .address(let address): ("\(address)", false)
      case nil: ("", false)
      }
    let list = nobodies.map(\.description).joined(separator: ", ")
    switch (nobodies.count, isName) {
    case (0, _): break
    case (_, false): parts.append("\(list) is no target")
    case (1, true): parts.append("\(name) has the address \(list), which is no target")
    case (_, true): parts.append("\(name) has the addresses \(list), which are no targets")
    }
    if !own.isEmpty {
      let places = own.map(\.description).joined(separator: ", ")
      parts.append("\(name) leads to this daemon itself (\(places))")
    }
    if !unreachable.isEmpty {
      parts.append("there is no way from here to \(unreachable.map(\.description).joined(separator: ", "))")
    }
    return parts.joined(separator: "; ")
  }
}
