import SIPMessage
import SIPTransaction
import SIPTransport

/// A registrar and its location service (RFC 3261 §10.3, Path by RFC 3327), for demonstrations, tests and benchmarks.
///
/// An honest one: digest, nonces with an end, expiry, CSeq order. It keeps no transactions: a retransmission is known by
/// what the address-of-record was last told, so that memory depends on accounts and not on requests. Only the last
/// request of an address-of-record is known that way. It does not route calls and takes any domain for its own.
package struct Registrar: Element {
  package struct Settings: Sendable {
    package var digest = DigestVerifier.Settings()
    /// Off: everybody gets in.
    package var challenges = true
    /// In seconds: what is shorter is answered with 423.
    package var minimumExpires: UInt32 = 1
    /// In seconds: what is longer is shortened.
    package var maximumExpires: UInt32 = 7200
    /// In seconds: where the request names none.
    package var defaultExpires: UInt32 = 3600
    /// Contacts of one address-of-record.
    package var maximumContacts = 32

    package init() {}
  }

  static let capabilities = Capabilities(optionTags: ["path"])

  package var faults = Faults.none
  let settings: Settings
  var verifier: DigestVerifier
  var records: [AddressOfRecord: Record] = [:]
  var counters = RegistrarCounters()
  var leads = LeadHistogram()

  package init(_ settings: Settings = Settings(), seed: UInt64 = 0) {
    self.settings = settings
    verifier = DigestVerifier(settings.digest, as: .server, seed: seed)
  }

  // MARK: Receiving

  package mutating func receive(_ bytes: [UInt8], over flow: Flow, at now: Instant) -> Outbound? {
    guard let message = try? Message(parsing: bytes, as: flow.target.transport.isReliable ? .stream : .datagram) else {
      counters.malformed += 1
      return nil
    }
    guard let method = message.method, method != .ack else { return nil }
    return message.answered(answer(message, method, at: now), over: flow)
  }

  private mutating func answer(_ message: Message, _ method: Method, at now: Instant) -> Answer {
    if let defect = message.defect(for: Self.capabilities) {
      counters.malformed += 1
      return Answer(defect)
    }
    switch method {
    case .register: return register(message, at: now)
    case .options: return Answer(200, "OK", [(.allow, Self.allowed)])
    case .cancel: return Answer(481, "Call/Transaction Does Not Exist")
    default: return Answer(405, "Method Not Allowed", [(.allow, Self.allowed)])
    }
  }

  private static let allowed = Array("REGISTER, OPTIONS".utf8)

  private mutating func register(_ message: Message, at now: Instant) -> Answer {
    counters.requests += 1
    counters.firstRequestAt = counters.firstRequestAt ?? now
    let answer = faults.isUnavailable ? .unavailable(retryAfter: faults.retryAfter) : admit(message, at: now)
    if answer.status >= 300, answer.status != 401 { counters.refused += 1 }
    return answer
  }

  /// §10.3 steps 3 to 5.
  private mutating func admit(_ message: Message, at now: Instant) -> Answer {
    if settings.challenges {
      switch verifier.verify(message, at: now) {
      case .accepted: break
      case .wrong where faults.forbidsWrongPassword: return Answer(403, "Forbidden")
      case .missing, .wrong: return challenge(isStale: false, at: now)
      case .stale: return challenge(isStale: true, at: now)
      }
    }
    guard let to = try? message.to(), let aor = AddressOfRecord(to.uri) else { return Answer(404, "Not Found") }
    return update(aor, by: message, at: now)
  }

  private mutating func challenge(isStale: Bool, at now: Instant) -> Answer {
    counters.challenges += 1
    if isStale { counters.staleChallenges += 1 }
    return verifier.challenge(isStale: isStale, at: now)
  }

  // MARK: Expiry

  /// Expired bindings are taken away when somebody looks; nobody can tell the difference, and it needs no timer.
  mutating func expire(at now: Instant) {
    for index in records.values.indices { counters.lapses += records.values[index].expire(at: now) }
  }

  // MARK: Control

  /// Every nonce given out so far is stale from now on.
  package mutating func voidNonces() { verifier.voidNonces() }

  /// A benchmark begins with something else: how early refreshes come, and what was first and last, is looked at anew.
  package mutating func beginSpan() {
    leads = LeadHistogram()
    (counters.firstRequestAt, counters.lastRegistrationAt, counters.lastRefreshAt) = (nil, nil, nil)
  }

  /// All bindings and nonces are lost, as when a registrar without a database starts anew. No lapse: nobody is to blame.
  package mutating func reboot() {
    verifier.voidNonces()
    for index in records.values.indices {
      records.values[index].bindings = []
      records.values[index].lastRequest = nil
    }
  }

  package mutating func statistics(at now: Instant) -> RegistrarStatistics {
    expire(at: now)
    return RegistrarStatistics(
      counters: counters, addressesOfRecord: records.count,
      bindings: records.values.reduce(0) { $0 + $1.bindings.count },
      leastRefreshLead: leads.least, lowRefreshLead: leads.percentile(1), medianRefreshLead: leads.percentile(50))
  }

  /// Sorted by address-of-record.
  package mutating func bindings(at now: Instant) -> [BindingDescription] {
    expire(at: now)
    let found = records.flatMap { aor, record in
      record.bindings.map { binding in
        BindingDescription(
          addressOfRecord: aor.description, contact: binding.contact.description,
          path: binding.path.map { String(decoding: $0, as: UTF8.self) },
          callID: String(decoding: binding.callID, as: UTF8.self), cSeq: binding.cSeq,
          expiresIn: binding.expires - now)
      }
    }
    return found.sorted { ($0.addressOfRecord, $0.contact) < ($1.addressOfRecord, $1.contact) }
  }
}
