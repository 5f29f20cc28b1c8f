import SIPMessage
import SIPTransaction

/// Everything a user agent holds of one account.
struct Registrant: Sendable {
  /// What hardly ever changes, behind one pointer: a registrant is copied while its REGISTER is made.
  private var constants: Constants
  var cSeq: CSeqSpace
  var registration: Registration
  /// The number of the next hop of each route.
  var hops: [Int32]
  /// The routes whose hops it stands in line for.
  var lines = RouteFlags()
  /// The routes that it would rather be bound through.
  var displacedFrom = RouteFlags()
  var attempt: Attempt?
  /// Which lookup is being waited for: the answer to a former one is known as such.
  var locationSerial: UInt32 = 0
  var authenticator: Authenticator
  /// What a 423 taught, in seconds.
  var minimumExpires: UInt32?
  /// What a 420 taught: some registrars do not want Path.
  var offersPath = true
  /// How the peers see us from beyond a NAT, where the Contact follows that.
  var seenAs: Endpoint?
  /// Changes of that in a row.
  var addressChanges: UInt8 = 0
  var timer: ArmedTimer = ArmedTimer()
  /// The account changed while a REGISTER was in flight.
  var needsAnother = false
  /// Paused, or about to be: an operator's word holds over a restart, whatever the registration is doing.
  var isPausedByOperator = false
  var sentAt: Instant = .origin
  var contact: OwnContact?
  var asked: UInt32 = 0
  var exchanges: [Exchange] = []
  var lastFailure: Failure?

  private final class Constants: Sendable {
    let account: Account
    let identity: Identity

    init(account: Account, identity: Identity) {
      self.account = account
      self.identity = identity
    }
  }

  init(
    account: Account, identity: Identity, hops: [Int32], cSeq: CSeqSpace, registration: Registration,
    authenticator: Authenticator, minimumExpires: UInt32? = nil,
    isPausedByOperator: Bool = false
  ) {
    constants = Constants(account: account, identity: identity)
    self.hops = hops
    self.cSeq = cSeq
    self.registration = registration
    self.authenticator = authenticator
    self.minimumExpires = minimumExpires
    self.isPausedByOperator = isPausedByOperator
  }

  var account: Account {
    get { constants.account }
    set { constants = Constants(account: newValue, identity: constants.identity) }
  }

  var identity: Identity { constants.identity }

  /// The one timer of an account.
  struct ArmedTimer: Sendable {
    var generation: UInt32 = 0
    var deadline: Instant?
  }

  /// What has to survive now.
  var record: RegistrationRecord {
    RegistrationRecord(
      callID: identity.callID, fromTag: identity.fromTag, cSeqCeiling: cSeq.ceiling, binding: registration.binding,
      nonces: authenticator.nonces, minimumExpires: minimumExpires, pause: pause)
  }

  var pause: PauseReason? {
    if isPausedByOperator { return .byOperator }
    switch registration.state {
    case .paused(let reason, _, _): return reason
    case .unregistered, .registering, .registered, .refreshing, .waiting, .unregistering, .ended: return nil
    }
  }

  /// Tells this Contact from others of the same user: as stable as the identity, and short.
  var mark: String { String(identity.fromTag.prefix(8)) }

  /// Beyond a NAT the Contact of a former run tells how we were seen.
  mutating func recallAddress() {
    guard account.contact.followsNAT, account.contact.host == nil, let binding = registration.binding,
      let uri = try? URI(parsing: binding.contact[...]), case .address(let address)? = uri.host
    else { return }
    let seen = Endpoint(address: address, port: uri.port ?? TransportProtocol.udp.defaultPort)
    seenAs = seen == binding.local ? nil : seen
  }

  /// The address to try first: what holds the binding, or else what answered somebody last.
  func preferredTarget(_ hops: [NextHop]) -> Target? {
    if let binding = registration.binding, binding.routeIndex == attempt?.routeIndex { return binding.target }
    return attempt?.engagement.flatMap { hops[$0.hop].goodTarget }
  }

  var nextDeadline: Instant? { Instant.earliest(registration.deadline, attempt?.nextDeadline) }

  /// Where a request of this attempt goes (RFC 3261 §8.1.2).
  func application(of attempt: Attempt) -> RouteSet.Application {
    let target = attempt.redirectedURI ?? account.registrar
    if let proxy = attempt.redirectedProxy { return RouteSet(proxies: [proxy]).applied(to: target) }
    return account.routes[attempt.routeIndex % account.routes.count].applied(to: target)
  }

  /// How long to wait after everything failed: what the peer asks for, else the back-off. An account that was configured
  /// otherwise meanwhile does not wait for the old one's failures; one that is still bound does not wait until it is
  /// not, but a quarter of what is left.
  func delay(afterFailureOf attempt: Attempt, chance: UInt64, now: Instant) -> Duration {
    let policy = account.policy
    if needsAnother { return policy.minimumInterval }
    if let retryAfter = attempt.retryAfter { return Backoff.delay(retryAfter: retryAfter, policy: policy) }
    let delay = Backoff.delay(after: registration.failures + 1, policy: policy, chance: chance)
    guard let binding = registration.binding else { return delay }
    return min(delay, max(policy.minimumInterval, (binding.expiresAt - now) / 4))
  }

  mutating func note(_ outcome: Exchange.Outcome, target: Target, answered: Bool, now: Instant) {
    // A row of successes says no more than its last one.
    let isNoNews = lastFailure == nil && exchanges.count == 1 && outcome.isAccepted
    if isNoNews || exchanges.count >= Exchange.kept { exchanges.removeFirst() }
    exchanges.append(
      Exchange(sentAt: sentAt, target: target, outcome: outcome, roundTrip: answered ? now - sentAt : nil))
    switch outcome {
    case .accepted: lastFailure = nil
    case .failed(let failure): lastFailure = failure
    }
  }
}
