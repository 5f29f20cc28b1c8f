import SIPMessage

/// What others want to know of a registrar, and do to it.
extension Registrar {
  // MARK: Expiry

  /// Expired bindings are taken away when somebody looks; nobody can tell the difference, and it needs no timer.
  mutating func expire(at now: Instant) {
    for number in 0..<records.count { counters.lapses += records[number].expire(at: now) }
  }

  // MARK: Control

  /// Every nonce given out so far is stale from now on.
  package mutating func voidNonces() { verifier.voidNonces() }

  /// A benchmark begins with something else: how early refreshes come, and what was first and last, is looked at anew.
  package mutating func beginSpan() {
    leads = LeadHistogram()
    (counters.firstRequestAt, counters.lastRegistrationAt, counters.lastRefreshAt) = (nil, nil, nil)
  }

  /// All bindings and nonces are lost, as when a registrar without a database starts anew. What was bound then is no
  /// lapse, since nobody is to blame; what had ended before and was not looked at since is one.
  package mutating func reboot(at now: Instant) {
    expire(at: now)
    verifier.voidNonces()
    for number in 0..<records.count {
      records[number].bindings = Bindings()
      records[number].lastRequest = nil
    }
  }

  package mutating func statistics(at now: Instant) -> RegistrarStatistics {
    expire(at: now)
    return RegistrarStatistics(
      counters: counters, addressesOfRecord: records.count,
      bindings: (0..<records.count).reduce(0) { $0 + records[$1].bindings.count },
      leastRefreshLead: leads.least, lowRefreshLead: leads.percentile(1), medianRefreshLead: leads.percentile(50))
  }

  /// Sorted by address-of-record.
  package mutating func bindings(at now: Instant) -> [BindingDescription] {
    expire(at: now)
    let found = (0..<records.count).flatMap { number in
      records[number].bindings.map { binding in
        BindingDescription(
          addressOfRecord: "sip:\(records.name(of: number).text)", contact: binding.uri.text,
          path: binding.path.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map(
            \.text),
          callID: binding.callID.text, cSeq: binding.cSeq, expiresIn: binding.expires - now)
      }
    }
    return found.sorted { ($0.addressOfRecord, $0.contact) < ($1.addressOfRecord, $1.contact) }
  }
}
