import SIPMessage

/// A place that a search has found, before anybody has looked whether there is a way to it.
package struct Candidate: Hashable, Sendable {
  package let transport: TransportProtocol
  package let endpoint: Endpoint

  package init(transport: TransportProtocol, endpoint: Endpoint) {
    self.transport = transport
    self.endpoint = endpoint
  }
}

extension Candidate: CustomStringConvertible {
  package var description: String { "\(transport.uriToken):\(endpoint)" }
}
