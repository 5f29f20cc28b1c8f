import SIPMessage

/// What of an account survives the process: enough to resume a live binding without sending anything, and never to
/// repeat a CSeq (RFC 3261 §10.2.4).
package struct RegistrationRecord: Sendable, Equatable {
  private var recorded: RecordedIdentity
  /// No request of this Call-ID had this number or a higher one: whoever resumes begins here.
  package var cSeqCeiling: UInt32
  package var binding: Binding?
  private(set) var fewNonces: ShortList<CachedNonce>
  /// What a 423 taught, in seconds.
  package var minimumExpires: UInt32?
  package var pause: PauseReason?
  /// The fingerprint of secrets that were rejected (`Credential.fingerprint`): they are not tried again at every start.
  package var rejected: UInt16?
}

extension RegistrationRecord {
  package init(
    callID: String, fromTag: String, cSeqCeiling: UInt32, binding: Binding? = nil, nonces: [CachedNonce] = [],
    minimumExpires: UInt32? = nil, pause: PauseReason? = nil, rejected: UInt16? = nil
  ) {
    self.init(
      recorded: RecordedIdentity(Identity(callID: callID, fromTag: fromTag)), cSeqCeiling: cSeqCeiling,
      binding: binding, fewNonces: ShortList(nonces), minimumExpires: minimumExpires, pause: pause, rejected: rejected)
  }

  /// One that was stored.
  package init(
    identity: consuming RecordedIdentity, cSeqCeiling: UInt32, binding: consuming Binding?, nonces: [CachedNonce],
    minimumExpires: UInt32?, pause: PauseReason?, rejected: UInt16?
  ) {
    self.init(
      recorded: identity, cSeqCeiling: cSeqCeiling, binding: binding, fewNonces: ShortList(nonces),
      minimumExpires: minimumExpires, pause: pause, rejected: rejected)
  }

  init(
    identity: CompactIdentity, addressOfRecord: URI, cSeqCeiling: UInt32, binding: consuming Binding?,
    nonces: consuming ShortList<CachedNonce>, minimumExpires: UInt32?, pause: PauseReason?, rejected: UInt16? = nil
  ) {
    self.init(
      recorded: RecordedIdentity(identity, addressOfRecord: addressOfRecord), cSeqCeiling: cSeqCeiling,
      binding: binding, fewNonces: nonces, minimumExpires: minimumExpires, pause: pause, rejected: rejected)
  }
}

extension RegistrationRecord {
  /// `UUID@domain`, made once.
  package var callID: String {
    get { identity.callID }
    set { recorded = RecordedIdentity(Identity(callID: newValue, fromTag: fromTag)) }
  }

  package var fromTag: String {
    get { identity.fromTag }
    set { recorded = RecordedIdentity(Identity(callID: callID, fromTag: newValue)) }
  }

  package var identity: Identity { recorded.identity }

  /// Writes the Call-ID behind other bytes.
  package func append(callIDTo bytes: inout [UInt8]) { recorded.append(callIDTo: &bytes) }
  /// Writes the From tag behind other bytes.
  package func append(fromTagTo bytes: inout [UInt8]) { recorded.append(fromTagTo: &bytes) }

  /// One for each server and proxy that asked.
  package var nonces: [CachedNonce] {
    get { Array(fewNonces) }
    set { fewNonces = ShortList(newValue) }
  }

  package var hasNonces: Bool { !fewNonces.isEmpty }

  /// The nonces in order, without a list of their own.
  package func forEachNonce(_ body: (CachedNonce) -> Void) { fewNonces.forEachLent(body) }
}

extension RegistrationRecord {
  /// The identity with which an account of this address can go on; nil when it can not. What a damaged file holds is not
  /// put into a request, and a ceiling at the end of the numbers leaves no room: a new identity is better than none.
  func usableIdentity(by addressOfRecord: URI) -> CompactIdentity? {
    CSeqSpace.hasRoom(cSeqCeiling) ? recorded.usable(by: addressOfRecord) : nil
  }
}

/// A refresh that changed nothing but times and counts: all of the record that has to be stored then.
package struct Renewal: Sendable, Equatable {
  /// Of the record, as `RegistrationRecord.key`.
  package var key: UInt64
  package var registeredAt: Instant
  package var expiresAt: Instant
  /// The highest of all its nonces: a count that is left out harms nobody, one that is used twice is a replay.
  package var nonceCount: UInt32

  package init(key: UInt64, registeredAt: Instant, expiresAt: Instant, nonceCount: UInt32) {
    self.key = key
    self.registeredAt = registeredAt
    self.expiresAt = expiresAt
    self.nonceCount = nonceCount
  }
}

extension RegistrationRecord {
  /// Tells the record from all others: the From tag is 64 bits of chance. One of another form is hashed (FNV-1a).
  package var key: UInt64 { recorded.key }

