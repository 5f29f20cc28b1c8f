import Datagrams
import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// Finds the address that the kernel would send from: what belongs into Via and Contact (RFC 3261 §18.1.1, §8.1.1.8).
///
/// Answers are kept for a few seconds, so that an address that changes is noticed soon and a burst of messages asks
/// once. Where an address or an interface is asked for, it finds out whether that is there.
final class LocalAddress: Sendable {
  private struct Answer {
    var address: IPAddress?
    var expires: NIODeadline
  }

  private struct Question: Hashable {
    var peer: IPAddress
    var own: IPAddress
    /// 0: any.
    var interface: UInt32
  }

  private struct State {
    var answers: [Question: Answer] = [:]
    /// They send nothing, and stay open: a process that has run out of descriptors has to know its address all the same.
    var probeV4: ConnectedSocket?
    var probeV6: ConnectedSocket?

    subscript(probeOfV6 isV6: Bool) -> ConnectedSocket? {
      get { isV6 ? probeV6 : probeV4 }
      set { if isV6 { probeV6 = newValue } else { probeV4 = newValue } }
    }
  }

  private static let lifetime = TimeAmount.seconds(5)
  /// Short, because the way may come back at any time.
  private static let lifetimeOfNone = TimeAmount.seconds(1)
  private static let capacity = 1_024

  private let state = NIOLockedValueBox(State())

  /// nil for "no route", and when the address or the interface is not there.
  ///
  /// - Parameters:
  ///   - bound: the address that the layer's own sockets have, the same at every call
  ///   - own: the address to send from instead
  ///   - interface: the index of the interface to send through; 0: any
  func address(toward peer: IPAddress, bound: IPAddress, own: IPAddress? = nil, interface: UInt32 = 0) -> IPAddress? {
    state.withLockedValue { state in
      let now = NIODeadline.now()
      let question = Question(peer: peer, own: own ?? bound, interface: interface)
      if let known = state.answers[question], known.expires > now { return known.address }
      let address: IPAddress?
      if own == nil, interface == 0 {
        if state[probeOfV6: peer.isV6] == nil {
          state[probeOfV6: peer.isV6] = ConnectedSocket(boundTo: DatagramAddress(Endpoint(address: bound, port: 0)))
        }
        address = state[probeOfV6: peer.isV6].flatMap { Self.address(toward: peer, of: $0) }
      } else {
        let probe = ConnectedSocket(
          boundTo: DatagramAddress(Endpoint(address: own ?? bound, port: 0)), interface: interface)
        address = probe.flatMap { Self.address(toward: peer, ofUnused: $0) }
      }
      if state.answers.count >= Self.capacity { state.answers = state.answers.filter { $0.value.expires > now } }
      if state.answers.count >= Self.capacity { state.answers.removeAll() }
      let lifetime = address == nil ? Self.lifetimeOfNone : Self.lifetime
      state.answers[question] = Answer(address: address, expires: now + lifetime)
      return address
    }
  }

  /// The network changed: what was asked before does not count.
  func forget() { state.withLockedValue { $0.answers.removeAll() } }

  private static func address(toward peer: IPAddress, of probe: ConnectedSocket) -> IPAddress? {
    // Without this the address would stay the one toward the peer before; with it a socket forgets its interface.
    probe.disconnect()
    return address(toward: peer, ofUnused: probe)
  }

  private static func address(toward peer: IPAddress, ofUnused probe: ConnectedSocket) -> IPAddress? {
    // The port does not matter to the routing table; "discard" keeps the call valid everywhere.
    guard probe.connect(to: DatagramAddress(Endpoint(address: peer, port: 9))) else { return nil }
    return probe.name.map { Endpoint($0).address }
  }
}
