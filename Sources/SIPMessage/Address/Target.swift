/// Where a request goes: the transport, address and port that RFC 3263 arrives at, whom it expects there, and on which
/// terms. Connections are shared by all of it.
package struct Target: Hashable, Sendable {
  package var transport: TransportProtocol
  /// These two stand here since there is room that costs nothing.
  package var profile: ProfileID
  package var serverName: ServerName
  package var endpoint: Endpoint

  package init(
    transport: TransportProtocol, profile: ProfileID = .standard, serverName: ServerName = .none, endpoint: Endpoint
  ) {
    self.transport = transport
    self.profile = profile
    self.serverName = serverName
    self.endpoint = endpoint
  }
}

extension Target {
  /// Whether both are one place, whoever is expected there.
  package func leads(to other: Target) -> Bool { transport == other.transport && endpoint == other.endpoint }
}

extension Target: CustomStringConvertible {
  package var description: String { "\(transport.uriToken):\(endpoint)" }
}
