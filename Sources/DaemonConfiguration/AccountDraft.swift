import SIPMessage
import SIPUserAgent

/// What the keys of one table come to, before anything is missed: first those of `[defaults]`, over them the account's.
struct AccountDraft {
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
  /// The resource of a WebSocket that stands in what `registrar` says.
  var webSocketPath: String?
  /// nil: straight to the registrar.
  var proxy: ProxyDraft?
  /// What the table itself says; that of `[defaults]` is not in an account's.
  var terms = ConnectionTerms()
  var contact = ContactSettings()
  var expires: UInt32 = 3_600
  var policy = RegistrationPolicy.standard
}

/// An outbound proxy as it is written, and on which terms it is spoken to.
struct ProxyDraft: Hashable {
  /// Alternatives, in order; none was read where something is wrong with each.
  var routes: [RouteDraft]
  var terms = ConnectionTerms()
}

/// One chain of proxies. Empty: straight to the registrar.
struct RouteDraft: Hashable {
  var proxies: [URI] = []
  /// The resource of a WebSocket that stands in the first of them.
  var webSocketPath: String?
}

/// Keeps one copy of each value, so that a million accounts behind one proxy hold its route set once.
struct SharedValues<Value: Hashable> {
  private var known: Set<Value> = []

  mutating func shared(_ value: Value) -> Value { known.insert(value).memberAfterInsert }
}
