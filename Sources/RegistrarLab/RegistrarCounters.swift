import SIPMessage

/// What a registrar has seen since it was made. A reboot of the lab's registrar leaves them as they are.
package struct RegistrarCounters: Sendable, Equatable {
  /// REGISTER requests, their retransmissions among them.
  package var requests: UInt64 = 0
  /// Requests that were answered again and changed nothing.
  package var retransmissions: UInt64 = 0
  /// 401, with or without stale.
  package var challenges: UInt64 = 0
  /// Challenges that said stale.
  package var staleChallenges: UInt64 = 0
  /// Requests whose bindings were made, renewed or removed, and queries.
  package var accepted: UInt64 = 0
  /// Bindings made that were not there, or no longer.
  package var registrations: UInt64 = 0
  /// Bindings renewed before they expired.
  package var refreshes: UInt64 = 0
  /// Bindings removed by request.
  package var removed: UInt64 = 0
  /// REGISTER requests with a final answer that is neither 2xx nor a challenge.
  package var refused: UInt64 = 0
  /// What could not be read, and requests with a defect.
  package var malformed: UInt64 = 0
  /// Bindings that expired, neither renewed nor removed.
  package var lapses: UInt64 = 0
  /// A contact that came back with another Call-ID (§10.2 asks for one Call-ID for all registrations of a client).
  package var callIDChanges: UInt64 = 0
  /// A Call-ID that is known came with a CSeq that did not rise (§10.2).
  package var cSeqViolations: UInt64 = 0
  /// When the first REGISTER of the span came, the last binding was made, and the last one renewed.
  package var firstRequestAt: Instant?
  package var lastRegistrationAt: Instant?
  package var lastRefreshAt: Instant?

  package init() {}
}

package struct RegistrarStatistics: Sendable, Equatable {
  package var counters = RegistrarCounters()
  /// Addresses-of-record that ever had a binding.
  package var addressesOfRecord = 0
  /// Bindings that have not expired.
  package var bindings = 0
  /// Expiry minus the time of the refresh.
  package var leastRefreshLead: Duration?
  /// 99 of 100 were more.
  package var lowRefreshLead: Duration?
  package var medianRefreshLead: Duration?
}
