import CDatagram
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// Finds the address that the kernel would send from: what belongs into Via and Contact (RFC 3261 §18.1.1, §8.1.1.8).
///
/// Answers are kept for a few seconds, so that an address that changes is noticed soon and a burst of messages asks
/// once.
final class LocalAddress: Sendable {
  private struct Answer {
    var address: IPAddress?
    var expires: NIODeadline
  }

  private struct State {
    var answers: [IPAddress: Answer] = [:]
    var probeV4: AddressProbe?
    var probeV6: AddressProbe?

    subscript(probeOfV6 isV6: Bool) -> AddressProbe? {
      get { isV6 ? probeV6 : probeV4 }
      set { if isV6 { probeV6 = newValue } else { probeV4 = newValue } }
    }
  }

  private static let lifetime = TimeAmount.seconds(10)
  /// Short, because the way may come back at any time.
  private static let lifetimeOfNone = TimeAmount.seconds(1)
  private static let capacity = 1_024

  private let state = NIOLockedValueBox(State())

  /// `bound`: the address that the layer's own sockets have, the same at every call; nil for "no route".
  func address(toward peer: IPAddress, bound: IPAddress) -> IPAddress? {
    state.withLockedValue { state in
      let now = NIODeadline.now()
      if let known = state.answers[peer], known.expires > now { return known.address }
      if state[probeOfV6: peer.isV6] == nil { state[probeOfV6: peer.isV6] = AddressProbe(bound: bound) }
      let address = state[probeOfV6: peer.isV6]?.address(toward: peer)
      if state.answers.count >= Self.capacity { state.answers = state.answers.filter { $0.value.expires > now } }
      if state.answers.count >= Self.capacity { state.answers.removeAll() }
      let lifetime = address == nil ? Self.lifetimeOfNone : Self.lifetime
      state.answers[peer] = Answer(address: address, expires: now + lifetime)
      return address
    }
  }

  /// The network changed: what was asked before does not count.
  func forget() { state.withLockedValue { $0.answers.removeAll() } }
}

/// A datagram socket that is connected to one peer after the other, which sends nothing, and asked for its own name. It
/// stays open: a process that has run out of descriptors has to know its address all the same.
private final class AddressProbe: Sendable {
  private let descriptor: CInt
  private let isV6: Bool

  init?(bound: IPAddress) {
    isV6 = bound.isV6
    descriptor = datagrams_socket(isV6 ? 1 : 0, 1)
    guard descriptor >= 0 else { return nil }
    // deinit closes it, whatever becomes of the rest.
    guard Endpoint(address: bound, port: 0).withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { return nil }
  }

  deinit { close(descriptor) }

  func address(toward peer: IPAddress) -> IPAddress? {
    // Without this the address would stay the one toward the peer before.
    var nobody = sockaddr()
    nobody.sa_family = sa_family_t(AF_UNSPEC)
    connect(descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
    // The port does not matter to the routing table; "discard" keeps the call valid everywhere.
    guard Endpoint(address: peer, port: 9).withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else { return nil }
    return isV6
      ? name(sockaddr_in6()).map { Endpoint($0).address } : name(sockaddr_in()).map { Endpoint($0).address }
  }

  private func name<Address>(_ empty: Address) -> Address? {
    var address = empty
    var length = socklen_t(MemoryLayout<Address>.size)
    let result = withUnsafeMutableBytes(of: &address) { bytes in
      getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, &length)
    }
    return result == 0 ? address : nil
  }
}
