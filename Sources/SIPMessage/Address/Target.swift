/// Where a request goes: the transport, address and port that RFC 3263 arrives at, and whom it expects there.
package struct Target: Hashable, Sendable {
  package var transport: TransportProtocol
  /// Stands here since there is room that costs nothing.
  package var serverName: ServerName
  package var endpoint: Endpoint

  package init(transport: TransportProtocol, serverName: ServerName = .none, endpoint: Endpoint) {
    self.transport = transport
    self.serverName = serverName
    self.endpoint = endpoint
  }
}

extension Target: CustomStringConvertible {
  package var description: String { "\(transport.uriToken):\(endpoint)" }
}
