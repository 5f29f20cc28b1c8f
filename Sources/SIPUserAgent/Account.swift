import SIPMessage

/// Which account of a user agent, as a number: the shell numbers its accounts from 0.
package struct AccountID: Hashable, Sendable, Comparable {
  package let index: Int32

  package init(index: Int) { self.index = Int32(index) }

  package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}

/// What an operator configured for one address of record (RFC 3261 §10).
package struct Account: Sendable, Equatable {
  /// Unique in the daemon; the key of its state.
  package var name: String
  /// To, and From unless `from` says otherwise.
  package var addressOfRecord: URI
  /// From of a third-party registration (§10.2).
  package var from: URI?
  /// The Request-URI: a domain without a user part (§10.2).
  package var registrar: URI
  package var credentials: [Credential]
  /// In order of preference; one at least. Each is a chain of its own.
  package var routes: [RouteSet]
  package var contact: ContactSettings
  /// What is asked for, in seconds: 1…
  package var expires: UInt32
  private var sharedPolicy: SharedPolicy

  package init(
    name: String, addressOfRecord: URI, from: URI? = nil, registrar: URI, credentials: [Credential] = [],
    routes: [RouteSet] = [.direct], contact: ContactSettings = ContactSettings(), expires: UInt32 = 3600,
    policy: RegistrationPolicy = .standard
  ) {
    precondition(!routes.isEmpty, "an account without a route has at least the direct one")
    self.name = name
    self.addressOfRecord = addressOfRecord
    self.from = from
    self.registrar = registrar
    self.credentials = credentials
    self.routes = routes
    self.contact = contact
    self.expires = expires
    sharedPolicy = SharedPolicy.of(policy)
  }

  package var policy: RegistrationPolicy {
    get { sharedPolicy.policy }
    set { sharedPolicy = SharedPolicy.of(newValue) }
  }

  /// Whether the identity (Call-ID, From tag, CSeq) carries over from `other`: it belongs to an address of record at a
  /// registrar, not to how it is reached.
  package func continues(_ other: Account) -> Bool {
    name == other.name && addressOfRecord == other.addressOfRecord && registrar == other.registrar
  }
}

/// One policy for the many accounts that have the same.
private final class SharedPolicy: Sendable, Equatable {
  let policy: RegistrationPolicy
  private static let standard = SharedPolicy(.standard)

  private init(_ policy: RegistrationPolicy) { self.policy = policy }

  static func of(_ policy: RegistrationPolicy) -> SharedPolicy {
    policy == .standard ? standard : SharedPolicy(policy)
  }

  static func == (left: SharedPolicy, right: SharedPolicy) -> Bool {
    left === right || left.policy == right.policy
  }
}

/// What stands in Contact instead of the local address: a registration on behalf of another host is normal.
package struct ContactSettings: Sendable, Hashable {
  /// nil: the user part of the address of record.
  package var user: String?
  /// nil: the local address towards the next hop.
  package var host: Host?
  /// nil: the local port, or none with a host of its own.
  package var port: UInt16?
  /// The address in `received` and `rport` (RFC 3581) takes the place of the local one: for a NAT that nobody helps with.
  package var followsNAT: Bool
  /// URI parameters, as `;name=value`, empty or beginning with a semicolon.
  package var parameters: String

  package init(
    user: String? = nil, host: Host? = nil, port: UInt16? = nil, followsNAT: Bool = false,
    parameters: String = ""
  ) {
    self.user = user
    self.host = host
    self.port = port
    self.followsNAT = followsNAT
    self.parameters = parameters
  }
}
