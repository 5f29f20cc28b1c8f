/// How the daemon is, and how its accounts are, in numbers: type `DaemonStatus` of the interface file.
package struct DaemonStatus: Codable, Sendable, Equatable {
  package var version: String
  package var ready: Bool
  package var startedAt: Timestamp
  package var uptimeSeconds: Int
  package var total: Int
  package var counts: StateCounts
  package var shards: Int
  package var store: StoreHealth
  package var traffic: Traffic
  package var configurationPath: String?
  package var configurationLoadedAt: Timestamp

  package init(
    version: String, ready: Bool, startedAt: Timestamp, uptimeSeconds: Int, counts: StateCounts, shards: Int,
    store: StoreHealth, traffic: Traffic, configurationPath: String?, configurationLoadedAt: Timestamp
  ) {
    self.version = version
    self.ready = ready
    self.startedAt = startedAt
    self.uptimeSeconds = uptimeSeconds
    self.total = counts.total
    self.counts = counts
    self.shards = shards
    self.store = store
    self.traffic = traffic
    self.configurationPath = configurationPath
    self.configurationLoadedAt = configurationLoadedAt
  }

  enum CodingKeys: String, CodingKey {
    case version, ready, total, counts, shards, store, traffic
    case startedAt = "started_at"
    case uptimeSeconds = "uptime_seconds"
    case configurationPath = "configuration_path"
    case configurationLoadedAt = "configuration_loaded_at"
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
  package var messagesSent = 0
  package var messagesReceived = 0
  package var messagesDropped = 0
  package var retransmissions = 0

  package init() {}

  enum CodingKeys: String, CodingKey {
    case retransmissions
    case transactionsStarted = "transactions_started"
    case transactionsSucceeded = "transactions_succeeded"
    case transactionsRefused = "transactions_refused"
    case transactionsTimedOut = "transactions_timed_out"
    case messagesSent = "messages_sent"
    case messagesReceived = "messages_received"
    case messagesDropped = "messages_dropped"
  }
}
