import NIOCore
import NIOPosix
import SIPMessage

/// The sockets of a transport layer: up to four that are bound to the layer's port, and the connections. Lives on its
/// event loop.
///
/// A bound socket that the system closes is bound again, once a second until it is there: a daemon that runs on without
/// its port would look alive and be deaf.
final class Sockets {
  private static let rebindDelay = TimeAmount.seconds(1)

  let connections: ConnectionTable
  private let soundings: Soundings
  private let settings: TransportSettings
  private let eventLoop: any EventLoop
  private let counters: CounterStore
  private let deliver: ([TransportEvent]) -> Void
  private var portV4: DatagramPort?
  private var portV6: DatagramPort?
  private var bound: [Target: any Channel] = [:]
  private var isShutDown = false

  init(
    settings: TransportSettings, eventLoop: any EventLoop, counters: CounterStore,
    deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.eventLoop = eventLoop
    self.counters = counters
    self.deliver = deliver
    soundings = Soundings(settings: settings, eventLoop: eventLoop, deliver: deliver)
    connections = ConnectionTable(settings: settings, eventLoop: eventLoop, counters: counters, deliver: deliver)
  }

  // MARK: Sending

  func send(_ batch: [Outbound]) {
    var failures: [TransportEvent] = []
    var (v4, v6): ([DatagramPort.Datagram], [DatagramPort.Datagram]) = ([], [])
    let now = NIODeadline.now()
    var latest: Endpoint?
    for outbound in batch {
      let target = outbound.route.target
      var failure: TransportFailure?
      switch (target.transport, outbound.route) {
      case (.udp, let route):
        if case .target = route, target.endpoint != latest {
          latest = target.endpoint
          soundings.sent(to: target.endpoint, now: now)
        }
        let datagram = DatagramPort.Datagram(bytes: outbound.bytes, to: target.endpoint, token: outbound.token)
        if target.endpoint.address.isV6 { v6.append(datagram) } else { v4.append(datagram) }
      case (.tcp, .flow(let flow)):
        failure = connections.send(outbound, over: flow)
      case (.tcp, .target(let target)):
        failure = isShutDown ? TransportFailure(.closed) : connections.send(outbound, to: target)
      case (.tls, _), (.ws, _), (.wss, _):
        failure = TransportFailure(.unsupported, detail: target.transport.viaToken)
      }
      if let failure { failures.append(.sendFailed(token: outbound.token, failure)) }
    }
    connections.flush()
    failures += send(v4, through: portV4, isV6: false) + send(v6, through: portV6, isV6: true)
    guard !failures.isEmpty else { return }
    counters.update { $0.sendFailures += UInt64(failures.count) }
    deliver(failures)
  }

  private func send(_ datagrams: [DatagramPort.Datagram], through port: DatagramPort?, isV6: Bool) -> [TransportEvent] {
    guard !datagrams.isEmpty else { return [] }
    if let port { return port.send(datagrams) }
    let failure = TransportFailure(
      isShutDown ? .closed : .unreachable, detail: "no socket for \(isV6 ? "IPv6" : "IPv4")")
    return datagrams.map { .sendFailed(token: $0.token, failure) }
  }

  // MARK: Binding

  /// Binds one socket; answers with the port it got.
  func bind(_ target: Target) -> EventLoopFuture<UInt16> {
    let opened = target.transport == .udp ? openDatagramPort(target.endpoint) : openListener(target.endpoint)
    return opened.assumeIsolated().flatMapThrowing { channel in
      guard let endpoint = channel.localAddress.flatMap(Endpoint.init) else { throw TransportFailure(.closed) }
      let target = Target(transport: target.transport, endpoint: endpoint)
      self.bound[target] = channel
      channel.closeFuture.assumeIsolated().whenComplete { _ in self.lost(target) }
      return endpoint.port
    }.nonisolated()
  }

  private func openDatagramPort(_ endpoint: Endpoint) -> EventLoopFuture<any Channel> {
    let isV6 = endpoint.address.isV6
    let port = DatagramPort(settings: settings, counters: counters) { [soundings, deliver] events in
      soundings.heard(events)
      deliver(events)
    }
    if isV6 { portV6 = port } else { portV4 = port }
    let handler = NIOLoopBound(port, eventLoop: eventLoop)
    let opened = DatagramPort.bootstrap(on: eventLoop, isV6: isV6)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler.value) }
      }
      .bind(to: SocketAddress(endpoint))
    // NIO leaves a datagram channel open that could not be bound, and its descriptor with it.
    opened.whenFailure { _ in handler.value.close() }
    return opened
  }

  private func openListener(_ endpoint: Endpoint) -> EventLoopFuture<any Channel> {
    let table = NIOLoopBound(connections, eventLoop: eventLoop)
    // So that a restart does not wait for the connections of the last run; it takes no port from anybody who listens.
    var bootstrap = ServerBootstrap(group: eventLoop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptPause()) }
      }
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try table.value.accept(channel) }
      }
    if endpoint.address.isV6 {
      bootstrap = bootstrap.serverChannelOption(ChannelOptions.Types.SocketOption.v6Only, value: 1)
    }
    for (option, value) in settings.livenessOptions {
      bootstrap = bootstrap.childChannelOption(option, value: value)
    }
    return bootstrap.bind(to: SocketAddress(endpoint))
  }

  private func lost(_ target: Target) {
    guard bound.removeValue(forKey: target) != nil, !isShutDown else { return }
    rebind(target)
  }

  private func rebind(_ target: Target) {
    eventLoop.assumeIsolated().scheduleTask(in: Self.rebindDelay) {
      guard !self.isShutDown else { return }
      self.bind(target).assumeIsolated().whenComplete { result in
        switch result {
        case .success: self.counters.update { $0.rebinds += 1 }
        case .failure: self.rebind(target)
        }
      }
    }
  }

  /// Closes what is bound, to begin anew on another port.
  func unbind() -> EventLoopFuture<Void> {
    let channels = bound.values.map { $0 }
    (bound, portV4, portV6) = ([:], nil, nil)
    return EventLoopFuture.andAllComplete(channels.map { $0.close() }, on: eventLoop)
  }

  /// There is no IPv6 here: what goes there fails with a reason instead of a socket error.
  func closePort(ofV6 isV6: Bool) {
    if isV6 { portV6 = nil } else { portV4 = nil }
  }

  func shutdown() -> EventLoopFuture<Void> {
    isShutDown = true
    soundings.stop()
    connections.closeAll()
    return unbind()
  }
}

extension Route {
  var target: Target {
    switch self {
    case .target(let target): target
    case .flow(let flow): flow.target
    }
  }
}
