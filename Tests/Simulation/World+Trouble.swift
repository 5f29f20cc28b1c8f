import SIPMessage
import SIPUserAgent
import ShardCore

/// What goes wrong by itself, and what an operator does meanwhile.
extension World {
  mutating func fault() {
    guard !isHealing else { return }
    agenda.add(.fault, at: now + chances.faults.duration(5_000...400_000))
    switch chances.faults.below(13) {
    case 0, 1, 2, 3:
      let health: [Site.Health] = [
        .up, .silent, .slow, .refusing, .refusing, .unreachable, .unavailable(retryAfter: nil),
        .unavailable(retryAfter: "7"),
        .unavailable(retryAfter: "86400"), .failing(status: 500), .failing(status: 408), .failing(status: 403),
      ]
      sites[chances.faults.below(sites.count)].health = health[chances.faults.below(health.count)]
    case 4, 5: for site in sites.indices { sites[site].health = .up }
    case 6:
      registrar.reboot()
      rebootedAt = now
    case 7: loss = Double(chances.faults.below(4)) * 0.1
    case 8: lookups = [.working, .working, .slow, .failing, .silent][chances.faults.below(5)]
    case 9: storeDelay = chances.faults.happens(0.3) ? 1_000...40_000 : 1...40
    case 10, 11: closeConnections(all: chances.faults.happens(0.3))
    default: move(to: 0x0A09_0909 + UInt32(chances.faults.below(3)))
    }
    if plan.hasNAT, chances.flows.happens(0.2) {
      middlebox.forget()
      let outside = outside
      note("fault: seen at \(outside)")
    }
    if case .some = core, plan.crashRate > 0, chances.faults.happens(0.1) { crash() }
    let (health, loss, lookups, delay, local) = (sites.map(\.health), loss, lookups, storeDelay, local)
    note("fault: sites \(health), loss \(loss), lookups \(lookups), store \(delay), at \(local)")
    // A reboot takes bindings that nobody could have kept.
    for index in wasBound.indices where !registrar.isBound(Plan.addressOfRecord(index), at: now) {
      wasBound[index] = false
    }
  }

  private mutating func closeConnections(all: Bool) {
    for connection in streams.connections where all || chances.faults.happens(0.5) {
      end(connection.number, reason: "the peer closed the connection")
    }
  }

  /// A connection ends, if it has not.
  mutating func end(_ connection: UInt32, reason: String) {
    guard let ended = streams.close(connection) else { return }
    for request in ended.carried { watch.lost(request.bytes) }
    take(
      .connectionClosed(
        carrying: ended.carried.map(\.client), hasWorked: ended.hasWorked, reason: reason,
        flow: Flow(target: ended.target, connection: ended.number)))
  }

  /// The host has another address, or none that is new: its network changed all the same.
  private mutating func move(to address: UInt32) {
    if local.address != .v4(address) {
      local.address = .v4(address)
      closeConnections(all: true)
    }
    guard let targets = core?.boundTargets else { return }
    var endpoints: [Target: Endpoint] = [:]
    for target in targets { endpoints[target] = local }
    handle(.networkChanged(endpoints))
  }

  mutating func operate() {
    guard !isHealing else { return }
    agenda.add(.operation, at: now + chances.operations.duration(1_000...120_000))
    let index = chances.operations.below(accounts.count)
    guard !isStopping, let id = ids[index], core?.agent.account(of: id) != nil, let account = accounts[index] else {
      return
    }
    switch chances.operations.below(14) {
    case 0: handle(.want(.refresh, of: [id]))
    case 1: handle(.want(.refreshNamed, of: [id]))
    case 2: order(.pause, id, index)
    case 3, 4: order(.resume, id, index)
    case 5: remove(index)
    case 6:
      // Changed his mind before anything could come of it.
      order(.pause, id, index)
      order(.resume, id, index)
    case 7: handle(.want(.refresh, of: ids.compactMap(\.self)))
    case 8:
      // A reload that takes it out and brings it back in one go.
      remove(index)
      askToAdd(index)
    case 9: if chances.operations.happens(0.3) { chances.operations.happens(0.5) ? stop() : halt() }
    default:
      var changed = account
      changed.expires = plan.expires[chances.operations.below(plan.expires.count)]
      changed.routes = plan.routes(using: &chances.configuration)
      accounts[index] = changed
      handle(.change([Arrival(id: id, account: changed)]))
    }
  }

  /// The operator knows what became of it, unless the process died meanwhile.
  private mutating func order(_ command: AccountCommand, _ id: AccountID, _ index: Int) {
    guard core != nil, accounts[index] != nil else { return }
    wanted[index] = command == .resume
    saidAt[index] = now
    handle(.want(command, of: [id]))
    if core == nil { wanted[index] = nil }
  }

  /// Everything works again. The operator repeats what a crash may have lost, and nothing else.
  mutating func heal() {
    isHealing = true
    for site in sites.indices { sites[site].health = .up }
    (loss, lookups, storeDelay) = (0, .working, 1...40)
    note("healed")
    if isStopping { halt() }
    if core == nil {
      agenda.removeAll { if case .restart = $0 { true } else { false } }
      start()
    }
    for index in accounts.indices where wanted[index] == nil {
      wanted[index] = true
      if let id = ids[index] { handle(.want(.resume, of: [id])) }
    }
  }

  /// What is not as the operator wants it.
  var unwanted: [String] {
    accounts.indices.filter { wanted[$0] == false }.compactMap { index in
      guard let status = status(of: index), status.pause != .byOperator else { return nil }
      return "\(index): \(status.state) though paused"
    } + unbound
  }

  private func status(of index: Int) -> RegistrationStatus? { ids[index].flatMap { core?.agent.status(of: $0) } }

  /// Accounts that are not bound, here or there.
  var unbound: [String] {
    accounts.indices.filter { wanted[$0] != false }.compactMap { index in
      let status = status(of: index)
      let isBoundHere = status?.state == .registered || status?.state == .refreshing
      if isBoundHere, registrar.isBound(Plan.addressOfRecord(index), at: now) { return nil }
      return "\(index): \(status?.state.rawValue ?? "absent") \(status?.pause.map { "\($0)" } ?? "")"
    }
  }
}
