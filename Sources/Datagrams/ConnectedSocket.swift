import CDatagram
import Glibc

/// A UDP socket that belongs to one peer at a time: the system tells of it what it tells of no other, from which address
/// the way there leads, and what ICMP says of what was sent.
package final class ConnectedSocket: Sendable {
  private let descriptor: CInt
  private let isV6: Bool

  /// nil: no file descriptor is left, the address is not ours, or the interface not there.
  ///
  /// - Parameters:
  ///   - own: what it is bound to
  ///   - interface: the index of the only one that it uses; 0: any
  ///   - hearsAll: of a host that is not there, too, and not of a closed port only
  package init?(boundTo own: DatagramAddress, interface: UInt32 = 0, hearsAll: Bool = false) {
    isV6 = own.isV6
    descriptor = datagrams_socket(isV6 ? 1 : 0, 0)
    guard descriptor >= 0 else { return nil }
    // deinit closes it, whatever becomes of the rest.
    if hearsAll {
      var isOn: CInt = 1
      let (level, option) = isV6 ? (Int32(IPPROTO_IPV6), IPV6_RECVERR) : (Int32(IPPROTO_IP), IP_RECVERR)
      guard setsockopt(descriptor, level, option, &isOn, socklen_t(MemoryLayout<CInt>.size)) == 0 else { return nil }
    }
    guard interface == 0 || datagrams_bind_to_interface(descriptor, interface) == 0 else { return nil }
    guard own.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// - Returns: false when there is no way
  package func connect(to peer: DatagramAddress) -> Bool {
    peer.withSocketAddress { Glibc.connect(descriptor, $0, $1) } == 0
  }

  /// Belongs to nobody again, and has the address that it is bound to.
  package func disconnect() {
    var nobody = sockaddr()
    nobody.sa_family = sa_family_t(AF_UNSPEC)
    Glibc.connect(descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// The address that the way to the peer leads from.
  package var name: DatagramAddress? { DatagramAddress.name(of: descriptor) }

  /// Should it fail, `takeError` says why.
  package func send(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
  }

  /// What went wrong since it was asked last.
  package func takeError() -> DatagramError? {
    var code: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code != 0 else { return nil }
    return DatagramError(code: code)
  }
}
