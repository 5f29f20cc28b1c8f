import NIOCore
import NIOPosix
import SIPMessage

/// The TCP side of a transport layer, on which TLS and WebSocket rest: those that listen on the layer's port, and the connections. Lives on its event
/// loop.
///
/// A listening socket that NIO closes is bound again, once a second until it is there: a daemon that runs on without its
/// port would look alive and be deaf.
final class StreamSockets {
  private static let rebindDelay = TimeAmount.seconds(1)

  private let connections: ConnectionTable
  private let settings: TransportSettings
  private let eventLoop: any EventLoop
  private let counters: CounterStore
  private let deliver: ([TransportEvent]) -> Void
  private var bound: [Endpoint: any Channel] = [:]
  private var isShutDown = false

  init(
    settings: TransportSettings, permit: SendingPermit, eventLoop: any EventLoop, counters: CounterStore,
    knownPeers: KnownPeers, opening: StreamOpening,
    deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.eventLoop = eventLoop
    self.counters = counters
    self.deliver = deliver
    connections = ConnectionTable(
      settings: settings, permit: permit, eventLoop: eventLoop, counters: counters, knownPeers: knownPeers,
      opening: opening, deliver: deliver)
  }

  // MARK: Sending

  func send(_ batch: [Outbound]) {
    var failures: [TransportEvent] = []
    for outbound in batch {
      if let failure = send(outbound) { failures.append(.sendFailed(token: outbound.token, failure)) }
    }
    connections.flush()
    guard !failures.isEmpty else { return }
    counters.update { $0.sendFailures += UInt64(failures.count) }
    deliver(failures)
  }

  private func send(_ outbound: Outbound) -> TransportFailure? {
    switch outbound.destination {
    case .flow(let flow): connections.send(outbound, over: flow)
    case .target(let target): isShutDown ? TransportFailure(.closed) : connections.send(outbound, to: target)
    }
  }

  func keepAlive(over destination: Destination) { connections.keepAlive(over: destination) }

  func close(_ flow: Flow, _ reason: TransportFailure) { connections.close(flow, reason) }

  // MARK: Binding

  /// Listens; answers with the port it got.
  func bind(_ endpoint: Endpoint) -> EventLoopFuture<UInt16> {
    openListener(endpoint).assumeIsolated().flatMapThrowing { channel in
      guard let endpoint = channel.localAddress.flatMap(Endpoint.init) else { throw TransportFailure(.closed) }
      self.bound[endpoint] = channel
      channel.closeFuture.assumeIsolated().whenComplete { _ in self.lost(endpoint) }
      return endpoint.port
    }.nonisolated()
  }

  private func openListener(_ endpoint: Endpoint) -> EventLoopFuture<any Channel> {
    let table = NIOLoopBound(connections, eventLoop: eventLoop)
    // So that a restart does not wait for the connections of the last run; it takes no port from anybody who listens.
    var bootstrap = ServerBootstrap(group: eventLoop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptPause()) }
      }
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: settings.acceptedReadSize)
      )
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

  private func lost(_ endpoint: Endpoint) {
    guard bound.removeValue(forKey: endpoint) != nil, !isShutDown else { return }
    rebind(endpoint)
  }

  private func rebind(_ endpoint: Endpoint) {
    eventLoop.assumeIsolated().scheduleTask(in: Self.rebindDelay) {
      guard !self.isShutDown else { return }
      self.bind(endpoint).assumeIsolated().whenComplete { result in
        switch result {
        case .success: self.counters.update { $0.rebinds += 1 }
        case .failure: self.rebind(endpoint)
        }
      }
    }
  }

  /// Closes what is bound, to begin anew on another port.
  func unbind() -> EventLoopFuture<Void> {
    let channels = bound.values.map { $0 }
    bound = [:]
    return EventLoopFuture.andAllComplete(channels.map { $0.close() }, on: eventLoop)
  }

  func shutdown() -> EventLoopFuture<Void> {
    isShutDown = true
    connections.closeAll()
    return unbind()
  }
}
