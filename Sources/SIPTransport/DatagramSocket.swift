import CDatagram
import Glibc
import SIPMessage

/// A bound UDP socket, as the system knows it. Whoever made it closes it, when nobody uses it any more.
struct DatagramSocket: Sendable {
  /// Best effort, the system's limits prevail: room for a burst of answers while nobody reads.
  private static let bufferSize: CInt = 4 << 20

  let descriptor: CInt
  /// With the port that the system chose, if none was asked for.
  let endpoint: Endpoint
  /// Whether the system takes several datagrams at once.
  let joins: Bool

  init(boundTo endpoint: Endpoint) throws(TransportFailure) {
    let isV6 = endpoint.address.isV6
    descriptor = datagrams_socket(isV6 ? 1 : 0, 1)
    guard descriptor >= 0 else { throw TransportFailure(errno: errno) }
    Self.set(SO_RCVBUF, SOL_SOCKET, to: Self.bufferSize, on: descriptor)
    Self.set(SO_SNDBUF, SOL_SOCKET, to: Self.bufferSize, on: descriptor)
    // It leaves the IPv4 port to the socket of its own family.
    if isV6 { Self.set(IPV6_V6ONLY, Int32(IPPROTO_IPV6), to: 1, on: descriptor) }
    datagrams_receive_joined(descriptor)
    joins = datagrams_can_be_joined(descriptor) != 0
    let descriptor = descriptor
    guard endpoint.withSocketAddress({ bind(descriptor, $0, $1) }) == 0, let bound = Self.name(of: descriptor) else {
      let failure = TransportFailure(errno: errno)
      Glibc.close(descriptor)
      throw failure
    }
    self.endpoint = bound
  }

  /// Wakes who waits for a datagram, for ever. No connection is needed for that, whatever the call says.
  func endWaiting() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  func close() { Glibc.close(descriptor) }

  /// Datagrams that found no room in the socket's buffer.
  var overflow: UInt32 { datagrams_overflowed(descriptor) }

  private static func set(_ option: CInt, _ level: CInt, to value: CInt, on descriptor: CInt) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }

  private static func name(of descriptor: CInt) -> Endpoint? {
    var name = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return withUnsafeMutableBytes(of: &name) { bytes in
      let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return getsockname(descriptor, address, &length) == 0 ? Endpoint(UnsafeRawPointer(address)) : nil
    }
  }
}
