import Datagrams
import NIOCore
import SIPMessage

extension Endpoint {
  init(_ address: DatagramAddress) {
    switch address {
    case .v4(let value, let port): self.init(address: .v4(value), port: port)
    case .v6(let upper, let lower, let port): self.init(address: .v6(upper, lower), port: port)
    }
  }

  /// nil for Unix domain sockets. An IPv4-mapped IPv6 address stays what it is: the sockets here are IPv6 only.
  package init?(_ socketAddress: SocketAddress) {
    switch socketAddress {
    case .v4(let address): self.init(DatagramAddress(address.address))
    case .v6(let address): self.init(DatagramAddress(address.address))
    case .unixDomainSocket: return nil
    }
  }
}

extension DatagramAddress {
  init(_ endpoint: Endpoint) {
    switch endpoint.address {
    case .v4(let value): self = .v4(value, port: endpoint.port)
    case .v6(let upper, let lower): self = .v6(upper, lower, port: endpoint.port)
    }
  }
}

extension SocketAddress {
  package init(_ endpoint: Endpoint) {
    var bytes = ByteBuffer()
    switch endpoint.address {
    case .v4(let value): bytes.writeInteger(value)
    case .v6(let upper, let lower): bytes.writeMultipleIntegers(upper, lower)
    }
    do {
      self = try SocketAddress(packedIPAddress: bytes, port: Int(endpoint.port))
    } catch {
      preconditionFailure("\(endpoint): \(error)")
    }
  }
}
