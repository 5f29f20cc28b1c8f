import SIPMessage
import SIPUserAgent

/// Accounts come and go, and with them their identities: Call-ID, From tag, and how far the CSeq has come.
extension ShardCore {
  mutating func add(_ arrivals: [Arrival], from origin: IdentityOrigin?, now: Instant, _ outputs: inout Outputs) {
    var key: [UInt8] = []
    for arrival in arrivals {
      key.removeAll(keepingCapacity: true)
      arrival.account.append(storeKeyTo: &key)
      add(arrival, key.span, from: origin, now: now, &outputs)
    }
  }

  private mutating func add(
    _ arrival: Arrival, _ key: Span<UInt8>, from origin: IdentityOrigin?, now: Instant, _ outputs: inout Outputs
  ) {
    let (id, account) = (arrival.id, arrival.account)
    if let former = departing.succeeded(by: account) {
      take(.add(id, account, inheritance(of: former)), now: now, outputs: &outputs)
    } else if !departing.mayLeaveRow(to: account), let record = origin?.record(of: account, key: key),
      record.cSeqCeiling >= records.highestForgotten
    {
      restore(id, account, record, reserved: IdentityOrigin.reserve, now: now, &outputs)
    } else {
      // One that left since the origin was made may have come further under the same identity, and a crash may leave its
      // row.
      take(.add(id, account, nil), now: now, outputs: &outputs)
    }
  }

  /// What an account on its way out leaves to the one that succeeds it. The binding goes with the un-REGISTER.
  private func inheritance(of id: AccountID) -> RegistrationRecord? {
    var record = agent.record(of: id)
    record?.binding = nil
    return record
  }

  mutating func restore(_ restored: [RestoredAccount], reserved: UInt32, now: Instant, _ outputs: inout Outputs) {
    let restored = restored.span
    for index in restored.indices {
      restore(
        restored[index].id, restored[index].account, restored[index].record, reserved: reserved, now: now, &outputs)
    }
  }

  mutating func leave(_ id: AccountID) {
    guard let account = agent.account(of: id), let callID = agent.status(of: id)?.callID else { return }
    departing.insert(DepartingAccounts.DepartingAccount(account: account, callID: callID), id)
  }

  mutating func forget(_ id: AccountID) {
    records.forget(id)
    guard let departure = departing.remove(id) else { return }
    if let key = departure.key { records.forget(key: key) }
    numbers.giveBack(id)
  }

  // MARK: The network

  /// Where bindings are that a change of the network may move, each once.
  package var boundTargets: [Target] {
    var targets: [Target] = []
    var known: Set<Target> = []
    // Most go where the one before goes.
    var last: Target?
    agent.forEachBinding { _, binding in
      guard binding.target != last else { return }
      last = binding.target
      if known.insert(binding.target).inserted { targets.append(binding.target) }
    }
    return targets
  }

  mutating func networkChanged(_ endpoints: [Target: Endpoint], now: Instant, _ outputs: inout Outputs) {
    locations.removeAll()
    var moved: [AccountID] = []
    var last: (target: Target, local: Endpoint?)?
    agent.forEachBinding { id, binding in
      if last?.target != binding.target { last = (binding.target, endpoints[binding.target]) }
      // Without any way at all there is nothing to register with; the way back is a change, too.
      if let local = last?.local, local != binding.local { moved.append(id) }
    }
    take(.networkChanged, now: now, outputs: &outputs)
    for id in moved { take(.moved(id), now: now, outputs: &outputs) }
  }
}
