import Glibc
import NIOCore
import SIPMessage

extension Endpoint {
  /// nil for Unix domain sockets. An IPv4-mapped IPv6 address stays what it is: the sockets here are IPv6 only.
  package init?(_ socketAddress: SocketAddress) {
    switch socketAddress {
    case .v4(let address): self.init(address.address)
    case .v6(let address): self.init(address.address)
    case .unixDomainSocket: return nil
    }
  }

  init(_ address: sockaddr_in) {
    self.init(address: .v4(UInt32(bigEndian: address.sin_addr.s_addr)), port: UInt16(bigEndian: address.sin_port))
  }

  init(_ address: sockaddr_in6) {
    let halves = withUnsafeBytes(of: address.sin6_addr) { bytes in
      (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(
      address: .v6(UInt64(bigEndian: halves.0), UInt64(bigEndian: halves.1)),
      port: UInt16(bigEndian: address.sin6_port))
  }
}

extension SocketAddress {
  package init(_ endpoint: Endpoint) {
    switch endpoint.address {
    case .v4(let value): self.init(sockaddr_in(value, port: endpoint.port))
    case .v6(let upper, let lower): self.init(sockaddr_in6(upper, lower, port: endpoint.port))
    }
  }
}

extension sockaddr_in {
  init(_ address: UInt32, port: UInt16) {
    self.init()
    sin_family = sa_family_t(AF_INET)
    sin_port = port.bigEndian
    sin_addr.s_addr = address.bigEndian
  }
}

extension sockaddr_in6 {
  init(_ upper: UInt64, _ lower: UInt64, port: UInt16) {
    self.init()
    sin6_family = sa_family_t(AF_INET6)
    sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &sin6_addr) { bytes in
      bytes.storeBytes(of: upper.bigEndian, as: UInt64.self)
      bytes.storeBytes(of: lower.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
  }
}

extension Endpoint {
  /// The endpoint as the system calls want it.
  func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    switch address {
    case .v4(let value): Self.rebind(sockaddr_in(value, port: port), body)
    case .v6(let upper, let lower): Self.rebind(sockaddr_in6(upper, lower, port: port), body)
    }
  }

  private static func rebind<Address, Result>(
    _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafeBytes(of: address) { bytes in
      // The storage of a local value is aligned for its type, and every sockaddr type is as sockaddr or stricter.
      body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t(bytes.count))
    }
  }
}

extension Endpoint {
  /// What the system wrote there; nil for another family.
  init?(_ address: UnsafeRawPointer) {
    switch Int32(address.load(as: sockaddr.self).sa_family) {
    case AF_INET: self.init(address.load(as: sockaddr_in.self))
    case AF_INET6: self.init(address.load(as: sockaddr_in6.self))
    default: return nil
    }
  }

  /// Writes the endpoint as the system calls want it, where there is room for a `sockaddr_in6`. - Returns: its size
  func store(at address: UnsafeMutableRawPointer) -> socklen_t {
    switch self.address {
    case .v4(let value):
      address.storeBytes(of: sockaddr_in(value, port: port), as: sockaddr_in.self)
      return socklen_t(MemoryLayout<sockaddr_in>.size)
    case .v6(let upper, let lower):
      address.storeBytes(of: sockaddr_in6(upper, lower, port: port), as: sockaddr_in6.self)
      return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }
  }
}
