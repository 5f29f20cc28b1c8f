import SIPMessage
import SIPUserAgent
import ShardCore

/// The process comes and goes, as the supervisor of the daemon has it.
extension World {
  /// Every account goes on from its record, if there is one; the others begin where no process before has been.
  mutating func start() {
    core = ShardCore(settings: UserAgent.Settings(), random: SplitMix64(seed: chances.process.next()))
    streams = Streams()
    note("start")
    let canWrite = chances.process.happens(plan.canWriteAtTheStart)
    let reserved = store.beginSeries(canWrite: canWrite)
    let trusted = plan.fault == .trustsWhatWasNotWritten ? IdentityOrigin.reserve : reserved
    ids = accounts.map { _ in nil }
    formerIDs = ids
    var (restored, orphans): ([RestoredAccount], [String]) = ([], [])
    for (key, record) in store.load() {
      guard let index = Plan.index(ofKey: key), let account = accounts[index] else {
        orphans.append(key)
        continue
      }
      let id = assign(index)
      restored.append(RestoredAccount(id: id, account: account, record: record))
    }
    handle(.restore(restored, reserved: trusted))
    addOthers()
    guard core != nil else { return }
    if !orphans.isEmpty {
      for index in orphans.compactMap(Plan.index(ofKey:)) { watch.forgotten(Plan.addressOfRecord(index)) }
      save(orphans.map { .forgotten(name: $0) })
    }
    handle(.started)
  }

  private mutating func addOthers() {
    guard core != nil else { return }
    let others = accounts.indices.filter { accounts[$0] != nil && ids[$0] == nil }
    guard !others.isEmpty else { return }
    let origin = store.makeOrigin()
    // Their identities can not be had again: they were never stored, and nothing can be.
    if origin == nil { for index in others { watch.forgotten(Plan.addressOfRecord(index)) } }
    let arrivals = others.compactMap { index in
      accounts[index].map { Arrival(id: assign(index), account: $0) }
    }
    handle(.add(arrivals, from: origin))
  }

  private mutating func assign(_ index: Int) -> AccountID {
    let id = core?.reserve(1).first ?? AccountID(index: 0)
    ids[index] = id
    return id
  }

  // MARK: While it runs

  /// An account is configured anew: its origin is asked for, and it comes when that is there.
  mutating func askToAdd(_ index: Int) {
    guard core != nil, !isStopping else {
      agenda.add(.add(index), at: now + .seconds(5))
      return
    }
    guard accounts[index] == nil else { return }
    accounts[index] = plan.account(index, using: &chances.configuration)
    store.ask(.makeOrigin(forAccount: index))
    agenda.add(.storeDone, at: now + chances.disk.duration(storeDelay))
  }

  mutating func add(_ index: Int, from origin: IdentityOrigin?) {
    guard core != nil, let account = accounts[index] else { return }
    wanted[index] = true
    if let record = leaving(index) {
      watch.succeeded(Plan.addressOfRecord(index), record.callID, from: record.cSeqCeiling)
      if record.pause == .byOperator { wanted[index] = false }
    }
    var arrival = Arrival(id: assign(index), account: account)
    if plan.fault == .forgetsWhoLeaves {
      arrival.account.registrar = Plan.uri("sip:EXAMPLE.test")
      accounts[index] = arrival.account
    }
    handle(.add([arrival], from: origin))
  }

  /// What the account leaves that has this name and is on its way out.
  private func leaving(_ index: Int) -> RegistrationRecord? {
    guard let id = formerIDs[index], let account = core?.agent.account(of: id), account.name == Plan.name(index) else {
      return nil
    }
    return core?.agent.record(of: id)
  }

  /// Taken out; it may come back before it has gone.
  mutating func remove(_ index: Int) {
    guard let id = ids[index], core?.agent.account(of: id) != nil else { return }
    accounts[index] = nil
    (formerIDs[index], ids[index]) = (id, nil)
    agenda.add(
      .add(index), at: now + chances.operations.duration(chances.operations.happens(0.3) ? 0...2_000 : 200...120_000))
    handle(.remove([id]))
  }

  // MARK: Its end

  /// `kill -9`: the process is gone; what the network carries is not.
  mutating func crash() {
    note("crash")
    crashes += 1
    for index in store.unwritten.compactMap(Plan.index(ofKey:)) { wanted[index] = nil }
    // What was said just now may wait for company.
    for index in wanted.indices where saidAt[index] + ShardCore.Limits.storeDelay * 2 > now { wanted[index] = nil }
    store.crash(using: &chances.process)
    end()
  }

  /// The daemon ends, and wants nothing left bound.
  mutating func stop() {
    let ids = ids.compactMap(\.self).filter { core?.agent.account(of: $0) != nil }
    isStopping = true
    agenda.add(.halt, at: now + .seconds(10))
    handle(.stop(ids))
  }

  /// In good order: what waits is written.
  mutating func halt() {
    guard core != nil else { return }
    note("halt")
    var outputs = Outputs()
    core?.hand(out: &outputs)
    if !outputs.changes.isEmpty { store.ask(.write(outputs.changes, reservations: [], forgotten: [])) }
    store.close()
    end()
  }

  private mutating func end() {
    core = nil
    isStopping = false
    watch.crashed()
    // Whoever was on the way out is gone with it, and its identity where it had no row.
    for index in accounts.indices where accounts[index] == nil { watch.forgotten(Plan.addressOfRecord(index)) }
    agenda.removeAll {
      switch $0 {
      case .wake, .turn, .storeDone, .located, .sendFailed, .unreachable, .keepAliveAnswer, .closed, .halt, .restart:
        true
      case .toSite, .toCore, .add, .fault, .operation: false
      }
    }
    agenda.add(.restart, at: now + chances.process.duration(10...20_000))
  }
}
