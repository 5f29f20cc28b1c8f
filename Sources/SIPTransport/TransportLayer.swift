import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// The transport layer of RFC 3261 §18: gets whole messages to peers and from them, over UDP and TCP.
///
/// It knows bytes, not messages: Via, `received` and `rport` (§18.1.1, §18.2.1, RFC 3581) are stamped and read by those
/// who parse, TLS and WebSocket are refused as unsupported, and where a request goes (RFC 3263) has been decided before.
/// Everything happens on one event loop; whole batches go in and come out.
///
/// Call `shutdown` before the last reference goes: until then the sockets are open.
package final class TransportLayer: Sendable {
  /// How often another port is tried when any will do and a free one turns out to be free for UDP only.
  private static let bindAttempts = 32

  private struct Bound {
    var port: UInt16
    var hasV4: Bool
    var hasV6: Bool
  }

  private let settings: TransportSettings
  private let eventLoop: any EventLoop
  private let store = CounterStore()
  private let sockets: NIOLoopBoundBox<Sockets>
  private let bound = NIOLockedValueBox<Bound?>(nil)
  private let localAddress = LocalAddress()

  /// `deliver` is called on the event loop, once for all that one read brought. It hands over and returns.
  package init(
    settings: TransportSettings = TransportSettings(), eventLoop: any EventLoop,
    deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.eventLoop = eventLoop
    let sockets = Sockets(settings: settings, eventLoop: eventLoop, counters: store, deliver: deliver)
    self.sockets = NIOLoopBoundBox.makeBoxSendingValue(sockets, eventLoop: eventLoop)
  }

  package var counters: TransportCounters { store.current }

  /// The port all sockets are bound to; 0 before `bind`.
  package var localPort: UInt16 { bound.withLockedValue { $0?.port ?? 0 } }

  // MARK: Life

  /// Binds UDP and TCP, IPv4 and IPv6, to one port. Blocks; not for the event loop's thread.
  package func bind() throws(BindError) {
    var attempt = 1
    while true {
      do throws(BindError) {
        let result = try bindAll()
        return bound.withLockedValue { $0 = result }
      } catch {
        unbind()
        guard settings.localPort == 0, error.failure.kind == .addressInUse, attempt < Self.bindAttempts else {
          throw error
        }
        attempt += 1
      }
    }
  }

  private func bindAll() throws(BindError) -> Bound {
    var bound = Bound(port: settings.localPort, hasV4: false, hasV6: false)
    for isV6 in [false, true] {
      guard let address = settings.address(ofV6: isV6) else { continue }
      do throws(BindError) {
        for transport in [TransportProtocol.udp, .tcp] {
          let endpoint = Endpoint(address: address, port: bound.port)
          bound.port = try bind(Target(transport: transport, endpoint: endpoint))
        }
        if isV6 { bound.hasV6 = true } else { bound.hasV4 = true }
      } catch {
        let isFamilyOff = [.unsupported, .addressUnavailable].contains(error.failure.kind)
        guard isV6, address.isUnspecified, isFamilyOff, bound.hasV4 else { throw error }
        run { $0.closePort(ofV6: true) }
      }
    }
    return bound
  }

  private func bind(_ target: Target) throws(BindError) -> UInt16 {
    do {
      return try eventLoop.flatSubmit { self.sockets.value.bind(target) }.wait()
    } catch {
      throw BindError(target: target, failure: TransportFailure(error))
    }
  }

  private func unbind() {
    // Closing can fail only for what is closed already.
    try? eventLoop.flatSubmit { self.sockets.value.unbind() }.wait()
  }

  /// Closes everything; what waited for a connection fails. Blocks; not for the event loop's thread.
  package func shutdown() {
    try? eventLoop.flatSubmit { self.sockets.value.shutdown() }.wait()
  }

  // MARK: Sending

  /// Sends in order, from any thread; whatever does not leave comes back as `sendFailed`.
  package func send(_ batch: [Outbound]) {
    guard !batch.isEmpty else { return }
    run { $0.send(batch) }
  }

  private func run(_ body: @escaping @Sendable (Sockets) -> Void) {
    eventLoop.execute { body(self.sockets.value) }
  }

  /// Addresses or routes of the host changed. From any thread.
  package func networkChanged() { localAddress.forget() }

  /// The address the kernel would send from toward the target, with the bound port; nil when there is no route or its
  /// address family is off. From any thread.
  package func localEndpoint(toward target: Target) -> Endpoint? {
    let peer = target.endpoint.address
    guard let bound = bound.withLockedValue({ $0 }), peer.isV6 ? bound.hasV6 : bound.hasV4,
      let own = settings.address(ofV6: peer.isV6), let address = localAddress.address(toward: peer, bound: own)
    else { return nil }
    return Endpoint(address: address, port: bound.port)
  }
}
