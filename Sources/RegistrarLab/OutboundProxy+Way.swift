import SIPMessage

/// Which way a request goes on: RFC 3261 §16.4 and §16.6 for a loose router, RFC 2543 §12.1 for a strict one.
extension OutboundProxy {
  struct Way {
    var requestURI: URI
    var routes: [[UInt8]]
    /// Where it is sent: the topmost Route, else the Request-URI.
    var nextHop: URI
  }

  func way(of message: Message) throws(Refusal) -> Way {
    guard var requestURI = try? message.requestURI(), var routes = try? message.routes() else {
      throw Refusal(400, "Bad Route")
    }
    switch settings.routing {
    case .strict:
      // The Request-URI has done its work when it has come here; the next one stands first in Route.
      guard isOwn(requestURI), !routes.isEmpty else { throw Refusal(404, "Not For This Proxy") }
      requestURI = routes.removeFirst().uri
      return Way(requestURI: requestURI, routes: routes.map(\.written), nextHop: requestURI)
    case .loose:
      // §16.4: a strict router has put this proxy into the Request-URI and the real one at the end of Route.
      if isOwn(requestURI), let last = routes.popLast() { requestURI = last.uri }
      if let first = routes.first, isOwn(first.uri) { routes.removeFirst() }
      guard !isOwn(requestURI) else { throw Refusal(404, "Not For This Proxy") }
    }
    var written = routes.map(\.written)
    guard let next = routes.first?.uri else { return Way(requestURI: requestURI, routes: [], nextHop: requestURI) }
    if !next.isLooseRouter {
      // §16.6 step 6: the next one routes strictly.
      written.removeFirst()
      written.append(Array("<\(requestURI)>".utf8))
      requestURI = next
    }
    return Way(requestURI: requestURI, routes: written, nextHop: next)
  }

  private func isOwn(_ uri: URI) -> Bool {
    uri.host == .address(address.address) && (uri.port ?? TransportProtocol.udp.defaultPort) == address.port
  }

  func target(of uri: URI) throws(Refusal) -> Target {
    let transport = uri.transport ?? .udp
    guard uri.scheme == .sip, !transport.isSecure, transport != .ws else {
      throw Refusal(416, "Unsupported Next Hop")
    }
    if case .address(let address) = uri.host {
      let endpoint = Endpoint(address: address, port: uri.port ?? transport.defaultPort)
      guard endpoint != self.address else { throw Refusal(482, "Loop Detected") }
      return Target(transport: transport, endpoint: endpoint)
    }
    guard let target = settings.nextHop else { throw Refusal(404, "Next Hop Unknown") }
    return target
  }
}

extension NameAddr {
  /// As it stands in a Route.
  fileprivate var written: [UInt8] { Array("<\(uri)>".utf8) + parameters.text }
}
