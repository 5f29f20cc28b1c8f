import SIPLocation
import SIPMessage
import SIPTransport
import SIPUserAgent

/// From a URI to the ways to try: has the resolver search (RFC 3263), and asks the transport from where.
struct Locator: Sendable {
  private let transport: TransportLayer
  private let resolver: Resolver
  private let ownPorts: OwnPorts
  private let notice: @Sendable (URI, String) -> Void
  /// How the newest searches went.
  let traces = LocationTraces()

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
    let query: LocationQuery
    do throws(LocationQuery.Failure) {
      query = try LocationQuery(hop.uri)
    } catch {
      return .failed(error.words(for: hop.uri))
    }
    if let candidate = query.ownAnswer { return location(of: [candidate], query, hop) }
    resolver.search(query) { [self] trace in
      traces.keep(trace, of: hop, at: BootClock.now)
      switch trace.outcome {
      case .found(let candidates)?: completion(location(of: candidates, query, hop))
      case .failed(let words)?: completion(.failed(words))
      case nil: preconditionFailure("a search has come back before its end")
      }
    }
    return nil
  }

  func location(of candidates: [Candidate], _ query: LocationQuery, _ hop: HopURI) -> Location {
    // RFC 5922 §7: the certificate names whom the URI named, whatever that led to.
    var serverName = ServerName.none
    if candidates.contains(where: \.transport.isSecure) {
      guard let number = transport.serverName(of: query.domain.certificateName) else {
        return .failed("\(hop.uri) is one host more than can be known by certificates")
      }
      serverName = number
    }
    let (chosen, rejected) = LocationQuery.choose(
      among: candidates, profile: hop.profile, serverName: { $0.isSecure ? serverName : .none }, reach: reach)
    let ways = chosen.map { Way(target: $0.target, local: $0.local) }
    guard !rejected.isEmpty else { return .ways(ways) }
    let words = rejected.words(for: query.host)
    if ways.isEmpty { return .failed((rejected.isWrong ? nil : transport.obstacle(of: hop.profile)) ?? words) }
    if rejected.isWrong { notice(hop.uri, words) }
    return .ways(ways)
  }

  private func reach(_ target: Target) -> LocationQuery.Reach {
    guard let local = transport.localEndpoint(toward: target) else { return .noWay }
    return leadsHere(target, from: local) ? .ourselves : .from(local)
  }

  private func leadsHere(_ target: Target, from local: Endpoint) -> Bool {
    // What the kernel sends to an address of its own, it sends from there.
    let peer = target.endpoint.address
    guard peer == local.address || peer.isLoopback && transport.listensOnAllAddresses else { return false }
    return ownPorts.contains(target.endpoint, over: target.transport)
  }
}

extension Host {
  /// As it stands in a certificate.
  var certificateName: String {
    switch self {
    case .name(let name): name.hasSuffix(".") ? String(name.dropLast()) : name
    case .address(let address): address.description
    }
  }
}
