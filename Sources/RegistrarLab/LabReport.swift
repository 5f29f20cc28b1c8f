import SIPMessage

/// What the lab says to programs: the names of its JSON. Durations are seconds.
package enum LabReport {
  package struct Failure: Encodable, Sendable, Equatable {
    package var error: String
  }

  package struct Addresses: Encodable, Sendable {
    private enum CodingKeys: String, CodingKey {
      case registrar
      case looseProxy = "loose_proxy"
      case strictProxy = "strict_proxy"
    }

    package var registrar: String
    package var looseProxy: String
    package var strictProxy: String

    package init(_ lab: Lab) {
      registrar = lab.registrar.description
      looseProxy = lab.looseProxy.description
      strictProxy = lab.strictProxy.description
    }
  }

  package struct Binding: Encodable, Sendable, Equatable {
    private enum CodingKeys: String, CodingKey {
      case aor, contact, path
      case callID = "call_id"
      case cSeq = "cseq"
      case expiresIn = "expires_in"
    }

    package var aor: String
    package var contact: String
    package var path: [String]
    package var callID: String
    package var cSeq: UInt32
    package var expiresIn: Double

    init(_ binding: BindingDescription) {
      aor = binding.addressOfRecord
      contact = binding.contact
      path = binding.path
      callID = binding.callID
      cSeq = binding.cSeq
      expiresIn = binding.expiresIn.seconds
    }
  }

  /// What a benchmark looks at often. Instants are seconds of CLOCK_MONOTONIC.
  package struct Counters: Encodable, Sendable, Equatable {
    private enum CodingKeys: String, CodingKey {
      case requests, retransmissions, challenges, registrations, refreshes
      case firstRequestAt = "first_request_at"
      case lastRegistrationAt = "last_registration_at"
      case lastRefreshAt = "last_refresh_at"
    }

    package let requests, retransmissions, challenges, registrations, refreshes: UInt64
    package let firstRequestAt, lastRegistrationAt, lastRefreshAt: Double?

    init(_ counters: RegistrarCounters) {
      requests = counters.requests
      retransmissions = counters.retransmissions
      challenges = counters.challenges
      registrations = counters.registrations
      refreshes = counters.refreshes
      firstRequestAt = counters.firstRequestAt.map { ($0 - .origin).seconds }
      lastRegistrationAt = counters.lastRegistrationAt.map { ($0 - .origin).seconds }
      lastRefreshAt = counters.lastRefreshAt.map { ($0 - .origin).seconds }
    }
  }

  package struct Statistics: Encodable, Sendable, Equatable {
    private enum CodingKeys: String, CodingKey {
      case requests, retransmissions, challenges, accepted, registrations, refreshes, removed, refused, malformed
      case lapses, bindings
      case staleChallenges = "stale_challenges"
      case callIDChanges = "call_id_changes"
      case cSeqViolations = "cseq_violations"
      case addressesOfRecord = "addresses_of_record"
      case leastRefreshLead = "refresh_lead_min"
      case lowRefreshLead = "refresh_lead_1_percent"
      case medianRefreshLead = "refresh_lead_median"
    }

    package let requests, retransmissions, challenges, staleChallenges, accepted, registrations, refreshes: UInt64
    package let removed, refused, malformed, lapses, callIDChanges, cSeqViolations: UInt64
    package let bindings, addressesOfRecord: Int
    package let leastRefreshLead, lowRefreshLead, medianRefreshLead: Double?

    init(_ statistics: RegistrarStatistics) {
      let counters = statistics.counters
      requests = counters.requests
      retransmissions = counters.retransmissions
      challenges = counters.challenges
      staleChallenges = counters.staleChallenges
      accepted = counters.accepted
      registrations = counters.registrations
      refreshes = counters.refreshes
      removed = counters.removed
      refused = counters.refused
      malformed = counters.malformed
      lapses = counters.lapses
      callIDChanges = counters.callIDChanges
      cSeqViolations = counters.cSeqViolations
      bindings = statistics.bindings
      addressesOfRecord = statistics.addressesOfRecord
      leastRefreshLead = statistics.leastRefreshLead?.seconds
      lowRefreshLead = statistics.lowRefreshLead?.seconds
      medianRefreshLead = statistics.medianRefreshLead?.seconds
    }
  }
}

extension Duration {
  fileprivate var seconds: Double { self / .seconds(1) }
}
