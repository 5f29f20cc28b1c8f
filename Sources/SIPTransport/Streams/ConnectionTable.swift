import NIOCore
import NIOPosix
import SIPMessage

/// The connections of a transport layer: one made per target, shared by all messages that go there, and those that
/// peers made, found by the number in a flow (RFC 3261 §18.1.1, §18.2.2; RFC 5626 §3.3). Lives on its event loop.
///
/// Requests do not travel over accepted connections: that takes the agreement of RFC 5923.
final class ConnectionTable {
  let counters: CounterStore
  let deliver: ([TransportEvent]) -> Void
  let settings: TransportSettings
  let permit: SendingPermit
  private let eventLoop: any EventLoop
  private let knownPeers: KnownPeers
  private let opening: StreamOpening
  private var connections: [UInt32: StreamConnection] = [:]
  private var made: [Target: StreamConnection] = [:]
  private var guests = Guests()
  private var lastNumber: UInt32 = 0
  /// Peers of which something was said.
  private var remarked: Set<ServerName> = []
  private var unflushed: [StreamConnection] = []

  init(
    settings: TransportSettings, permit: SendingPermit, eventLoop: any EventLoop, counters: CounterStore,
    knownPeers: KnownPeers, opening: StreamOpening,
    deliver: @escaping ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.permit = permit
    self.eventLoop = eventLoop
    self.counters = counters
    self.knownPeers = knownPeers
    self.opening = opening
    self.deliver = deliver
  }

  // MARK: Sending

  func send(_ outbound: Outbound, to target: Target) -> TransportFailure? {
    if let connection = made[target] {
      guard connection.isMute else { return send(outbound, over: connection) }
      made[target] = nil
      // Before anything is answered over the next one: what others wait for is lost, and no failure of their own.
      connection.closeMute()
    }
    let terms: StreamTerms
    do throws(TransportFailure) {
      terms = try opening.terms(of: target)
    } catch {
      return error
    }
    if made.count >= settings.maximumConnections { closeLongestIdle() }
    guard made.count < settings.maximumConnections else {
      return TransportFailure(.noBuffers, detail: "\(made.count) connections are open")
    }
    knownPeers.note(target.endpoint)
    let connection = add(target, isAccepted: false)
    made[target] = connection
    let failure = connection.send(outbound)
    connect(connection, terms)
    return failure
  }

  /// A flow that has ended is not replaced: whoever sends knows better where else an answer may go.
  func send(_ outbound: Outbound, over flow: Flow) -> TransportFailure? {
    guard let connection = connection(of: .flow(flow)) else {
      return TransportFailure(.closed, detail: "the connection of this flow is gone")
    }
    return send(outbound, over: connection)
  }

  private func send(_ outbound: Outbound, over connection: StreamConnection) -> TransportFailure? {
    if let failure = connection.send(outbound) { return failure }
    unflushed.append(connection)
    return nil
  }

  /// Over the connection that is there; none is made for it.
  func keepAlive(over destination: Destination) { connection(of: destination)?.keepAlive() }

  func close(_ flow: Flow, _ reason: TransportFailure) { connection(of: .flow(flow))?.close(reason) }

  private func connection(of destination: Destination) -> StreamConnection? {
    switch destination {
    case .target(let target): made[target]
    case .flow(let flow): connections[flow.connection].flatMap { $0.flow == flow ? $0 : nil }
    }
  }

  func flush() {
    let batch = unflushed
    unflushed.removeAll(keepingCapacity: true)
    for connection in batch { connection.flush() }
  }

  // MARK: Opening and ending

  private func connect(_ connection: StreamConnection, _ terms: StreamTerms) {
    let place = NIOLoopBound((opening: opening, connection, terms), eventLoop: eventLoop)
    var bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(TimeAmount(settings.connectTimeout))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try place.value.opening.furnish(channel, for: place.value.1, place.value.2)
        }
      }
    for (option, value) in settings.livenessOptions + terms.options {
      bootstrap = bootstrap.channelOption(option, value: value)
    }
    if !terms.local.isUnspecified {
      bootstrap = bootstrap.bind(to: SocketAddress(Endpoint(address: terms.local, port: 0)))
    }
    bootstrap.connect(to: SocketAddress(connection.flow.target.endpoint)).assumeIsolated().whenFailure { error in
      connection.connectFailed(error)
    }
  }

  /// Takes a connection that a peer made; throws when there is no place for it.
  func accept(_ channel: any Channel) throws {
    guard let peer = channel.remoteAddress.flatMap(Endpoint.init) else { throw TransportFailure(.unsupported) }
    switch guests.place(forOneOf: peer.address, isKnown: knownPeers.contains(peer.address), settings) {
    case .free: break
    case .takenFrom(let longestIdle):
      counters.update { $0.connectionsDisplaced += 1 }
      displace(longestIdle)
    case .none:
      counters.update { $0.connectionsRefused += 1 }
      throw TransportFailure(.noBuffers)
    }
    let connection = add(Target(transport: .tcp, endpoint: peer), isAccepted: true)
    guests.insert(connection, isKnown: knownPeers.contains(peer.address))
    do {
      try opening.furnish(accepted: channel, for: connection)
    } catch {
      ended(connection)
      throw error
    }
  }

  /// Its place is free at once, whenever its channel ends.
  private func displace(_ connection: StreamConnection) {
    ended(connection)
    connection.close(TransportFailure(.closed, detail: "others need the room"))
  }

  // MARK: Time and memory

  /// A connection brought messages. - Returns: how long it is not to be read; nil: go on
  func pause(after messages: Int, of connection: StreamConnection) -> TimeAmount? {
    guests.pause(after: messages, of: connection, now: .now(), settings.strangerMessagesPerSecond)
  }

  func isNews(of peer: ServerName) -> Bool { remarked.insert(peer).inserted }

  /// More or less waits to be sent over a connection.
  func backlogChanged(_ connection: StreamConnection) {
    guard connection.isAccepted else { return }
    guests.noteBacklog(of: connection)
    while guests.backlog > settings.maximumAnswerBacklogInAll, let worst = guests.leastRead {
      counters.update { $0.connectionsStalled += 1 }
      displace(worst)
    }
  }

  /// More or less is there of a message that is not whole.
  func unfinishedChanged(_ connection: StreamConnection) {
    guard connection.isAccepted else { return }
    guests.noteUnfinished(of: connection)
    while guests.unfinished > settings.maximumUnfinishedInAll, let worst = guests.longestUnfinished {
      counters.update { $0.connectionsUnfinished += 1 }
      displace(worst)
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

  /// Forgets a connection.
  func ended(_ connection: StreamConnection) {
    guard connections.removeValue(forKey: connection.flow.connection) != nil else { return }
    counters.update { $0.connectionsOpen -= 1 }
    guests.remove(connection)
    if made[connection.flow.target] === connection { made[connection.flow.target] = nil }
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
