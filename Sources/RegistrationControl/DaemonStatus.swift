/// How the daemon is, and how its accounts are, in numbers: type `DaemonStatus` of the interface file.
package struct DaemonStatus: Codable, Sendable, Equatable {
  package var version: String
  package var ready: Bool
  package var startedAt: Timestamp
  package var uptimeSeconds: Int
  package var total: Int
  package var counts: StateCounts
  /// Bound and meant to be, in whatever state.
  package var bound: Int
  /// Bound accounts whose attempts to stay so fail.
  package var failingRefreshes: Int
  package var pausedByOperator: Int
  package var shards: Int
  package var store: StoreHealth
  package var traffic: Traffic
  package var silentHops: [SilentHopReport]
  package var configurationPath: String?
  package var configurationLoadedAt: Timestamp

  package init(
    version: String, ready: Bool, startedAt: Timestamp, uptimeSeconds: Int, counts: StateCounts, bound: Int? = nil,
    failingRefreshes: Int = 0, pausedByOperator: Int = 0, shards: Int, store: StoreHealth, traffic: Traffic,
    silentHops: [SilentHopReport] = [], configurationPath: String?,
    configurationLoadedAt: Timestamp
  ) {
    self.version = version
    self.ready = ready
    self.startedAt = startedAt
    self.uptimeSeconds = uptimeSeconds
    self.total = counts.total
    self.counts = counts
    self.bound = bound ?? counts.registered + counts.refreshing
    self.failingRefreshes = failingRefreshes
    self.pausedByOperator = pausedByOperator
    self.shards = shards
    self.store = store
    self.traffic = traffic
    self.silentHops = silentHops
    self.configurationPath = configurationPath
    self.configurationLoadedAt = configurationLoadedAt
  }

  enum CodingKeys: String, CodingKey {
    case version, ready, total, counts, bound, shards, store, traffic
    case failingRefreshes = "failing_refreshes"
    case pausedByOperator = "paused_by_operator"
    case startedAt = "started_at"
    case uptimeSeconds = "uptime_seconds"
    case silentHops = "silent_hops"
    case configurationPath = "configuration_path"
    case configurationLoadedAt = "configuration_loaded_at"
  }
}

extension DaemonStatus {
  /// Accounts that are meant to be bound: what an operator has paused and what is being taken out is not.
  package var wanted: Int { total - pausedByOperator - counts.unregistering }
}

/// A next hop that fails whoever sends to it.
package struct SilentHopReport: Codable, Sendable, Equatable {
  package var uri: String
  package var since: Timestamp
  /// Accounts that wait for its return.
  package var waiting: Int
  /// The name of the account that asks it, or asks it next.
  package var askedBy: String?
  /// When that one asks; absent while it does.
  package var askedAt: Timestamp?

  package init(uri: String, since: Timestamp, waiting: Int, askedBy: String? = nil, askedAt: Timestamp? = nil) {
    self.uri = uri
    self.since = since
    self.waiting = waiting
    self.askedBy = askedBy
    self.askedAt = askedAt
  }

  enum CodingKeys: String, CodingKey {
    case uri, since, waiting
    case askedBy = "asked_by"
    case askedAt = "asked_at"
  }
}

/// Messages that were not taken, and why.
package struct Drop: Codable, Sendable, Equatable {
  package var why: String
  package var count: Int

  package init(why: String, count: Int) {
    self.why = why
    self.count = count
  }
}

/// The state file's health. A degraded store does not stop registrations.
package struct StoreHealth: Codable, Sendable, Equatable {
  package var healthy: Bool
  package var path: String
  package var problem: String?

  package init(healthy: Bool, path: String, problem: String? = nil) {
    self.healthy = healthy
    self.path = path
    self.problem = problem
  }
}

/// What was counted since the daemon started.
package struct Traffic: Codable, Sendable, Equatable {
  package var transactionsStarted = 0
  package var transactionsSucceeded = 0
  package var transactionsRefused = 0
  package var transactionsTimedOut = 0
  package var transactionsUnderWay = 0
  package var messagesSent = 0
  package var messagesReceived = 0
  package var messagesDropped = 0
  package var retransmissions = 0
  // Final responses to REGISTER, by what they mean.
  package var answersGood = 0
  package var answersChallenges = 0
  package var answersAdjustments = 0
  package var answersRedirects = 0
  package var answersTargetFailures = 0
  package var answersTemporary = 0
  package var answersRefused = 0
  // What others asked of us.
  package var requestsReceived = 0
  package var requestsAnswered = 0
  package var callsReceived = 0
  /// To strangers that asked too often.
  package var answersWithheld = 0
  /// Connections of others that were refused or closed so that they hold no more than they may.
  package var connectionsClosed = 0
  /// Those that were met, in the order of what they are about.
  package var flaws: [FlawCount] = []
  /// What `messagesDropped` consists of, without what never happened.
  package var drops: [Drop] = []

  package init() {}

  enum CodingKeys: String, CodingKey {
    case retransmissions, flaws, drops
    case requestsReceived = "requests_received"
    case requestsAnswered = "requests_answered"
    case callsReceived = "calls_received"
    case answersWithheld = "answers_withheld"
    case connectionsClosed = "connections_closed"
    case transactionsStarted = "transactions_started"
    case transactionsSucceeded = "transactions_succeeded"
    case transactionsRefused = "transactions_refused"
    case transactionsTimedOut = "transactions_timed_out"
    case transactionsUnderWay = "transactions_under_way"
    case messagesSent = "messages_sent"
    case messagesReceived = "messages_received"
    case messagesDropped = "messages_dropped"
    case answersGood = "answers_good"
    case answersChallenges = "answers_challenges"
    case answersAdjustments = "answers_adjustments"
    case answersRedirects = "answers_redirects"
    case answersTargetFailures = "answers_target_failures"
    case answersTemporary = "answers_temporary"
    case answersRefused = "answers_refused"
  }
}

extension Traffic {
  /// Final responses to REGISTER.
  package var answers: Int {
    answersGood + answersChallenges + answersAdjustments + answersRedirects + answersTargetFailures + answersTemporary
      + answersRefused
  }

  /// Counts messages that were dropped for a reason.
  package mutating func drop(_ count: Int, _ why: String) {
    guard count > 0 else { return }
    messagesDropped += count
    if let index = drops.firstIndex(where: { $0.why == why }) {
      drops[index].count += count
    } else {
      drops.append(Drop(why: why, count: count))
    }
  }
}
