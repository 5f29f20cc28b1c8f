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
