import SIPMessage
import SIPTransport
import SIPUserAgent

/// What operators, the status line and the watchdog want to know of a shard.
extension Shard {
  func statuses(of ids: [AccountID]) -> [AccountStatus] {
    // Each question to the actor's own would copy all of it.
    let agent = core.agent
    return ids.compactMap { id in
      guard let account = agent.account(of: id), let status = agent.status(of: id) else { return nil }
      return AccountStatus(account: account, status: status)
    }
  }

  /// Only those that pass, and at most so many: a list by state looks at many and shows few.
  func statuses(
    of ids: [AccountID], limit: Int, where isWanted: (Account, Standing) -> Bool
  ) -> [AccountStatus] {
    let agent = core.agent
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

  var counts: StateTally { core.agent.counts }

  var summary: ShardSummary {
    let agent = core.agent
    return ShardSummary(
      counts: agent.counts, underWay: agent.clientTransactionCount,
      transactions: agent.transactionCounters, registrations: agent.counters,
      transport: transport.counters, silentHops: agent.silentHops)
  }

  /// What `stuck` can be asked about.
  var slots: Range<Int> { core.slots }

  /// Accounts that `.stop` has not seen the end of.
  var stopping: Int { core.stopping }
}
