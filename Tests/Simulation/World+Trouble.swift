import SIPMessage
import SIPUserAgent

/// What goes wrong by itself, and what an operator does meanwhile.
extension World {
  mutating func fault() {
    guard !isHealing else { return }
    agenda.add(.fault, at: now + random.duration(5_000...400_000))
    switch random.below(10) {
    case 0, 1, 2, 3:
      let health: [Site.Health] = [
        .up, .silent, .slow, .refusing, .unavailable(retryAfter: nil), .unavailable(retryAfter: "7"),
        .unavailable(retryAfter: "86400"), .failing(status: 500), .failing(status: 408), .failing(status: 403),
      ]
      sites[random.below(sites.count)].health = health[random.below(health.count)]
    case 4, 5: for site in sites.indices { sites[site].health = .up }
    case 6:
      registrar.reboot()
      rebootedAt = now
    case 7: loss = Double(random.below(4)) * 0.1
    case 8: lookups = [.working, .working, .slow, .failing, .silent][random.below(5)]
    default: storeDelay = random.happens(0.3) ? 1_000...40_000 : 1...40
    }
    if case .some = agent, plan.crashRate > 0, random.happens(0.1) { crash() }
    let (health, loss, lookups, delay) = (sites.map(\.health), loss, lookups, storeDelay)
    note("fault: sites \(health), loss \(loss), lookups \(lookups), store \(delay)")
    // A reboot takes bindings that nobody could have kept.
    for index in wasBound.indices where !registrar.isBound(Plan.addressOfRecord(index), at: now) {
      wasBound[index] = false
    }
  }

  mutating func operate() {
    guard !isHealing else { return }
    agenda.add(.operation, at: now + random.duration(1_000...120_000))
    let index = random.below(accounts.count)
    let id = AccountID(index: index)
    guard agent != nil, let account = accounts[index] else { return }
    switch random.below(9) {
    case 0, 1: handle(.refresh(id))
    case 2: order(.pause(id), index, wanting: false)
    case 3, 4: order(.resume(id), index, wanting: true)
    case 5: handle(.remove(id))
    case 6:
      // Changed his mind before anything could come of it.
      order(.pause(id), index, wanting: false)
      order(.resume(id), index, wanting: true)
    default:
      var changed = account
      changed.expires = plan.expires[random.below(plan.expires.count)]
      changed.routes = plan.routes(using: &random)
      accounts[index] = changed
      handle(.change(id, changed))
    }
  }

  /// The operator knows what became of it, unless the process died meanwhile.
  private mutating func order(_ event: Event, _ index: Int, wanting isWanted: Bool) {
    guard agent != nil, accounts[index] != nil else { return }
    wanted[index] = isWanted
    handle(event)
    if agent == nil { wanted[index] = nil }
  }

  /// Everything works again. The operator repeats what a crash may have lost, and nothing else.
  mutating func heal() {
    isHealing = true
    for site in sites.indices { sites[site].health = .up }
    (loss, lookups, storeDelay) = (0, .working, 1...40)
    note("healed")
    if agent == nil {
      agenda.removeAll { if case .restart = $0 { true } else { false } }
      start()
    }
    for index in accounts.indices where wanted[index] == nil {
      wanted[index] = true
      handle(.resume(AccountID(index: index)))
    }
  }

  /// What is not as the operator wants it.
  var unwanted: [String] {
    accounts.indices.filter { wanted[$0] == false }.compactMap { index in
      guard let status = agent?.status(of: AccountID(index: index)), status.pause != .byOperator else { return nil }
      return "\(index): \(status.state) though paused"
    } + unbound
  }

  /// Accounts that are not bound, here or there.
  var unbound: [String] {
    accounts.indices.filter { wanted[$0] != false }.compactMap { index in
      let state = agent?.stateName(of: AccountID(index: index))
      let isBoundHere = state == .registered || state == .refreshing
      if isBoundHere, registrar.isBound(Plan.addressOfRecord(index), at: now) { return nil }
      let reason = agent?.status(of: AccountID(index: index))?.pause
      return "\(index): \(state?.rawValue ?? "absent") \(reason.map { "\($0)" } ?? "")"
    }
  }
}
