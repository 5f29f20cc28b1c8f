/// Everything about one account: type `AccountDetails` of the interface file.
package struct AccountDetails: Codable, Sendable, Equatable {
  package var account: AccountReport
  package var callID: String
  package var cseq: Int
  package var fromTag: String?
  /// One hop a line, in the order they are visited.
  package var routeSet: [String]
  package var requestedExpirySeconds: Int?
  package var grantedExpirySeconds: Int?
  /// When the REGISTER left that made the binding or renewed it last.
  package var boundSince: Timestamp?
  package var targetAddress: String?
  /// Our end of the way to the target.
  package var localAddress: String?
  /// Where the registrar sees our requests come from, where that is not where they leave.
  package var seenFrom: String?
  /// Of the flows over which the account is registered at the same time, which this is (RFC 5626); nil: there is one.
  package var flow: String?
  /// What the registrar granted beside the binding: the proxies that calls come by (Path) and that go out by
  /// (Service-Route), further addresses that are ours (P-Associated-URI), URIs that lead here (GRUU).
  package var path: [String]
  package var serviceRoute: [String]
  package var associatedURIs: [String]
  package var publicGRUU: String?
  package var temporaryGRUU: String?
  /// How the flow that holds the binding is kept open; absent: it is not.
  package var keepAlive: String?
  /// With what servers and proxies were answered last, the newest first.
  package var credentials: [CredentialsInUse]
  /// What an operator should look at though the account is bound, one thought a line.
  package var warnings: [String]
  /// Every exchange is kept, not only those around trouble.
  package var wholeHistory: Bool
  /// The newest first.
  package var exchanges: [ExchangeReport]
  /// What the daemon does about this account and why, one thought a line.
  package var explanation: [String]
  /// On which terms next hops are spoken to, where there is something to say of it, one hop a line.
  package var terms: [String]
  /// Those of the next hops, as far as they were looked up, in the order of the routes.
  package var lookups: [LookupReport]

  package init(
    account: AccountReport, callID: String, cseq: Int, fromTag: String? = nil, routeSet: [String] = [],
    requestedExpirySeconds: Int? = nil, grantedExpirySeconds: Int? = nil, boundSince: Timestamp? = nil,
    targetAddress: String? = nil, localAddress: String? = nil, seenFrom: String? = nil,
    flow: String? = nil, keepAlive: String? = nil, path: [String] = [], serviceRoute: [String] = [],
    associatedURIs: [String] = [],
    publicGRUU: String? = nil, temporaryGRUU: String? = nil,
    credentials: [CredentialsInUse] = [], warnings: [String] = [], wholeHistory: Bool = true,
    exchanges: [ExchangeReport] = [], explanation: [String] = [], terms: [String] = [],
    lookups: [LookupReport] = []
  ) {
    self.account = account
    self.callID = callID
    self.cseq = cseq
    self.fromTag = fromTag
    self.routeSet = routeSet
    self.requestedExpirySeconds = requestedExpirySeconds
    self.grantedExpirySeconds = grantedExpirySeconds
    self.boundSince = boundSince
    self.targetAddress = targetAddress
    self.localAddress = localAddress
    self.seenFrom = seenFrom
    self.flow = flow
    self.path = path
    self.serviceRoute = serviceRoute
    self.associatedURIs = associatedURIs
    self.publicGRUU = publicGRUU
    self.temporaryGRUU = temporaryGRUU
    self.keepAlive = keepAlive
    self.credentials = credentials
    self.warnings = warnings
    self.wholeHistory = wholeHistory
    self.exchanges = exchanges
    self.explanation = explanation
    self.terms = terms
    self.lookups = lookups
  }

  enum CodingKeys: String, CodingKey {
    case account, cseq, flow, path, credentials, warnings, exchanges, explanation, terms, lookups
    case callID = "call_id"
    case fromTag = "from_tag"
    case routeSet = "route_set"
    case requestedExpirySeconds = "requested_expiry_seconds"
    case grantedExpirySeconds = "granted_expiry_seconds"
    case boundSince = "bound_since"
    case targetAddress = "target_address"
    case localAddress = "local_address"
    case seenFrom = "seen_from"
    case keepAlive = "keep_alive"
    case serviceRoute = "service_route"
    case associatedURIs = "associated_uris"
    case publicGRUU = "public_gruu"
    case temporaryGRUU = "temporary_gruu"
    case wholeHistory = "whole_history"
  }
}

/// With what a server or proxy was answered; no secret is in it.
package struct CredentialsInUse: Codable, Sendable, Equatable {
  package var username: String
  package var realm: String
  package var algorithm: String

  package init(username: String, realm: String, algorithm: String) {
    self.username = username
    self.realm = realm
    self.algorithm = algorithm
  }
}

/// One request and what came back.
package struct ExchangeReport: Codable, Sendable, Equatable {
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
