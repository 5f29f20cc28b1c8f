/// Something happened to an account: type `Event` of the interface file.
package struct RegistrationEvent: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable, CaseIterable {
    case added, changed, removed
    case registered, refreshed, step, discarded, failed, lapsed, paused, resumed, unregistered, request
  }

  package var at: Timestamp
  package var account: String
  package var aor: String
  package var kind: Kind
  package var state: RegistrationState
  package var previousState: RegistrationState?
  package var status: Int?
  /// One line for people.
  package var text: String

  package init(
    at: Timestamp, account: String, aor: String, kind: Kind, state: RegistrationState,
    previousState: RegistrationState? = nil, status: Int? = nil, text: String
  ) {
    self.at = at
    self.account = account
    self.aor = aor
    self.kind = kind
    self.state = state
    self.previousState = previousState
    self.status = status
    self.text = text
  }

  enum CodingKeys: String, CodingKey {
    case at, account, aor, kind, state, status, text
    case previousState = "previous_state"
  }
}

extension RegistrationEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("account", account)
      json.member("aor", aor)
      json.member("at", at)
      json.member("kind", kind)
      json.member("previous_state", previousState)
      json.member("state", state)
      json.member("status", status)
      json.member("text", text)
    }
  }
}

extension RegistrationEvent.Kind: JSONWritable {}
