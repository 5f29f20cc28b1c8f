/// Everything about one account: type `AccountDetails` of the interface file.
package struct AccountDetails: Codable, Sendable, Equatable {
  package var account: Account
  package var callID: String
  package var cseq: Int
  package var fromTag: String?
  /// One hop a line, in the order they are visited.
  package var routeSet: [String]
  package var grantedExpirySeconds: Int?
  package var boundSince: Timestamp?
  package var targetAddress: String?
  /// The newest first.
  package var exchanges: [Exchange]
  /// What the daemon does about this account and why, one thought a line.
  package var explanation: [String]

  package init(
    account: Account, callID: String, cseq: Int, fromTag: String? = nil, routeSet: [String] = [],
    grantedExpirySeconds: Int? = nil, boundSince: Timestamp? = nil, targetAddress: String? = nil,
    exchanges: [Exchange] = [], explanation: [String] = []
  ) {
    self.account = account
    self.callID = callID
    self.cseq = cseq
    self.fromTag = fromTag
    self.routeSet = routeSet
    self.grantedExpirySeconds = grantedExpirySeconds
    self.boundSince = boundSince
    self.targetAddress = targetAddress
    self.exchanges = exchanges
    self.explanation = explanation
  }

  enum CodingKeys: String, CodingKey {
    case account, cseq, exchanges, explanation
    case callID = "call_id"
    case fromTag = "from_tag"
    case routeSet = "route_set"
    case grantedExpirySeconds = "granted_expiry_seconds"
    case boundSince = "bound_since"
    case targetAddress = "target_address"
  }
}

/// One request and what came back.
package struct Exchange: Codable, Sendable, Equatable {
  package var at: Timestamp
  package var method: String
  package var target: String
  package var status: Int?
  /// The reason phrase, or the failure in words when no final response came.
  package var outcome: String
  package var roundTripMilliseconds: Int?

  package init(
    at: Timestamp, method: String, target: String, status: Int? = nil, outcome: String,
    roundTripMilliseconds: Int? = nil
  ) {
    self.at = at
    self.method = method
    self.target = target
    self.status = status
    self.outcome = outcome
    self.roundTripMilliseconds = roundTripMilliseconds
  }

  enum CodingKeys: String, CodingKey {
    case at, method, target, status, outcome
    case roundTripMilliseconds = "round_trip_ms"
  }
}
