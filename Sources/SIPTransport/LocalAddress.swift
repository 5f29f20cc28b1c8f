import Glibc
import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// Finds the address that the kernel would send from: what belongs into Via and Contact (RFC 3261 §18.1.1, §8.1.1.8).
///
/// A datagram socket is connected to the peer, which sends nothing, and asked for its own name. Answers are kept for
/// a few seconds, so that an address that changes is noticed soon and a burst of messages asks once.
final class LocalAddress: Sendable {
  private struct Answer {
    var address: IPAddress?
    var expires: NIODeadline
  }

  private static let lifetime = TimeAmount.seconds(10)
  /// Short, because the way may come back at any time.
  private static let lifetimeOfNone = TimeAmount.seconds(1)
  private static let capacity = 1_024

  private let answers = NIOLockedValueBox<[IPAddress: Answer]>([:])

  /// `bound`: the address that the layer's own sockets have; nil for "no route".
  func address(toward peer: IPAddress, bound: IPAddress) -> IPAddress? {
    let now = NIODeadline.now()
    if let known = answers.withLockedValue({ $0[peer] }), known.expires > now { return known.address }
    let address = Self.probe(peer: peer, bound: bound)
    answers.withLockedValue { answers in
      if answers.count >= Self.capacity { answers = answers.filter { $0.value.expires > now } }
      if answers.count >= Self.capacity { answers.removeAll() }
      answers[peer] = Answer(address: address, expires: now + (address == nil ? Self.lifetimeOfNone : Self.lifetime))
    }
    return address
  }

  private static func probe(peer: IPAddress, bound: IPAddress) -> IPAddress? {
    let family = peer.isV6 ? AF_INET6 : AF_INET
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // The port does not matter to the routing table; "discard" keeps the call valid everywhere.
    let to = Endpoint(address: peer, port: 9)
    guard Endpoint(address: bound, port: 0).withSocketAddress({ bind(descriptor, $0, $1) }) == 0,
      to.withSocketAddress({ connect(descriptor, $0, $1) }) == 0
    else { return nil }
    return peer.isV6
      ? name(of: descriptor, sockaddr_in6()).map { Endpoint($0).address }
      : name(of: descriptor, sockaddr_in()).map { Endpoint($0).address }
  }

  private static func name<Address>(of descriptor: CInt, _ empty: Address) -> Address? {
    var address = empty
    var length = socklen_t(MemoryLayout<Address>.size)
    let result = withUnsafeMutableBytes(of: &address) { bytes in
      getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, &length)
    }
    return result == 0 ? address : nil
  }
}
