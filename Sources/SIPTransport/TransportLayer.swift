import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// The transport layer of RFC 3261 §18: gets whole messages to peers and from them, over UDP, TCP, TLS and WebSocket.
///
/// It knows bytes, not messages: Via, `received` and `rport` (§18.1.1, §18.2.1, RFC 3581) are stamped and read by those
/// who parse, and where a request goes (RFC 3263) has been decided before. TLS and WebSocket are spoken as a client: nobody
/// listens for them.
/// Whole batches go in, on the sender's thread as far as UDP is concerned, and come out on threads of the layer's own: one
/// for each UDP socket, and an event loop for TCP and for all that comes later.
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
  private let permit: SendingPermit
  private let deliver: @Sendable ([TransportEvent]) -> Void
  private let store = CounterStore()
  private let datagrams: DatagramSockets
  private let streams: NIOLoopBoundBox<StreamSockets>
  private let bound = NIOLockedValueBox<Bound?>(nil)
  private let localAddress = LocalAddress()
  private let knownPeers = KnownPeers()
  private let serverNames = ServerNames()
  private let localTerms: LocalTerms
  private let profiles: TLSContexts

  /// `deliver` is called once for all that one read brought, never from within `send`, and on several threads at a time.
  /// Until it returns its socket is not read on: who is flooded lets the system drop what he cannot take.
  package init(
    settings: TransportSettings = TransportSettings(), permit: SendingPermit = SendingPermit(),
    eventLoop: any EventLoop, deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.permit = permit
    self.eventLoop = eventLoop
    self.deliver = deliver
    localTerms = LocalTerms(portOffset: settings.portOffset)
    profiles = TLSContexts(keyLogFile: settings.tlsKeyLogFile)
    datagrams = DatagramSockets(
      settings: settings, permit: permit, eventLoop: eventLoop, counters: store, knownPeers: knownPeers,
      localTerms: localTerms, deliver: deliver)
    let streams = StreamSockets(
      settings: settings, permit: permit, eventLoop: eventLoop, counters: store, knownPeers: knownPeers,
      opening: StreamOpening(
        settings: settings, permit: permit, serverNames: serverNames, profiles: profiles, localTerms: localTerms),
      deliver: deliver)
    self.streams = NIOLoopBoundBox.makeBoxSendingValue(streams, eventLoop: eventLoop)
  }

  package var counters: TransportCounters {
    var counters = store.current
    counters.datagramsDropped += datagrams.overflow
    return counters
  }

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

  /// Takes the profiles that targets bear the numbers of, the first of which is 1, and reads the files they name, anew at
  /// each call. Connections that are open go on; new ones are made on the new terms; ports that nobody names any more close
  /// when what was under way has had its time. Blocks while it reads; from any thread
  /// but that of the event loop.
  ///
  /// - Throws: for what can not be used; then nothing has changed
  package func use(profiles: [ConnectionProfile]) throws(ProfileError) {
    try self.profiles.use(profiles)
    localTerms.use(profiles)
    datagrams.closeUnused()
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
        datagrams.close(ofV6: true)
      }
    }
    return bound
  }

  private func bind(_ target: Target) throws(BindError) -> UInt16 {
    do {
      if target.transport == .udp { return try datagrams.bind(target.endpoint) }
      return try eventLoop.flatSubmit { self.streams.value.bind(target.endpoint) }.wait()
    } catch {
      throw BindError(target: target, failure: TransportFailure(error))
    }
  }

  private func unbind() {
    for isV6 in [false, true] { datagrams.close(ofV6: isV6) }
    // Closing can fail only for what is closed already.
    try? eventLoop.flatSubmit { self.streams.value.unbind() }.wait()
  }

  /// Closes everything; what waited for a connection fails. Blocks; not for the threads that `deliver` is called on.
  package func shutdown() {
    datagrams.shutdown()
    try? eventLoop.flatSubmit { self.streams.value.shutdown() }.wait()
  }

  // MARK: Sending

  /// Sends in order what goes the same way, from any thread; whatever does not leave comes back as `sendFailed`.
  ///
  /// All that anybody sends comes by here, and meets the permit. What waits in a backlog meets it again.
  package func send(_ batch: [Outbound]) {
    guard let way = batch.first?.way else { return }
    guard permit.isGiven else { return refuse(batch) }
    if batch.allSatisfy({ $0.way == way }) { return send(batch, by: way) }
    for way in Way.allCases { send(batch.filter { $0.way == way }, by: way) }
  }

  private func refuse(_ batch: [Outbound]) {
    store.update {
      $0.sendFailures += UInt64(batch.count)
      $0.messagesForbidden += UInt64(batch.count)
    }
    let failures = batch.map { TransportEvent.sendFailed(token: $0.token, .notPermitted) }
    eventLoop.execute { [deliver] in deliver(failures) }
  }

  private func send(_ batch: [Outbound], by way: Way) {
    guard !batch.isEmpty else { return }
    switch way {
    case .datagramsV4: datagrams.send(batch, isV6: false)
    case .datagramsV6: datagrams.send(batch, isV6: true)
    case .streams: eventLoop.execute { self.streams.value.send(batch) }
    }
  }

  /// Sends a keep-alive of RFC 5626 §4.4.1 over a stream: a double CRLF, or a ping of RFC 6455 §5.5.2. `pong` follows where
  /// the peer answers; where no connection is, nothing is sent and none is made, since its end was told. From any thread.
  package func keepAlive(over destination: Destination) {
    guard destination.isReliable else { return }
    eventLoop.execute { self.streams.value.keepAlive(over: destination) }
  }

  /// Ends a connection that has turned out to lead nowhere; `connectionClosed` follows if requests may travel over it, with
  /// this reason. From any thread.
  package func close(_ flow: Flow, _ reason: TransportFailure) {
    eventLoop.execute { self.streams.value.close(flow, reason) }
  }

  /// Whether what is sent to any address of this host, and to the port, arrives here.
  package var listensOnAllAddresses: Bool { settings.addressV4?.isUnspecified == true }

  /// Whether a datagram to this port arrives here, beside those to the layer's own: a profile has it. From any thread.
  package func hasOpened(_ endpoint: Endpoint) -> Bool {
    datagrams.hasOpened(endpoint.port, isV6: endpoint.address.isV6)
  }

  /// A request may go there some day: who is there is no stranger. From any thread.
  package func expects(_ target: Target) { knownPeers.note(target.endpoint, by: target.profile) }

  /// What a target bears that leads to this host over a transport with certificates; nil: there are too many already. From
  /// any thread.
  package func serverName(of host: String) -> ServerName? { serverNames.number(of: host) }

  /// The host, in lower case. From any thread.
  package func host(of serverName: ServerName) -> String? { serverNames[serverName] }

  /// Addresses or routes of the host changed. From any thread.
  package func networkChanged() {
    localAddress.forget()
    localTerms.forget()
  }

  /// Why nothing leaves on the terms of a profile at present, in words for an operator; nil: it is not for them. From any
  /// thread.
  package func obstacle(of profile: ProfileID) -> String? {
    datagrams.obstacle(of: profile) ?? localTerms.obstacle(of: profile)
  }

  /// The address the kernel would send from toward the target, with the bound port; nil when there is no route or its
  /// address family is off. From any thread.
  package func localEndpoint(toward target: Target) -> Endpoint? {
    let peer = target.endpoint.address
    guard let bound = bound.withLockedValue({ $0 }), peer.isV6 ? bound.hasV6 : bound.hasV4,
      let own = settings.address(ofV6: peer.isV6)
    else { return nil }
    do {
      let departure = try localTerms.departure(of: target.profile, isV6: peer.isV6)
      let origin = departure.origin
      let address = localAddress.address(
        toward: peer, bound: own, own: origin?.address.map { Endpoint($0).address }, interface: origin?.interface ?? 0)
      guard let address else { return nil }
      guard target.transport == .udp, departure.port != 0 else { return Endpoint(address: address, port: bound.port) }
      try datagrams.open(departure.port, isV6: peer.isV6)
      return Endpoint(address: address, port: departure.port)
    } catch {
      return nil
    }
  }
}

/// What a message leaves through.
private enum Way: CaseIterable {
  case datagramsV4
  case datagramsV6
  case streams
}

extension Outbound {
  fileprivate var way: Way {
    let target = destination.target
    guard target.transport == .udp else { return .streams }
    return target.endpoint.address.isV6 ? .datagramsV6 : .datagramsV4
  }
}