  static func key(ofTag tag: String) -> UInt64 {
    if tag.utf8.count == 16, let number = UInt64(tag, radix: 16) { return number }
    return tag.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Brings the record up to a refresh that came after it.
  package mutating func renew(_ renewal: Renewal) {
    binding?.registeredAt = renewal.registeredAt
    binding?.expiresAt = renewal.expiresAt
    fewNonces.updateEach { $0.count = max($0.count, renewal.nonceCount) }
  }
}

/// A binding that the registrar granted (RFC 3261 §10.3).
package struct Binding: Sendable, Equatable {
  package var registeredAt: Instant
  package var expiresAt: Instant
  /// The URI of our Contact, as sent.
  package var contact: [UInt8]
  /// Where the REGISTER was sent, and the near end of the way there: when that changes, so does the Contact.
  package var way: Way
  /// For requests outside a dialog (RFC 3608), topmost first.
  package var serviceRoute: [URI]
  private var route: Int32

  /// Which of the account's routes holds it.
  package var routeIndex: Int {
    get { Int(route) }
    set { route = Int32(clamping: newValue) }
  }

  package init(
    registeredAt: Instant, expiresAt: Instant, contact: [UInt8], routeIndex: Int, way: Way,
    serviceRoute: [URI] = []
  ) {
    self.registeredAt = registeredAt
    self.expiresAt = expiresAt
    self.contact = contact
    route = Int32(clamping: routeIndex)
    self.way = way
    self.serviceRoute = serviceRoute
  }

  package init(
    registeredAt: Instant, expiresAt: Instant, contact: [UInt8], routeIndex: Int, target: Target, local: Endpoint,
    serviceRoute: [URI] = []
  ) {
    self.init(
      registeredAt: registeredAt, expiresAt: expiresAt, contact: contact, routeIndex: routeIndex,
      way: Way(target: target, local: local), serviceRoute: serviceRoute)
  }

  package enum Limits {
    /// Service-Routes of a registration. There is one as a rule, and hardly a network has more than three hops.
    package static let serviceRoutes = 16
    /// Bytes of all of them: they are kept for every account, and written with every record.
    package static let serviceRouteLength = 2048
  }

  /// The Service-Route of a 2xx (RFC 3608 §5).
  ///
  /// - Returns: none when it can not be read, or is longer than what is kept: a part of it would lead elsewhere.
  static func serviceRoute(of response: Message) -> (route: [URI], isLong: Bool) {
    guard response.contains(.serviceRoute) else { return ([], false) }
    let values = response.values(.serviceRoute)
    guard values.count <= Limits.serviceRoutes, values.reduce(0, { $0 + $1.count }) <= Limits.serviceRouteLength else {
      return ([], true)
    }
    return ((try? response.serviceRoutes())?.map(\.uri) ?? [], false)
  }

  package var target: Target { way.target }
  package var local: Endpoint { way.local }

  /// What the registrar granted.
  package var granted: Duration { expiresAt - registeredAt }

  /// Whether the registrar granted the same again.
  func isSame(as other: Binding) -> Bool {
    contact == other.contact && routeIndex == other.routeIndex && way == other.way
      && serviceRoute == other.serviceRoute
  }

  /// Whether it can be made part of a request: it may come from a damaged file.
  var isUsable: Bool { routeIndex >= 0 && (try? URI(parsing: contact[...])) != nil }
}

/// A nonce that a server gave out, so that the next request is one round trip (RFC 7616 §3.4, nc).
package struct CachedNonce: Sendable, Equatable {
  package var realm: [UInt8]
  /// Empty: it is of no use any more, and only what was accepted is remembered.
  package var nonce: [UInt8]
  package var opaque: [UInt8]?
  /// How often it was used; the next request carries one more.
  package var count: UInt32
  package var source: Challenge.Source
  package var algorithm: DigestAlgorithm
  // Quality and acceptance in one byte: there are as many nonces as accounts.
  private var traits: UInt8

  /// - Parameter isAccepted: a 2xx came with this algorithm
  package init(
    source: Challenge.Source, realm: [UInt8], nonce: [UInt8], opaque: [UInt8]? = nil, algorithm: DigestAlgorithm,
    quality: QualityOfProtection?, count: UInt32, isAccepted: Bool = true
  ) {
    self.source = source
    self.realm = realm
    self.nonce = nonce
    self.opaque = opaque
    self.algorithm = algorithm
    self.count = count
    traits = (quality?.rawValue ?? Self.noQuality) | (isAccepted ? Self.accepted : 0)
  }

  private static let noQuality: UInt8 = 0x7F
  private static let accepted: UInt8 = 0x80

  package var quality: QualityOfProtection? { QualityOfProtection(rawValue: traits & Self.noQuality) }

  package var isAccepted: Bool {
    get { traits & Self.accepted != 0 }
    set { traits = traits & Self.noQuality | (newValue ? Self.accepted : 0) }
  }

  var isSpent: Bool { nonce.isEmpty }

  /// It is not used again.
  mutating func spend() { (nonce, opaque, count) = ([], nil, 0) }
}

/// Why an account rests.
package enum PauseReason: Sendable, Equatable {
  /// `sipregctl pause`.
  case byOperator
  /// The registrar or a proxy said no, with this status.
  case refused(status: UInt16)
  /// The credentials were answered with the same challenge again.
  case credentialsRejected
  /// A challenge that no configured credential answers: another realm, another algorithm.
  case noCredentials
}
