import NIOCore
import NIOPosix
import SIPMessage

/// The TCP connections of a transport layer: one made per target, shared by all messages that go there, and those that
/// peers made, found by the number in a flow (RFC 3261 §18.1.1, §18.2.2; RFC 5626 §3.3). Lives on its event loop.
///
/// Requests do not travel over accepted connections: that takes the agreement of RFC 5923.
final class ConnectionTable {
  let counters: CounterStore
  let deliver: ([TransportEvent]) -> Void
  private let settings: TransportSettings
  private let eventLoop: any EventLoop
  private var connections: [UInt32: StreamConnection] = [:]
  private var made: [Target: StreamConnection] = [:]
  private var lastNumber: UInt32 = 0
  private var unflushed: [StreamConnection] = []

  init(
    settings: TransportSettings, eventLoop: any EventLoop, counters: CounterStore,
    deliver: @escaping ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.eventLoop = eventLoop
    self.counters = counters
    self.deliver = deliver
  }

  // MARK: Sending

  func send(_ outbound: Outbound, to target: Target) -> TransportFailure? {
    if let connection = made[target] { return send(outbound, over: connection) }
    guard let local = settings.address(ofV6: target.endpoint.address.isV6) else {
      return TransportFailure(.unreachable, detail: "no local address of this family")
    }
    if made.count >= settings.maximumConnections { closeLongestIdle() }
    guard made.count < settings.maximumConnections else {
      return TransportFailure(.noBuffers, detail: "\(made.count) connections are open")
    }
    let connection = add(target, isAccepted: false)
    made[target] = connection
    let failure = connection.send(outbound)
    connect(connection, from: local)
    return failure
  }

  /// A flow that has ended is not replaced: whoever sends knows better where else an answer may go.
  func send(_ outbound: Outbound, over flow: Flow) -> TransportFailure? {
    guard let connection = connections[flow.connection], connection.flow == flow else {
      return TransportFailure(.closed, detail: "the connection of this flow is gone")
    }
    return send(outbound, over: connection)
  }

  private func send(_ outbound: Outbound, over connection: StreamConnection) -> TransportFailure? {
    if let failure = connection.send(outbound) { return failure }
    unflushed.append(connection)
    return nil
  }

  func flush() {
    let batch = unflushed
    unflushed.removeAll(keepingCapacity: true)
    for connection in batch { connection.flush() }
  }

  // MARK: Opening and ending

  private func connect(_ connection: StreamConnection, from local: IPAddress) {
    let handler = NIOLoopBound(connection, eventLoop: eventLoop)
    var bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(TimeAmount(settings.connectTimeout))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler.value) }
      }
    for (option, value) in settings.livenessOptions { bootstrap = bootstrap.channelOption(option, value: value) }
    if !local.isUnspecified {
      bootstrap = bootstrap.bind(to: SocketAddress(Endpoint(address: local, port: 0)))
    }
    bootstrap.connect(to: SocketAddress(connection.flow.target.endpoint)).assumeIsolated().whenFailure { error in
      connection.connectFailed(error)
    }
  }

  /// Takes a connection that a peer made; throws when there are too many.
  func accept(_ channel: any Channel) throws {
    guard connections.count - made.count < settings.maximumAcceptedConnections,
      let peer = channel.remoteAddress.flatMap(Endpoint.init)
    else {
      counters.update { $0.connectionsRefused += 1 }
      throw TransportFailure(.noBuffers)
    }
    let connection = add(Target(transport: .tcp, endpoint: peer), isAccepted: true)
    do {
      try channel.pipeline.syncOperations.addHandler(connection)
    } catch {
      ended(connection)
      throw error
    }
  }

  private func add(_ target: Target, isAccepted: Bool) -> StreamConnection {
    repeat { lastNumber &+= 1 } while lastNumber == 0 || connections[lastNumber] != nil
    let flow = Flow(target: target, connection: lastNumber)
    let connection = StreamConnection(flow: flow, isAccepted: isAccepted, settings: settings, table: self)
    connections[lastNumber] = connection
    counters.update { $0.connectionsOpen += 1 }
    return connection
  }

  /// Forgets a connection; answers whether it was the one that requests to its target travel over.
  @discardableResult func ended(_ connection: StreamConnection) -> Bool {
    guard connections.removeValue(forKey: connection.flow.connection) != nil else { return false }
    counters.update { $0.connectionsOpen -= 1 }
    guard made[connection.flow.target] === connection else { return false }
    made[connection.flow.target] = nil
    return true
  }

  /// Makes room for another target. Spares what was in use within the time a transaction takes: a response may be on
  /// its way.
  private func closeLongestIdle() {
    let idle = made.values.compactMap { connection in connection.idleSince.map { (connection, since: $0) } }
    guard let longest = idle.min(by: { $0.since < $1.since }),
      longest.since + TimeAmount(settings.messageTimeout) <= .now()
    else { return }
    longest.0.close(TransportFailure(.closed, detail: "idle, and another target needs the room"))
  }

  func closeAll() {
    let reason = TransportFailure(.closed, detail: "stopping")
    for connection in connections.values.map({ $0 }) { connection.close(reason) }
  }
}
