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
  package var silentHops: [SilentHop]
  package var configurationPath: String?
  package var configurationLoadedAt: Timestamp

  package init(
    version: String, ready: Bool, startedAt: Timestamp, uptimeSeconds: Int, counts: StateCounts, shards: Int,
    store: StoreHealth, traffic: Traffic, silentHops: [SilentHop] = [], configurationPath: String?,
    configurationLoadedAt: Timestamp
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
    self.silentHops = silentHops
    self.configurationPath = configurationPath
    self.configurationLoadedAt = configurationLoadedAt
  }

  enum CodingKeys: String, CodingKey {
    case version, ready, total, counts, shards, store, traffic
    case startedAt = "started_at"
    case uptimeSeconds = "uptime_seconds"
    case silentHops = "silent_hops"
    case configurationPath = "configuration_path"
    case configurationLoadedAt = "configuration_loaded_at"
  }
}

/// A next hop that fails whoever sends to it.
package struct SilentHop: Codable, Sendable, Equatable {
  package var uri: String
  package var since: Timestamp
  /// Accounts that wait for its return.
  package var waiting: Int

  package init(uri: String, since: Timestamp, waiting: Int) {
    self.uri = uri
    self.since = since
    self.waiting = waiting
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
  /// Those that were met, in the order of what they are about.
  package var flaws: [FlawCount] = []

  package init() {}

  enum CodingKeys: String, CodingKey {
    case retransmissions, flaws
    case requestsReceived = "requests_received"
    case requestsAnswered = "requests_answered"
    case callsReceived = "calls_received"
    case transactionsStarted = "transactions_started"
    case transactionsSucceeded = "transactions_succeeded"
    case transactionsRefused = "transactions_refused"
    case transactionsTimedOut = "transactions_timed_out"
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

extension DaemonStatus: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("configuration_loaded_at", configurationLoadedAt)
      json.member("configuration_path", configurationPath)
      json.member("counts", counts)
      json.member("ready", ready)
      json.member("shards", shards)
      json.member("silent_hops", silentHops)
      json.member("started_at", startedAt)
      json.member("store", store)
      json.member("total", total)
      json.member("traffic", traffic)
      json.member("uptime_seconds", uptimeSeconds)
      json.member("version", version)
    }
  }
}

extension SilentHop: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("since", since)
      json.member("uri", uri)
      json.member("waiting", waiting)
    }
  }
}

extension StoreHealth: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("healthy", healthy)
      json.member("path", path)
      json.member("problem", problem)
    }
  }
}

extension Traffic: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("answers_adjustments", answersAdjustments)
      json.member("answers_challenges", answersChallenges)
      json.member("answers_good", answersGood)
      json.member("answers_redirects", answersRedirects)
      json.member("answers_refused", answersRefused)
      json.member("answers_target_failures", answersTargetFailures)
      json.member("answers_temporary", answersTemporary)
      json.member("calls_received", callsReceived)
      json.member("flaws", flaws)
      json.member("messages_dropped", messagesDropped)
      json.member("messages_received", messagesReceived)
      json.member("messages_sent", messagesSent)
      json.member("requests_answered", requestsAnswered)
      json.member("requests_received", requestsReceived)
      json.member("retransmissions", retransmissions)
      json.member("transactions_refused", transactionsRefused)
      json.member("transactions_started", transactionsStarted)
      json.member("transactions_succeeded", transactionsSucceeded)
      json.member("transactions_timed_out", transactionsTimedOut)
    }
  }
}
