import SIPMessage
import SIPTransport
import SIPUserAgent

/// What operators, the status line and the watchdog want to know of a shard.
extension Shard {
  func statuses(of ids: [AccountID]) -> [AccountStatus] {
    // Each question to the actor's own would copy all of it.
    let agent = agent
    return ids.compactMap { id in
      guard let account = agent.account(of: id), let status = agent.status(of: id) else { return nil }
      return AccountStatus(account: account, status: status)
    }
  }

  /// Only those that pass, and at most so many: a list by state looks at many and shows few.
  func statuses(
    of ids: [AccountID], limit: Int, where isWanted: (SIPUserAgent.Account, Standing) -> Bool
  ) -> [AccountStatus] {
    let agent = agent
    var wanted: [AccountID] = []
    for id in ids where wanted.count < limit {
      guard let account = agent.account(of: id), let standing = agent.standing(of: id), isWanted(account, standing)
      else {
        continue
      }
      wanted.append(id)
    }
    return statuses(of: wanted)
  }

  var counts: StateTally { agent.counts }

  var summary: ShardSummary {
    ShardSummary(
      counts: agent.counts, underWay: agent.clientTransactionCount,
      transactions: agent.transactionCounters, registrations: agent.counters,
      transport: transport.counters, silentHops: agent.silentHops)
  }

  /// What `stuck` can be asked about.
  var slots: Range<Int> { agent.slots }

  /// Accounts that nothing will move again; empty, or this program is wrong.
  func stuck(among slots: Range<Int>) -> [AccountID] {
    // After a suspend everything is overdue, until this has run.
    if wakeAt <= BootClock.now { wake() }
    return agent.stuck(
      among: slots, now: BootClock.now, overdue: starts.isEmpty ? Limits.longestSleep * 2 : Limits.longestWait)
  }

  /// Whether the timer begins a REGISTER, and then whether a binding hangs on it; nil: it begins none.
  static func beginning(of timer: TimerID, _ state: StateName?) -> Bool? {
    guard timer.kind == .registration else { return nil }
    return switch state {
    case .registered: true
    case .unregistered, .waiting, .paused: false
    case .registering, .refreshing, .unregistering, nil: nil
    }
  }
}
