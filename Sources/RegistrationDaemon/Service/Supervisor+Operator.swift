import DaemonConfiguration
import RegistrationControl
import SIPMessage
import SIPUserAgent
import ShardCore

/// What operators ask and want done.
extension Supervisor {
  func status() async -> DaemonStatus {
    let clock = WallClock()
    var traffic = Traffic()
    var counts = StateTally()
    var silent: [SilentHop] = []
    for shard in shards {
      let summary = await shard.summary
      traffic.add(summary)
      silent += summary.silentHops
      counts.add(summary.counts)
    }
    return DaemonStatus(
      version: DaemonSettings.version, ready: isReady, startedAt: clock.timestamp(of: startedAt),
      uptimeSeconds: Int((BootClock.now - startedAt).wholeSeconds), counts: StateCounts(counts), bound: counts.bound,
      failingRefreshes: counts.failingRefreshes, pausedByOperator: counts.pausedByOperator, shards: shards.count,
      store: StoreHealth(
        healthy: storeHealth.problem == nil, path: configuration.daemon.stateDirectory, problem: storeHealth.problem),
      traffic: traffic, silentHops: Self.merged(silent, clock), configurationPath: configuration.path,
      configurationLoadedAt: clock.timestamp(of: loadedAt))
  }

  /// Every shard has its own view of a hop; the longest waiting ones first.
  private static func merged(
    _ hops: [SilentHop], _ clock: WallClock
  ) -> [SilentHopReport] {
    var merged: [String: SilentHopReport] = [:]
    for hop in hops {
      let (uri, since) = (hop.uri.description, clock.timestamp(of: hop.since))
      let known = merged[uri] ?? .init(uri: uri, since: since, waiting: 0)
      merged[uri] = .init(
        uri: uri, since: min(known.since, since), waiting: known.waiting + hop.waiting,
        askedBy: known.askedBy ?? hop.prober ?? hop.nextProber,
        askedAt: known.askedBy == nil && hop.prober == nil && hop.nextProber != nil
          ? clock.timestamp(of: hop.nextProbe) : known.askedAt)
    }
    return merged.values.sorted { ($0.waiting, $1.uri) > ($1.waiting, $0.uri) }
  }

  /// Accounts that a filter is held against in one look, while their shard does nothing else: for a millisecond at most.
  private static let accountsPerFilter = 512

  package func page(_ request: AccountPageRequest) async -> AccountPage {
    let matcher = AccountMatcher(request.filter)
    let look = matcher.matchesAll ? request.limit : Self.accountsPerFilter
    let entries = directory.entries(after: request.after, limit: look)
    let isWanted: @Sendable (Account, Standing) -> Bool = { account, standing in
      matcher.matchesAll
        || matcher.matches(
          name: account.name, aor: account.addressOfRecord.description, state: RegistrationState(standing.state),
          bound: standing.isBound)
    }
    var ids = [[AccountID]](repeating: [], count: shards.count)
    for (_, place) in entries { ids[Int(place.shard)].append(place.id) }
    var found: [AccountStatus] = []
    // However many ask at once, what is due comes between two looks.
    await looks.enter()
    for (shard, ids) in zip(shards, ids) where !ids.isEmpty {
      // No more than the page holds come from any of them: they are in the order of the names.
      found += await shard.statuses(of: ids, limit: request.limit + 1, where: isWanted)
    }
    await looks.leave()
    if shards.count > 1 { found.sort { $0.account.name < $1.account.name } }
    let clock = WallClock()
    let now = BootClock.now
    let rows = found.prefix(request.limit).map { $0.row(clock, now: now) }
    let next = found.count > rows.count ? rows.last?.name : entries.count == look ? entries.last?.name : nil
    return AccountPage(accounts: Array(rows), next: next)
  }

  func details(of name: String) async throws(ControlError) -> AccountDetails {
    guard let place = directory[name] else { throw .noSuchAccount(name) }
    let shard = shards[Int(place.shard)]
    guard let status = await shard.statuses(of: [place.id]).first else { throw .noSuchAccount(name) }
    let clock = WallClock()
    let lookups = status.nextHops.compactMap { hop in shard.traces[hop].map { LookupReport(hop, $0, clock) } }
    return status.details(clock, now: BootClock.now, profiles: configuration.profiles, lookups: lookups)
  }

  /// Does the same to every account that is meant.
  ///
  /// - Returns: how many those were.
  package func tell(_ selection: AccountSelection, _ wish: AccountCommand) async throws(ControlError) -> Int {
    guard selection.all == true else {
      return await tell(try names(of: selection).compactMap { directory[$0] }, wish)
    }
    var count = 0
    // Between two parts others have their turn.
    for start in stride(from: 0, to: directory.positions.count, by: Self.accountsPerLook) {
      count += await tell(directory.places(at: start..<start + Self.accountsPerLook), wish)
    }
    return count
  }

  private func tell(_ places: [Directory.Place], _ wish: AccountCommand) async -> Int {
    var ids = [[AccountID]](repeating: [], count: shards.count)
    for place in places { ids[Int(place.shard)].append(place.id) }
    for (shard, ids) in zip(shards, ids) where !ids.isEmpty { await shard.handle(.want(wish, of: ids)) }
    return places.count
  }

  func names(of selection: AccountSelection) throws(ControlError) -> [String] {
    var names = Set<String>()
    for name in selection.names {
      guard directory[name] != nil else { throw .noSuchAccount(name) }
      names.insert(name)
    }
    if let pattern = selection.pattern {
      let glob = Glob(pattern)
      names.formUnion(directory.all.lazy.map(\.name).filter(glob.matches))
    }
    return names.sorted()
  }

  nonisolated func watch(_ stream: ControlEventStream) { feed.watch(stream) }
}
