/// An address and a port of a host.
package struct Endpoint: Hashable, Sendable {
  package var address: IPAddress
  package var port: UInt16

  package init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension Endpoint: CustomStringConvertible {
  /// `192.0.2.1:5060` or `[2001:db8::1]:5060`
  package var description: String { address.isV6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

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

/// Where a message came from and its answer goes back to: the peer, and the connection if there is one (RFC 5626 §3.3).
package struct Flow: Hashable, Sendable {
  package var target: Target
  /// Counts the connections of a transport layer, from 1; 0 for datagrams.
  package var connection: UInt32

  package init(target: Target, connection: UInt32 = 0) {
    self.target = target
    self.connection = connection
  }
}
