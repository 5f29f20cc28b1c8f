import CMalloc
import DaemonConfiguration
import Dispatch
import NIOCore
import NIOPosix
import RegistrationControl
import RegistrationRecords
import SIPMessage
import SIPTransport
import SIPUserAgent
import ShardCore
import Systemd

/// The daemon as a whole: brings its parts up in order, applies configurations, answers the operator, and takes it
/// down again. Registrations are the shards' business; nothing here is on their way.
package actor Supervisor {
  /// Why the daemon did not come up, for the operator.
  package struct StartFailure: Error, CustomStringConvertible, Sendable {
    package let description: String
  }

  /// Opens what must survive, which is in this directory.
  package typealias OpenStore = @Sendable (String, StoreObserver) throws(StateInUse) -> any RecordStore

  /// The configuration anew, after the one that is at work.
  package typealias Reread = @Sendable (Configuration) throws(ConfigurationErrors) -> Configuration

  var configuration: Configuration
  let reread: Reread
  let reader = PatientReader()
  let log: EventLog
  let feed: EventFeed
  let manager: ServiceManager
  private let group: MultiThreadedEventLoopGroup
  /// One for the connections of each shard, so that a flood over one keeps no other waiting, and one for the operator.
  private let loops: [any EventLoop]
  private let resolver: SIPTransport.Resolver
  let store: any RecordStore
  let storeHealth: StoreWatch
  var shards: [Shard] = []
  var transports: [TransportLayer] = []
  private var relays: [ShardRelay] = []
  var directory = Directory()
  private var control: ControlServer?
  /// For those who look at many accounts.
  let looks = Turnstile()
  var isReloading = false
  var isReady = false
  let startedAt = BootClock.now
  var loadedAt = BootClock.now
  private var beats: [Task<Void, Never>] = []
  private var burst = BurstWatch()
  private var network: NetworkWatch?

  /// - Parameter reread: the configuration anew, for a reload
  package init(
    _ configuration: Configuration, log: EventLog, manager: ServiceManager = ServiceManager(),
    openStore: OpenStore = Supervisor.openFile, reread: @escaping Reread
  ) throws(StartFailure) {
    self.configuration = configuration
    self.reread = reread
    self.log = log
    self.manager = manager
    feed = EventFeed(log: log)
    let settings = configuration.daemon
    if let shortage = ThreadSupply.shortage(of: ThreadSupply.shards(settings.shards)) {
      throw StartFailure(description: shortage)
    }
    group = MultiThreadedEventLoopGroup(numberOfThreads: settings.shards + 1)
    loops = Array(group.makeIterator())
    resolver =
      settings.dnsServers.isEmpty
      ? SIPTransport.Resolver() : SIPTransport.Resolver(nameServers: .listed(settings.dnsServers))
    let health = StoreWatch(log: log)
    storeHealth = health
    do {
      store = try openStore(
        settings.stateDirectory,
        StoreObserver(notice: { log.write(.warning, $0) }, healthChanged: { health.changed($0) }))
    } catch {
      throw StartFailure(description: "\(error)")
    }
  }

  /// As the daemon does it outside of tests.
  package static let openFile: OpenStore = { (directory, observer) throws(StateInUse) in
    try StateStore.open(directory: directory, observer: observer)
  }

  // MARK: Up

  /// Sockets bound, state loaded, accounts at work, control socket open: then the service manager is told.
  package func start() async throws(StartFailure) {
    log.write(configuration.warnings.lines.map { EventLog.Entry(.warning, $0) })
    try bind()
    await resume(configuration.accounts)
    for shard in shards { await shard.start() }
    try await openControl()
    isReady = true
    let counts = await counts()
    manager.ready(status: statusLine(counts))
    log.write(.notice, "ready: \(SpokenNumber.counted(directory.count, "account"))\(kept(counts)); \(places)")
    beats = [
      beat(every: .seconds(2)) { await $0.tellStatus() },
      beat(every: BurstWatch.interval) { await $0.giveMemoryBack() },
    ]
    storeHealth.onLoss { [weak self] loss in Task { await self?.writeStateAnew(after: loss) } }
    network = NetworkWatch { [weak self] in Task { await self?.networkChanged() } }
    // It may have been lost already.
    if let loss = await store.lookNow() { await writeStateAnew(after: loss) }
    // What a former run has left may name an address or a port that is not ours any more.
    await networkChanged()
    if network == nil { log.write(.warning, "changes of addresses are noticed late: no netlink socket") }
    if let interval = manager.watchdogInterval { beats.append(beat(every: interval / 2) { await $0.pingWatchdog() }) }
  }

  /// What a former run has left.
  private func kept(_ counts: StateTally) -> String {
    counts.bound > 0 ? ", \(SpokenNumber.grouped(counts.bound)) still bound" : ""
  }

  private var places: String {
    let ports = transports.map { "\($0.localPort)" }.joined(separator: ", ")
    return
      "port \(ports), control socket \(configuration.daemon.controlSocket), state in \(configuration.daemon.stateDirectory)"
  }

  private func bind() throws(StartFailure) {
    let settings = configuration.daemon
    var agent = UserAgent.Settings()
    agent.product = settings.userAgent
    agent.failbackAfter = settings.failbackAfter
    agent.accountsWithHistory /= settings.shards
    agent.registrationsPerSecond =
      settings.registrationsPerSecond == 0 ? 0 : max(settings.registrationsPerSecond / settings.shards, 1)
    let ownPorts = OwnPorts()
    let former = settings.localPort == 0 ? store.lastPorts() : []
    for index in 0..<settings.shards {
      let relay = ShardRelay()
      let transport = try bindTransport(
        ports: settings.localPort == 0
          ? [former.indices.contains(index) ? former[index] : 0, 0] : [settings.localPort + UInt16(index)],
        offset: UInt16(index), relay, on: loops[index])
      let shard = Shard(
        index: index, settings: agent, transport: transport, resolver: resolver, store: store, observer: feed,
        ownPorts: ownPorts)
      relay.connect(shard)
      relays.append(relay)
      transports.append(transport)
      shards.append(shard)
    }
    store.rememberPorts(localPorts)
  }

  var localPorts: [UInt16] { transports.map(\.localPort) }

  /// The port of the former run is asked for first: the bindings name it.
  private func bindTransport(
    ports: [UInt16], offset: UInt16, _ relay: ShardRelay, on eventLoop: any EventLoop
  ) throws(StartFailure) -> TransportLayer {
    let settings = configuration.daemon
    var words = ""
    for port in ports {
      var transport = TransportSettings()
      transport.localPort = port
      transport.portOffset = offset
      transport.addressV4 = settings.localAddressV4
      transport.addressV6 = settings.localAddressV6
      transport.connectTimeout = settings.connectTimeout
      transport.idleTimeout = settings.idleTimeout
      transport.tlsKeyLogFile = settings.tlsKeyLogFile
      let layer = TransportLayer(settings: transport, eventLoop: eventLoop) { relay.deliver($0) }
      do {
        try layer.bind()
        try layer.use(profiles: configuration.profiles)
        return layer
      } catch {
        words = "\(error)"
        layer.shutdown()
      }
    }
    throw StartFailure(description: words)
  }

  private func openControl() async throws(StartFailure) {
    do {
      let server = try ControlServer(
        path: configuration.daemon.controlSocket, service: OperatorDesk(supervisor: self),
        version: DaemonSettings.version, group: loops[loops.count - 1])
      try await server.start().get()
      control = server
    } catch {
      throw StartFailure(description: "control socket \(configuration.daemon.controlSocket): \(error)")
    }
  }

  // MARK: Heartbeats

  private nonisolated func beat(
    every interval: Duration, _ action: @escaping @Sendable (Supervisor) async -> Void
  ) -> Task<Void, Never> {
    Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: interval)
        guard let self, !Task.isCancelled else { return }
        await action(self)
      }
    }
  }

  private func networkChanged() async { for shard in shards { await shard.networkChanged() } }

  private func tellStatus() async { manager.status(statusLine(await counts())) }

  /// What a burst took goes back to the system.
  private func giveMemoryBack() async {
    let messages = transports.reduce(0) { $0 + $1.counters.messages }
    guard burst.isOver(messages: messages) else { return }
    await store.releaseMemory()
    // It walks over the whole heap: on a thread that nobody waits for.
    await withCheckedContinuation { continuation in
      DispatchQueue.global(qos: .utility).async {
        malloc_trim(0)
        continuation.resume()
      }
    }
  }

  private func statusLine(_ tally: StateTally) -> String {
    StatusSummary.line(
      counts: StateCounts(tally), bound: tally.bound, failing: tally.failingRefreshes,
      pausedByOperator: tally.pausedByOperator, storeProblem: storeHealth.problem)
  }

  private func counts() async -> StateTally {
    var counts = StateTally()
    for shard in shards { counts.add(await shard.counts) }
    return counts
  }

  static let accountsPerLook = 16_384
  /// Accounts that are copied or judged in one look at a shard: a few milliseconds.
  static let accountsPerQuestion = 1_024

  /// The service manager restarts a daemon that is silent. This one says it lives only while every account moves: the
  /// answer comes from the shards' own queues, so a queue that hangs is silence too.
  private func pingWatchdog() async {
    var stuck = 0
    for shard in shards {
      // A part at a time: a look at a million accounts would hold the queue up.
      for start in stride(from: 0, to: await shard.slots.count, by: Self.accountsPerLook) {
        stuck += await shard.stuck(among: start..<start + Self.accountsPerLook).count
      }
    }
    if stuck > 0 {
      log.write(.error, "\(SpokenNumber.counted(stuck, "account")) would never move again: no watchdog ping")
    } else {
      manager.watchdog()
    }
  }

  // MARK: Down

  /// Bindings stay, so that stop and start is a restart, unless the configuration wants them removed.
  package func stop() async {
    manager.stopping()
    for beat in beats { beat.cancel() }
    network = nil
    // A start that failed has nothing to take back: what is bound was bound by a former run.
    let wasReady = isReady
    isReady = false
    if wasReady, configuration.daemon.unregistersOnStop { await unregisterAll() }
    if wasReady, let loss = await store.lookNow() { await writeStateAnew(after: loss) }
    for shard in shards { await shard.shutDown() }
    if let control { try? await control.stop().get() }
    // It answers for this supervisor, and held it for ever.
    control = nil
    for transport in transports { transport.shutdown() }
    for relay in relays { relay.disconnect() }
    store.close()
    log.write(.notice, "stopped")
    log.flush()
    try? await group.shutdownGracefully()
  }

  private func unregisterAll() async {
    let timeout = configuration.daemon.stopTimeout
    manager.extendTimeout(timeout + .seconds(5))
    var ids = [[AccountID]](repeating: [], count: shards.count)
    for (_, place) in directory.all { ids[Int(place.shard)].append(place.id) }
    for (index, ids) in ids.enumerated() { await shards[index].handle(.stop(ids)) }
    let deadline = BootClock.now + timeout
    while BootClock.now < deadline {
      var left = 0
      for shard in shards { left += await shard.stopping }
      guard left > 0 else { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
    log.write(.warning, "not every binding could be removed within \(SpokenTime.words(timeout))")
  }
}
