/// One account, as a line of a table: type `Account` of the interface file.
package struct AccountReport: Codable, Sendable, Equatable {
  package var name: String
  package var aor: String
  package var registrar: String
  package var state: RegistrationState
  /// The registrar holds a binding, whatever is being done.
  package var bound: Bool
  /// It is meant to be bound: no operator has paused it, and it is not being taken out.
  package var wanted: Bool
  package var reason: String?
  package var expiresAt: Timestamp?
  /// Seconds, negative when the binding has lapsed.
  package var expiresIn: Int?
  package var nextAction: String?
  package var nextActionAt: Timestamp?
  package var via: String?
  package var contact: String?
  package var failures: Int
  package var lastStatus: Int?
  package var lastReason: String?

  package init(
    name: String, aor: String, registrar: String, state: RegistrationState, bound: Bool? = nil, wanted: Bool = true,
    reason: String? = nil, expiresAt: Timestamp? = nil, expiresIn: Int? = nil, nextAction: String? = nil,
    nextActionAt: Timestamp? = nil,
    via: String? = nil, contact: String? = nil, failures: Int = 0, lastStatus: Int? = nil, lastReason: String? = nil
  ) {
    self.name = name
    self.aor = aor
    self.registrar = registrar
    self.state = state
    self.bound = bound ?? state.isRegistered
    self.wanted = wanted
    self.reason = reason
    self.expiresAt = expiresAt
    self.expiresIn = expiresIn
    self.nextAction = nextAction
    self.nextActionAt = nextActionAt
    self.via = via
    self.contact = contact
    self.failures = failures
    self.lastStatus = lastStatus
    self.lastReason = lastReason
  }

  enum CodingKeys: String, CodingKey {
    case name, aor, registrar, state, bound, wanted, reason, via, contact, failures
    case expiresAt = "expires_at"
    case expiresIn = "expires_in"
    case nextAction = "next_action"
    case nextActionAt = "next_action_at"
    case lastStatus = "last_status"
    case lastReason = "last_reason"
  }
}

extension AccountReport {
  /// Nothing to look at: it is bound, or nobody wants it to be.
  package var isAsWanted: Bool { bound || !wanted }
}

extension AccountReport: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("aor", aor)
      json.member("bound", bound)
      json.member("contact", contact)
      json.member("expires_at", expiresAt)
      json.member("expires_in", expiresIn)
      json.member("failures", failures)
      json.member("last_reason", lastReason)
      json.member("last_status", lastStatus)
      json.member("name", name)
      json.member("next_action", nextAction)
      json.member("next_action_at", nextActionAt)
      json.member("reason", reason)
      json.member("registrar", registrar)
      json.member("state", state)
      json.member("via", via)
      json.member("wanted", wanted)
    }
  }
}
