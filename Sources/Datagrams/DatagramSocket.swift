import CDatagram
import Glibc

/// A bound UDP socket, as the system knows it. Whoever made it closes it, when nobody uses it any more.
package struct DatagramSocket: Sendable {
  /// Best effort, the system's limits prevail: room for a burst of answers while nobody reads.
  private static let bufferSize: CInt = 4 << 20

  let descriptor: CInt
  /// With the port that the system chose, if none was asked for.
  package let address: DatagramAddress
  /// Whether the system takes several datagrams at once.
  package let joins: Bool

  /// - Parameter joining: whether several datagrams may travel as one through the system, if it is able (Linux 4.18 and
  ///   5.0). Peers see no difference.
  package init(boundTo address: DatagramAddress, joining: Bool = true) throws(DatagramError) {
    descriptor = datagrams_socket(address.isV6 ? 1 : 0, 1)
    guard descriptor >= 0 else { throw .current() }
    Self.set(SO_RCVBUF, SOL_SOCKET, to: Self.bufferSize, on: descriptor)
    Self.set(SO_SNDBUF, SOL_SOCKET, to: Self.bufferSize, on: descriptor)
    // It leaves the IPv4 port to the socket of its own family.
    if address.isV6 { Self.set(IPV6_V6ONLY, Int32(IPPROTO_IPV6), to: 1, on: descriptor) }
    if joining { datagrams_receive_joined(descriptor) }
    joins = joining && datagrams_can_be_joined(descriptor) != 0
    let descriptor = descriptor
    guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0, let bound = DatagramAddress.name(of: descriptor)
    else {
      let error = DatagramError.current()
      Glibc.close(descriptor)
      throw error
    }
    self.address = bound
  }

  /// Wakes who waits for a datagram, for ever. No connection is needed for that, whatever the call says.
  package func endWaiting() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  package func close() { Glibc.close(descriptor) }

  /// Datagrams that found no room in the socket's buffer.
  package var overflow: UInt32 { datagrams_overflowed(descriptor) }

  private static func set(_ option: CInt, _ level: CInt, to value: CInt, on descriptor: CInt) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }
}
