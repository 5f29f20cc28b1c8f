import SIPMessage
import SIPUserAgent

/// What the keys of one table come to, before anything is missed: first those of `[defaults]`, over them the account's.
struct AccountDraft {
  /// The transports that a `transport` key can ask for.
  enum Transport: String, CaseIterable {
    case udp, tcp

    var value: TransportProtocol {
      switch self {
      case .udp: .udp
      case .tcp: .tcp
      }
    }
  }

  /// What an account proves itself with; a table that says anything about it says all of it.
  enum Proof {
    /// For the draft's own username and realm.
    case secrets([Credential.Secret])
    case credentials([CredentialDraft])
  }

  struct CredentialDraft {
    var username: String?
    var realm: String?
    var secrets: [Credential.Secret]
    var line: Int
  }

  var name: String?
  var addressOfRecord: URI?
  var from: URI?
  var registrar: URI?
  var isEnabled = true
  var username: String?
  var realm: String?
  var proof: Proof?
  /// nil: straight to the registrar.
  var routes: [RouteSet]?
  var transport: Transport?
  var contact = ContactSettings()
  var expires: UInt32 = 3_600
  var policy = RegistrationPolicy.standard
}

/// Keeps one copy of each value, so that a million accounts behind one proxy hold its route set once.
struct SharedValues<Value: Hashable> {
  private var known: Set<Value> = []

  mutating func shared(_ value: Value) -> Value { known.insert(value).memberAfterInsert }
}
