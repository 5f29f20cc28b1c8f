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

  package struct Statistics: Encodable, Sendable, Equatable {
    private enum CodingKeys: String, CodingKey {
      case requests, retransmissions, challenges, accepted, refreshes, removed, refused, malformed, lapses, bindings
      case staleChallenges = "stale_challenges"
      case callIDChanges = "call_id_changes"
      case cSeqViolations = "cseq_violations"
      case addressesOfRecord = "addresses_of_record"
      case leastRefreshLead = "refresh_lead_min"
      case medianRefreshLead = "refresh_lead_median"
    }

    package let requests, retransmissions, challenges, staleChallenges, accepted, refreshes, removed: UInt64
    package let refused, malformed, lapses, callIDChanges, cSeqViolations: UInt64
    package let bindings, addressesOfRecord: Int
    package let leastRefreshLead, medianRefreshLead: Double?

    init(_ statistics: RegistrarStatistics) {
      let counters = statistics.counters
      requests = counters.requests
      retransmissions = counters.retransmissions
      challenges = counters.challenges
      staleChallenges = counters.staleChallenges
      accepted = counters.accepted
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
      medianRefreshLead = statistics.medianRefreshLead?.seconds
    }
  }
}

extension Duration {
  fileprivate var seconds: Double { self / .seconds(1) }
}
