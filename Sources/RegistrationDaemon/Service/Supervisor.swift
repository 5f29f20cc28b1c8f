import CMalloc
import NIOPosix
import RegistrationControl
import SIPTransaction
import SIPTransport
import SIPUserAgent
import Systemd

/// The daemon as a whole: brings its parts up in order, applies configurations, answers the operator, and takes it
/// down again. Registrations are the shards' business; nothing here is on their way.
package actor Supervisor {
  /// Why the daemon did not come up, for the operator.
  package struct StartFailure: Error, CustomStringConvertible, Sendable {
    package let description: String
  }

  private var configuration: Configuration
  private let reread: @Sendable () throws(ConfigurationErrors) -> Configuration
  private let log: EventLog
  private let feed: EventFeed
  private let manager: ServiceManager
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let resolver: SIPTransport.Resolver
  private let store: StateStore
  private let storeHealth: StoreWatch
  private var shards: [Shard] = []
  private var transports: [TransportLayer] = []
  private var directory = Directory()
  private var control: ControlServer?
  private var isReloading = false
  private var isReady = false
  private let startedAt = BootClock.now
  private var loadedAt = BootClock.now
  private var beats: [Task<Void, Never>] = []

  /// - Parameter reread: the configuration anew, for a reload
  package init(
    _ configuration: Configuration, log: EventLog, manager: ServiceManager = ServiceManager(),
    reread: @escaping @Sendable () throws(ConfigurationErrors) -> Configuration
  ) throws(StartFailure) {
    self.configuration = configuration
    self.reread = reread
    self.log = log
    self.manager = manager
    feed = EventFeed(log: log)
    let settings = configuration.daemon
    resolver =
      settings.dnsServers.isEmpty
      ? SIPTransport.Resolver() : SIPTransport.Resolver(nameServers: .listed(settings.dnsServers))
    let health = StoreWatch(log: log)
    storeHealth = health
    do {
      store = try StateStore.open(
        directory: settings.stateDirectory, notice: { log.write(.warning, $0) },
        healthChanged: { health.changed($0) })
    } catch {
      throw StartFailure(description: "\(error)")
    }
  }

  // MARK: Up

  /// Sockets bound, state loaded, accounts at work, control socket open: then the service manager is told.
  package func start() async throws(StartFailure) {
    try bind()
    await takeIn(configuration.accounts, records: loadRecords(of: configuration.accounts))
    for shard in shards { await shard.start() }
    try await openControl()
    isReady = true
    manager.ready(status: await statusLine())
    log.write(.notice, "ready: \(SpokenNumber.counted(directory.count, "account")), \(places)")
    beats = [
      beat(every: .seconds(2)) { await $0.tellStatus() },
      // What a burst took goes back to the system.
      beat(every: .seconds(30)) { _ in malloc_trim(0) },
    ]
    if let interval = manager.watchdogInterval { beats.append(beat(every: interval / 2) { await $0.pingWatchdog() }) }
  }

  private var places: String {
    let ports = transports.map { "port \($0.localPort)" }.joined(separator: ", ")
    return
      "\(ports), control socket \(configuration.daemon.controlSocket), state in \(configuration.daemon.stateDirectory)"
  }

  private func bind() throws(StartFailure) {
    let settings = configuration.daemon
    var agent = UserAgent.Settings()
    agent.product = settings.userAgent
    agent.registrationsPerSecond =
      settings.registrationsPerSecond == 0 ? 0 : max(settings.registrationsPerSecond / settings.shards, 1)
    let former = settings.localPort == 0 ? store.lastPorts() : []
    for index in 0..<settings.shards {
      let relay = ShardRelay()
      let transport = try bindTransport(
        ports: settings.localPort == 0
          ? [former.indices.contains(index) ? former[index] : 0, 0] : [settings.localPort + UInt16(index)],
        relay)
      let shard = Shard(
        index: index, settings: agent, transport: transport, resolver: resolver, store: store, observer: feed)
      relay.connect(shard)
      transports.append(transport)
      shards.append(shard)
    }
    store.rememberPorts(transports.map(\.localPort))
  }

  /// The port of the former run is asked for first: the bindings name it.
  private func bindTransport(ports: [UInt16], _ relay: ShardRelay) throws(StartFailure) -> TransportLayer {
    let settings = configuration.daemon
    var words = ""
    for port in ports {
      var transport = TransportSettings()
      transport.localPort = port
      transport.addressV4 = settings.localAddressV4
      transport.addressV6 = settings.localAddressV6
      transport.connectTimeout = settings.connectTimeout
      transport.idleTimeout = settings.idleTimeout
      let layer = TransportLayer(settings: transport, eventLoop: group.next()) { relay.deliver($0) }
      do {
        try layer.bind()
        return layer
      } catch {
        words = "\(error)"
        layer.shutdown()
      }
    }
    throw StartFailure(description: words)
  }

  private func loadRecords(of accounts: [SIPUserAgent.Account]) -> [String: RegistrationRecord] {
    let wanted = Set(accounts.lazy.map(\.storeKey))
    var records: [String: RegistrationRecord] = [:]
    var orphans: [String] = []
    store.load { key, record in
      if wanted.contains(key) { records[key] = record } else { orphans.append(key) }
    }
    if !orphans.isEmpty {
      log.write(.notice, "forgot the state of \(SpokenNumber.counted(orphans.count, "account")) no longer configured")
      store.forget(orphans)
    }
    return records
  }

  private func takeIn(_ accounts: [SIPUserAgent.Account], records: [String: RegistrationRecord] = [:]) async {
    var shares = [[(SIPUserAgent.Account, RegistrationRecord?)]](repeating: [], count: shards.count)
    for account in accounts {
      shares[Directory.shard(of: account.name, among: shards.count)].append((account, records[account.storeKey]))
    }
    for (index, share) in shares.enumerated() where !share.isEmpty {
      let ids = await shards[index].add(share)
      for (id, entry) in zip(ids, share) { directory.insert(entry.0.name, .init(shard: index, id: id)) }
    }
  }

  private func openControl() async throws(StartFailure) {
    do {
      let server = try ControlServer(
        path: configuration.daemon.controlSocket, service: OperatorDesk(supervisor: self),
        version: DaemonSettings.version, group: group)
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

  private func tellStatus() async { manager.status(await statusLine()) }

  private func statusLine() async -> String {
    let counts = await counts()
    let waiting = counts.waiting + counts.unregistered + counts.registering
    var parts = ["\(SpokenNumber.grouped(counts.registered + counts.refreshing)) registered"]
    if waiting > 0 { parts.append("\(SpokenNumber.grouped(waiting)) not yet") }
    if counts.paused > 0 { parts.append("\(SpokenNumber.grouped(counts.paused)) paused") }
    if counts.unregistering > 0 { parts.append("\(SpokenNumber.grouped(counts.unregistering)) leaving") }
    let total = "of \(SpokenNumber.counted(directory.count, "account"))"
    let problem = storeHealth.problem.map { "; state not written: \($0)" } ?? ""
    return "\(parts.joined(separator: ", ")) \(total)\(problem)"
  }

  private func counts() async -> StateCounts {
    var counts = StateCounts()
    for shard in shards {
      let tally = await shard.counts
      for name in StateName.allCases { counts[RegistrationState(name)] += tally[name] }
    }
    return counts
  }

  /// The service manager restarts a daemon that is silent. This one says it lives only while every account moves: the
  /// answer comes from the shards' own queues, so a queue that hangs is silence too.
  private func pingWatchdog() async {
    var stuck = 0
    for shard in shards { stuck += await shard.stuck().count }
    if stuck > 0 {
      log.write(.error, "\(SpokenNumber.counted(stuck, "account")) would never move again: no watchdog ping")
    } else {
      manager.watchdog()
    }
  }

  // MARK: Reload

  /// Reads the configuration again and applies what differs. With an error in it nothing changes.
  package func reload(dryRun: Bool) async throws(ControlError) -> ReloadReport {
    guard !isReloading else { throw .unavailable(reason: "a reload is at work") }
    isReloading = true
    defer { isReloading = false }
    if !dryRun { manager.reloading() }
    defer { if !dryRun { manager.ready() } }
    let new: Configuration
    do {
      new = try reread()
    } catch {
      log.write(.error, "the configuration is wrong, nothing was changed: \(error)")
      throw .reloadFailed(error.errors.map(\.description))
    }
    let diff = ConfigurationDiff(from: configuration, to: new)
    let report = ReloadReport(
      added: diff.added.map(\.name), changed: diff.changed.map(\.name), removed: diff.removed,
      unchanged: diff.unchanged, restartNeeded: diff.restartSettings)
    if !dryRun { await apply(diff, new) }
    return report
  }

  private func apply(_ diff: ConfigurationDiff, _ new: Configuration) async {
    var added = diff.added
    var continued: [Int: [Event]] = [:]
    var removed = diff.removed
    for account in diff.changed {
      guard let place = directory[account.name] else { continue }
      let former = await shards[place.shard].statuses(of: [place.id]).first?.account
      if let former, account.continues(former) {
        continued[place.shard, default: []].append(.change(place.id, account))
      } else {
        removed.append(account.name)
        added.append(account)
      }
    }
    for (shard, events) in continued.sorted(by: { $0.key < $1.key }) { await shards[shard].handle(events) }
    await takeOut(removed)
    await takeIn(added)
    // What only a restart applies stays as it is, so that the next reload still says so.
    var settings = configuration.daemon
    settings.unregistersOnStop = new.daemon.unregistersOnStop
    settings.stopTimeout = new.daemon.stopTimeout
    settings.log.level = new.daemon.log.level
    log.setLevel(settings.log.level)
    configuration = Configuration(daemon: settings, accounts: new.accounts, path: new.path)
    loadedAt = BootClock.now
    log.write(
      .notice,
      "reloaded: \(diff.added.count) added, \(diff.changed.count) changed, \(diff.removed.count) removed, "
        + "\(diff.unchanged) unchanged")
  }

  private func takeOut(_ names: [String]) async {
    var ids: [Int: [AccountID]] = [:]
    for name in names {
      guard let place = directory.remove(name) else { continue }
      ids[place.shard, default: []].append(place.id)
    }
    for (shard, ids) in ids.sorted(by: { $0.key < $1.key }) { await shards[shard].remove(ids) }
  }

  // MARK: The operator

  func status() async -> DaemonStatus {
    let clock = WallClock()
    var traffic = Traffic()
    var counts = StateCounts()
    for shard in shards {
      let summary = await shard.summary
      traffic.add(summary)
      for name in StateName.allCases { counts[RegistrationState(name)] += summary.counts[name] }
    }
    return DaemonStatus(
      version: DaemonSettings.version, ready: isReady, startedAt: clock.timestamp(of: startedAt),
      uptimeSeconds: Int((BootClock.now - startedAt).wholeSeconds), counts: counts, shards: shards.count,
      store: StoreHealth(
        healthy: storeHealth.problem == nil, path: configuration.daemon.stateDirectory, problem: storeHealth.problem),
      traffic: traffic, configurationPath: configuration.path, configurationLoadedAt: clock.timestamp(of: loadedAt))
  }

  package func page(_ request: AccountPageRequest) async -> AccountPage {
    /// Names looked at for one page: a filter that matches little must not hold everybody up.
    let look = 2000
    let names = Array(directory.names(after: request.after, limit: look))
    let matcher = AccountMatcher(request.filter)
    let isWanted: @Sendable (SIPUserAgent.Account, StateName) -> Bool = { account, state in
      matcher.matches(name: account.name, aor: account.addressOfRecord.description, state: RegistrationState(state))
    }
    var ids: [Int: [AccountID]] = [:]
    for name in names { if let place = directory[name] { ids[place.shard, default: []].append(place.id) } }
    var found: [AccountStatus] = []
    for (shard, ids) in ids { found += await shards[shard].statuses(of: ids, where: isWanted) }
    found.sort { $0.account.name < $1.account.name }
    let clock = WallClock()
    let now = BootClock.now
    let rows = found.prefix(request.limit).map { $0.row(clock, now: now) }
    let next = found.count > rows.count ? rows.last?.name : names.count == look ? names.last : nil
    return AccountPage(accounts: Array(rows), next: next)
  }

  func details(of name: String) async throws(ControlError) -> AccountDetails {
    guard let place = directory[name], let status = await shards[place.shard].statuses(of: [place.id]).first
    else { throw .noSuchAccount(name) }
    return status.details(WallClock(), now: BootClock.now)
  }

  /// Does the same to every account that is meant.
  ///
  /// - Returns: how many those were.
  package func tell(
    _ selection: AccountSelection, _ event: @Sendable (AccountID) -> Event
  ) async throws(ControlError) -> Int {
    var events: [Int: [Event]] = [:]
    for name in try names(of: selection) {
      guard let place = directory[name] else { continue }
      events[place.shard, default: []].append(event(place.id))
    }
    for (shard, events) in events.sorted(by: { $0.key < $1.key }) { await shards[shard].handle(events) }
    return events.values.reduce(0) { $0 + $1.count }
  }

  private func names(of selection: AccountSelection) throws(ControlError) -> [String] {
    if selection.all == true { return directory.names }
    var names = Set<String>()
    for name in selection.names {
      guard directory[name] != nil else { throw .noSuchAccount(name) }
      names.insert(name)
    }
    if let pattern = selection.pattern {
      let glob = Glob(pattern)
      names.formUnion(directory.names.filter(glob.matches))
    }
    return names.sorted()
  }

  nonisolated func watch(_ stream: ControlEventStream) { feed.watch(stream) }

  // MARK: Down

  /// Bindings stay, so that stop and start is a restart, unless the configuration wants them removed.
  package func stop() async {
    manager.stopping()
    for beat in beats { beat.cancel() }
    isReady = false
    if configuration.daemon.unregistersOnStop { await unregisterAll() }
    for shard in shards { await shard.shutDown() }
    if let control { try? await control.stop().get() }
    store.close()
    for transport in transports { transport.shutdown() }
    log.write(.notice, "stopped")
    log.flush()
    try? await group.shutdownGracefully()
  }

  private func unregisterAll() async {
    let timeout = configuration.daemon.stopTimeout
    manager.extendTimeout(timeout + .seconds(5))
    var ids = [[AccountID]](repeating: [], count: shards.count)
    for name in directory.names { if let place = directory[name] { ids[place.shard].append(place.id) } }
    for (index, ids) in ids.enumerated() { await shards[index].stop(ids) }
    let deadline = BootClock.now + timeout
    while BootClock.now < deadline {
      var left = 0
      for shard in shards { left += await shard.stopping }
      guard left > 0 else { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
    log.write(.warning, "not every binding could be removed within \(spoken(timeout))")
  }
}

extension Traffic {
  mutating func add(_ summary: ShardSummary) {
    transactionsStarted += summary.transactions.requestsSent
    transactionsSucceeded += summary.registrations.registered + summary.registrations.refreshed
    transactionsRefused += summary.registrations.failedAttempts
    transactionsTimedOut += summary.transactions.timeouts
    retransmissions += summary.transactions.retransmissions
    messagesSent += Int(summary.transport.datagramsOut + summary.transport.streamMessagesOut)
    messagesReceived += Int(summary.transport.datagramsIn + summary.transport.streamMessagesIn)
    messagesDropped +=
      Int(summary.transport.datagramsDropped) + summary.droppedMessages + summary.registrations.malformedMessages
      + summary.registrations.discardedResponses + summary.transactions.strayResponses
  }
}
