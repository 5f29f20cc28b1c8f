import SIPLocation
import SIPMessage
import SIPTransport
import SIPUserAgent

/// From a URI to the ways to try: asks the resolver what a `LocationQuery` wants to know, and the transport from where.
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
  func locate(_ hop: HopURI, completion: @escaping @Sendable (Location) -> Void) -> Location? {
    let uri = hop.uri
    let query: LocationQuery
    do throws(LocationQuery.Failure) {
      query = try LocationQuery(uri)
    } catch {
      return .failed(error.words(for: uri))
    }
    switch query.host {
    case .address(let address):
      return location(of: [address], query, hop)
    case .name(let name):
      resolver.resolve(name, port: query.port) { [self] result in
        switch result {
        case .success(let resolution): completion(location(of: resolution.addresses, query, hop))
        case .failure(let failure): completion(.failed(failure.description))
        }
      }
      return nil
    }
  }

  func location(of addresses: [IPAddress], _ query: LocationQuery, _ hop: HopURI) -> Location {
    let uri = hop.uri
    guard let serverName = serverName(of: query) else {
      return .failed("\(uri) is one host more than can be known by certificates")
    }
    let (chosen, rejected) = query.choose(among: addresses, profile: hop.profile, serverName: serverName, reach: reach)
    let ways = chosen.map { Way(target: $0.target, local: $0.local) }
    guard !rejected.isEmpty else { return .ways(ways) }
    let words = rejected.words(for: query.host)
    if ways.isEmpty { return .failed((rejected.isWrong ? nil : transport.obstacle(of: hop.profile)) ?? words) }
    if rejected.isWrong { notice(uri, words) }
    return .ways(ways)
  }

  /// RFC 5922 §7: the certificate names whom the URI named, whatever that led to.
  private func serverName(of query: LocationQuery) -> ServerName? {
    guard query.transport.isSecure else { return ServerName.none }
    return switch query.host {
    case .name(let name): transport.serverName(of: name)
    case .address(let address): transport.serverName(of: address.description)
    }
  }

  private func reach(_ target: Target) -> LocationQuery.Reach {
    guard let local = transport.localEndpoint(toward: target) else { return .noWay }
    return leadsHere(target.endpoint, from: local) ? .ourselves : .from(local)
  }

  private func leadsHere(_ endpoint: Endpoint, from local: Endpoint) -> Bool {
    guard ownPorts.contains(endpoint.port) else { return false }
    // What the kernel sends to an address of its own, it sends from there.
    return endpoint.address == local.address || endpoint.address.isLoopback && transport.listensOnAllAddresses
  }
}
