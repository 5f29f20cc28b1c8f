import SIPMessage

/// What an operator configured for one address of record (RFC 3261 §10). A copy is one pointer: the configuration and
/// the user agent hold the same account.
package struct Account: Sendable, Equatable {
  /// All of it. What many accounts have in common is shared, too.
  private final class Storage: Sendable {
    let name: String
    let addressOfRecord: URI
    let registrar: URI
    let credentials: ShortList<Credential>
    let routes: [RouteSet]
    let habits: Habits
    let expires: UInt32

    init(
      name: String, addressOfRecord: URI, registrar: URI, credentials: ShortList<Credential>, routes: [RouteSet],
      habits: Habits, expires: UInt32
    ) {
      precondition(!routes.isEmpty, "an account without a route has at least the direct one")
      self.name = name
      self.addressOfRecord = addressOfRecord
      self.registrar = registrar
      self.credentials = credentials
      self.routes = routes
      self.habits = habits
      self.expires = expires
    }
  }

  private var storage: Storage

  /// - Parameter similar: an account whose contact and policy are shared where they are the same
  package init(
    name: String, addressOfRecord: URI, from: URI? = nil, registrar: URI, credentials: [Credential] = [],
    routes: [RouteSet] = [.direct], contact: ContactSettings = ContactSettings(), expires: UInt32 = 3600,
    policy: RegistrationPolicy = .standard, similar: Account? = nil
  ) {
    storage = Storage(
      name: name, addressOfRecord: addressOfRecord, registrar: registrar, credentials: ShortList(credentials),
      routes: routes, habits: Habits.of(contact, policy, from, nil, or: similar?.storage.habits), expires: expires)
  }

  /// One that shares with another whatever is not named here.
  ///
  /// - Parameters:
  ///   - username: where that of each credential stands in `text`; nil: as the other's.
  ///   - password: the same.
  package init(
    like other: Account, name: String, addressOfRecord: URI, username: Range<Int>?, password: Range<Int>?,
    of text: Span<UInt8>
  ) {
    var credentials = other.credentials
    if username != nil || password != nil {
      credentials.updateEach { $0 = Credential(like: $0, username: username, secret: password, of: text) }
    }
    storage = Storage(
      name: name, addressOfRecord: addressOfRecord, registrar: other.registrar, credentials: credentials,
      routes: other.routes, habits: other.storage.habits, expires: other.expires)
  }

  package static func == (left: Account, right: Account) -> Bool {
    left.storage === right.storage
      || left.name == right.name && left.addressOfRecord == right.addressOfRecord
        && left.registrar == right.registrar && left.credentials == right.credentials && left.routes == right.routes
        && left.expires == right.expires && left.storage.habits == right.storage.habits
  }

  /// Whether the identity (Call-ID, From tag, CSeq) carries over from `other`: it belongs to an address of record at a
  /// registrar, not to how it is reached.
  package func continues(_ other: Account) -> Bool {
    name == other.name && addressOfRecord == other.addressOfRecord && registrar == other.registrar
  }
}

extension Account {
  /// Unique in the daemon; the key of its state.
  package var name: String {
    get { storage.name }
    set { storage = copy(name: newValue) }
  }
  /// To, and From unless `from` says otherwise.
  package var addressOfRecord: URI {
    get { storage.addressOfRecord }
    set { storage = copy(addressOfRecord: newValue) }
  }
  /// From of a third-party registration (§10.2).
  package var from: URI? {
    get { storage.habits.from }
    set { storage = copy(habits: Habits.of(contact, policy, newValue, outbound, or: storage.habits)) }
  }
  /// The Request-URI: a domain without a user part (§10.2).
  package var registrar: URI {
    get { storage.registrar }
    set { storage = copy(registrar: newValue) }
  }
  package var credentials: ShortList<Credential> {
    get { storage.credentials }
    set { storage = copy(credentials: newValue) }
  }
  /// As many as the flags of an attempt and a registrant can tell apart.
  package static let maximumRoutes = 32

  /// In order of preference; one at least, `maximumRoutes` at most. Each is a chain of its own.
  package var routes: [RouteSet] {
    get { storage.routes }
    set { storage = copy(routes: newValue) }
  }
  package var contact: ContactSettings {
    get { storage.habits.contact }
    set { storage = copy(habits: Habits.of(newValue, policy, from, outbound, or: storage.habits)) }
  }
  /// What is asked for, in seconds: 1…
  package var expires: UInt32 {
    get { storage.expires }
    set { storage = copy(expires: newValue) }
  }
  package var policy: RegistrationPolicy {
    get { storage.habits.policy }
    set { storage = copy(habits: Habits.of(contact, newValue, from, outbound, or: storage.habits)) }
  }
  /// Which flow it is registered over; nil: without outbound.
  package var outbound: OutboundFlow? {
    get { storage.habits.outbound }
    set { storage = copy(habits: Habits.of(contact, policy, from, newValue, or: storage.habits)) }
  }

  private func copy(
    name: String? = nil, addressOfRecord: URI? = nil, registrar: URI? = nil, credentials: ShortList<Credential>? = nil,
    routes: [RouteSet]? = nil, habits: Habits? = nil, expires: UInt32? = nil
  ) -> Storage {
    Storage(
      name: name ?? storage.name, addressOfRecord: addressOfRecord ?? storage.addressOfRecord,
      registrar: registrar ?? storage.registrar, credentials: credentials ?? storage.credentials,
      routes: routes ?? storage.routes, habits: habits ?? storage.habits, expires: expires ?? storage.expires)
  }
}

/// What hardly any two accounts of a daemon differ in, once for all that have the same.
private final class Habits: Sendable, Equatable {
  let contact: ContactSettings
  let policy: RegistrationPolicy
  let from: URI?
  let outbound: OutboundFlow?
  private static let standard = Habits(ContactSettings(), .standard, nil, nil)

  private init(_ contact: ContactSettings, _ policy: RegistrationPolicy, _ from: URI?, _ outbound: OutboundFlow?) {
    self.contact = contact
    self.policy = policy
    self.from = from
    self.outbound = outbound
  }

  static func of(
    _ contact: ContactSettings, _ policy: RegistrationPolicy, _ from: URI?, _ outbound: OutboundFlow?, or known: Habits?
  ) -> Habits {
    for known in [standard, known ?? standard]
    where known.contact == contact && known.policy == policy && known.from == from && known.outbound == outbound {
      return known
    }
    return Habits(contact, policy, from, outbound)
  }

  static func == (left: Habits, right: Habits) -> Bool {
    left === right
      || left.contact == right.contact && left.policy == right.policy && left.from == right.from
        && left.outbound == right.outbound
  }
}
