import Glibc

/// An IPv4 or IPv6 address and a port, as numbers. An IPv4-mapped IPv6 address stays what it is.
package enum DatagramAddress: Hashable, Sendable {
  case v4(UInt32, port: UInt16)
  /// The upper and the lower 64 bits.
  case v6(UInt64, UInt64, port: UInt16)

  package var isV6: Bool {
    switch self {
    case .v4: false
    case .v6: true
    }
  }
}

// MARK: - As the system writes it

extension DatagramAddress {
  package init(_ address: sockaddr_in) {
    self = .v4(UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
  }

  package init(_ address: sockaddr_in6) {
    let halves = withUnsafeBytes(of: address.sin6_addr) { bytes in
      (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self = .v6(
      UInt64(bigEndian: halves.0), UInt64(bigEndian: halves.1), port: UInt16(bigEndian: address.sin6_port))
  }

  /// What the system wrote there; nil for another family.
  init?(_ address: UnsafeRawPointer) {
    switch Int32(address.load(as: sockaddr.self).sa_family) {
    case AF_INET: self.init(address.load(as: sockaddr_in.self))
    case AF_INET6: self.init(address.load(as: sockaddr_in6.self))
    default: return nil
    }
  }

  /// Writes it where there is room for a `sockaddr_in6`. - Returns: its size
  func store(at address: UnsafeMutableRawPointer) -> socklen_t {
    switch self {
    case .v4(let value, let port):
      address.storeBytes(of: sockaddr_in(value, port: port), as: sockaddr_in.self)
      return socklen_t(MemoryLayout<sockaddr_in>.size)
    case .v6(let upper, let lower, let port):
      address.storeBytes(of: sockaddr_in6(upper, lower, port: port), as: sockaddr_in6.self)
      return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }
  }

  /// Lends it as the system calls want it.
  func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_in6()
    return withUnsafeMutableBytes(of: &storage) { bytes in
      // The storage is aligned for its type, and every sockaddr type is as sockaddr or stricter.
      let start = bytes.baseAddress!
      let size = store(at: start)
      return body(UnsafePointer(start.assumingMemoryBound(to: sockaddr.self)), size)
    }
  }

  /// That of a socket; nil: errno says why.
  static func name(of descriptor: CInt) -> DatagramAddress? {
    var name = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return withUnsafeMutableBytes(of: &name) { bytes in
      let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return getsockname(descriptor, address, &length) == 0 ? DatagramAddress(UnsafeRawPointer(address)) : nil
    }
  }
}

extension sockaddr_in {
  fileprivate init(_ address: UInt32, port: UInt16) {
    self.init()
    sin_family = sa_family_t(AF_INET)
    sin_port = port.bigEndian
    sin_addr.s_addr = address.bigEndian
  }
}

extension sockaddr_in6 {
  fileprivate init(_ upper: UInt64, _ lower: UInt64, port: UInt16) {
    self.init()
    sin6_family = sa_family_t(AF_INET6)
    sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &sin6_addr) { bytes in
      bytes.storeBytes(of: upper.bigEndian, as: UInt64.self)
      bytes.storeBytes(of: lower.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
  }
}
