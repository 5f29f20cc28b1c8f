import SIPMessage
import SIPTransaction

/// Everything a user agent holds of one registration and the account that owns it: a few hundred bytes, since there may be
/// a million. What is there only at times stands behind one pointer, and so does what many have in common.
struct Registrant: Sendable {
  /// Whose registration this is.
  let id: AccountID
  /// Its own number: of its timer, of its places in lines, and as the user of its transactions.
  let slot: Int32
  var account: Account {
    // What is on its way was sent as it was; the next Contact is made anew.
    didSet { contactWay = nil }
  }
  // In an order that leaves no gaps.
  let compactIdentity: CompactIdentity
  /// The account changed while a REGISTER was in flight.
  var needsAnother = false
  /// It tries by itself when its timer fires: its place under the rate is taken.
  var hasTurn = false
  /// It goes when the event is over.
  var isForgotten = false
  /// Attempts in a row that failed for reasons of its own, and not with those of others.
  var ownFailures: UInt8 = 0
  /// Paused, or about to be: an operator's word holds over a restart, whatever the registration is doing.
  var isPausedByOperator = false {
    didSet { isRecorded = false }
  }
  /// The record that was handed out last holds for all but times and counts.
  var isRecorded = false
  var cSeq: CSeqSpace
  var registration: Registration
  /// The routes for whose paths it stands in line.
  var lines = RouteFlags()
  /// The routes that it would rather be bound through.
  var displacedFrom = RouteFlags()
  /// The routes over which it was bound: if it is not answered any more, that says something of the path.
  var vouches = RouteFlags()
  /// Which lookup is being waited for: the answer to a former one is known as such.
  var locationSerial: UInt32 = 0
  private(set) var asked: UInt32 = 0
  /// The number of the path of each route.
  var paths: [Int32]
  var learned = OptionalBox<Learned>()
  var timer: ArmedTimer = ArmedTimer()
  private(set) var sentAt: Instant = .origin
  /// As last made, and over which way.
  private(set) var contact: OwnContact?
  var contactWay: Way?
  private var history = History()
  var authenticator: Authenticator

  init(
    id: AccountID, slot: Int32, account: Account, identity: CompactIdentity, paths: [Int32], cSeq: CSeqSpace,
    registration: Registration,
    authenticator: Authenticator, minimumExpires: UInt32? = nil, rejected: UInt16? = nil,
    isPausedByOperator: Bool = false
  ) {
    self.id = id
    self.slot = slot
    self.account = account
    compactIdentity = identity
    self.paths = paths
    self.cSeq = cSeq
    self.registration = registration
    self.authenticator = authenticator
    if minimumExpires != nil || rejected != nil {
      learned.value = Learned(minimumExpires: minimumExpires, rejected: rejected)
    }
    self.isPausedByOperator = isPausedByOperator
  }

  /// The attempt takes its first route.
  mutating func begins(on routeIndex: Int, overall: Instant?, now: Instant) {
    registration.updateAttempt { $0.begins(on: routeIndex, overall: overall, now: now) }
    authenticator.beginAttempt()
    (needsAnother, hasTurn) = (false, false)
  }

  /// The attempt is over, and the registration is told how.
  mutating func ends<Result>(_ end: (inout Registration) -> Result) -> Result {
    authenticator.endAttempt()
    return end(&registration)
  }

  @discardableResult
  @inline(__always)
  mutating func updateAttempt<Result>(_ change: (inout Attempt) -> Result) -> Result? {
    registration.updateAttempt(change)
  }

  // Looked at without a copy of the attempt; nil while there is none.
  var phase: Attempt.Phase? { registration.ofAttempt { $0.phase } }
  var engagement: Attempt.Engagement? { registration.ofAttempt { $0.engagement } ?? nil }
  /// Where the request that was answered went; nil before there was one.
  var goodTarget: Target? { registration.ofAttempt { $0.way?.target } ?? nil }
  /// What was tried on this route before that, in vain.
  var passedTargets: [Target] { registration.ofAttempt { $0.passedTargets } ?? [] }
  var attemptRoute: Int? { registration.ofAttempt { $0.routeIndex } }
  var nextWay: Way? { registration.ofAttempt { $0.current } }
  /// That the last REGISTER of the attempt took.
  var sentWay: Way? { registration.ofAttempt { $0.way } ?? nil }
  var attemptDeadline: Instant? { registration.ofAttempt { $0.nextDeadline } ?? nil }
  var discarded: Discarded? { registration.ofAttempt { $0.discarded } ?? nil }
  var isUnregistering: Bool { registration.ofAttempt { $0.isUnregistering } ?? false }

  var stateName: StateName { registration.state.name }
  @inline(__always) var standing: Standing { Standing(registration) }

  // MARK: Who it is

  var identity: Identity { compactIdentity.identity(domain: Self.domain(of: account.addressOfRecord)) }

  /// The domain of the Call-ID.
  static func domain(of addressOfRecord: URI) -> Host { addressOfRecord.host ?? .name("invalid") }

  /// The key of its record.
  var key: UInt64 { compactIdentity.key }

  /// - Returns: when the timer has to be set for; nil when it is set so already, or for nothing.
  mutating func settleTimer(generation: UInt32) -> Instant? {
    let deadline = nextDeadline
    return timer.settle(deadline, generation: generation) ? deadline : nil
  }

  /// What has to survive now.
  var record: RegistrationRecord {
    var record = RegistrationRecord(
      identity: compactIdentity, addressOfRecord: account.addressOfRecord, cSeqCeiling: cSeq.ceiling,
      binding: registration.binding, nonces: authenticator.nonces, minimumExpires: minimumExpires, pause: pause,
      rejected: rejected)
    if registration.isBound, !learned.isEmpty {
      record.seenFrom = seenFrom
      if let granted { record.granted = granted }
    }
    return record
  }

  /// Hands the record out.
  mutating func handOutRecord() -> RegistrationRecord {
    recorded()
    return record
  }

  /// The record as it is now is where it survives, or will be.
  mutating func recorded() {
    isRecorded = true
    authenticator.recorded()
  }

  var pause: PauseReason? {
    if isPausedByOperator { return .byOperator }
    switch registration.state {
    case .paused(let reason, _): return reason
    case .unregistered, .registering, .registered, .refreshing, .waiting, .unregistering, .ended: return nil
    }
  }

  /// Tells this Contact from others of the same user: as stable as the identity, and short.
  private var mark: [UInt8] { compactIdentity.mark }

  /// Beyond a NAT the Contact of a former run tells how we were seen.
  mutating func recallAddress() {
    guard account.contact.followsNAT, account.contact.host == nil, let binding = registration.binding,
      let uri = try? URI(parsing: binding.contact[...]), case .address(let address)? = uri.host
    else { return }
    let seen = Endpoint(address: address, port: uri.port ?? TransportProtocol.udp.defaultPort)
    guard seen.port > 0, ReflexiveAddress.isReachable(address, from: binding.local.address) else { return }
    seenAs = seen == binding.local ? nil : seen
  }

  /// What holds the binding on the route of the attempt.
  private var preferredTarget: Target? {
    guard let binding = registration.binding, binding.routeIndex == attemptRoute else { return nil }
    var target = binding.target
    // It went over TCP for its size, to what is found as a place for datagrams.
    if isLarge { target.transport = .udp }
    return target
  }

  var nextDeadline: Instant? { Instant.earliest(registration.deadline, attemptDeadline) }

  // Where they are called: a call from what changes an account would be handed a copy of all of it.

  /// For whom the requests of the attempt are.
  @inline(__always) private var target: URI {
    if let uri = registration.ofAttempt({ $0.detour.uri }) ?? nil { return uri }
    return account.registrar
  }

  /// The route set of the attempt, which is on this route of the account (RFC 3261 §8.1.2).
  @inline(__always)
  private func routeSet(on index: Int) -> RouteSet {
    let route = account.routes[index % account.routes.count]
    guard let proxy = registration.ofAttempt({ $0.detour.proxy }) ?? nil else { return route }
    return RouteSet(proxies: [proxy], profile: route.profile)
  }

  /// The attempt looks its next hop up.
  ///
  /// - Parameter serial: tells the answer from others
  /// - Returns: the hop; nil while there is no attempt.
  mutating func locates(serial: UInt32, now: Instant) -> HopURI? {
    guard let routeIndex = attemptRoute else { return nil }
    updateAttempt { $0.locates(now: now) }
    locationSerial = serial
    return routeSet(on: routeIndex).nextHop(toward: target)
  }

  /// These are to be tried, in their order: first what holds the binding, last what did not answer others lately.
  ///
  /// - Parameter avoided: of a path, what its hop has that is tried last
  mutating func located(_ targets: [Way], _ avoided: (Int) -> [Target]) {
    // One is first by itself.
    let isOne = targets.count <= 1
    let preferred = isOne ? nil : preferredTarget
    let last = isOne ? [] : engagement.map { avoided($0.path) } ?? []
    updateAttempt { $0.located(targets, preferred: preferred, last: last) }
  }

  /// Our Contact over this way: the one that is bound, as long as it would not come out otherwise.
  ///
  /// - Throws: when what is configured makes no URI.
  private mutating func settleContact(over way: Way) throws(Unwritable) -> [UInt8] {
    if let contact, contactWay == way { return contact.text }
    do throws(SyntaxError) {
      let contact = try OwnContact(
        account: account, transport: way.target.transport, local: seenAs ?? way.local, mark: mark
      ).stored(as: registration.binding?.contact)
      (self.contact, contactWay) = (contact, way)
      return contact.text
    } catch { throw .contact }
  }

  /// How long a refused account rests; nil: until an operator says otherwise. A Retry-After takes the place of the probe
  /// interval where the account itself was refused, but no refusal is asked for at the pace of a refresh.
  func rest(after attempt: Attempt, _ reason: PauseReason) -> Duration? {
    let policy = account.policy
    if needsAnother { return policy.minimumInterval }
    guard let interval = policy.refusedProbeInterval, let seconds = attempt.retryAfter else {
      return policy.refusedProbeInterval
    }
    let asked = Backoff.delay(retryAfter: seconds, policy: policy)
    switch reason {
    case .refused: return max(asked, min(interval, policy.retryBase))
    case .credentialsRejected, .noCredentials, .byOperator: return max(asked, interval)
    }
  }

  /// The next REGISTER of the attempt over this way. A CSeq has to be free.
  ///
  /// - Throws: when what is configured makes no REGISTER.
  mutating func register(
    _ branch: Branch, over way: Way, _ templates: inout RegisterTemplates, userAgent: String,
    clientNonce: UInt64, room: consuming [UInt8], now: Instant
  ) throws(Unwritable) -> [UInt8] {
    guard let routeIndex = attemptRoute else { preconditionFailure("a REGISTER without an attempt") }
    let contact = try settleContact(over: way)
    do throws(HeaderInjection) {
      let template = try templates.template(
        target, routeSet(on: routeIndex), way, offering: offered, userAgent: userAgent)
      updateAttempt { $0.sends(branch.transaction, over: way) }
      sentAt = now
      asked = max(account.expires, minimumExpires ?? 0)
      let parameters = account.outboundParameters(offered)
      let bound = parameters.isEmpty ? registration.binding?.contact : nil
      let request = RegisterRequest(
        branch: branch, cSeq: cSeq.take(), expires: isUnregistering ? 0 : asked,
        clientNonce: clientNonce, contactParameters: parameters)
      return try request.bytes(
        template, account, compactIdentity, contact: contact,
        formerContact: bound.flatMap { $0 == contact || isSameBinding($0, contact) ? nil : $0 },
        &authenticator, room: room)
    } catch {
      throw .value(of: error.name)
    }
  }

  /// Whether a registrar would take the removal of the former Contact for that of the new one (RFC 3261 §10.3 item 7).
  private func isSameBinding(_ former: [UInt8], _ contact: [UInt8]) -> Bool {
    guard let former = try? URI(parsing: former[...]), let contact = try? URI(parsing: contact[...]) else {
      return false
    }
    return former.isEquivalent(to: contact) || former.isReached(as: contact)
  }

  /// Why a REGISTER can not be written.
  enum Unwritable: Error {
    case contact
    /// What would stand in this header field.
    case value(of: String)

    var words: String {
      switch self {
      case .contact: "the configured Contact makes no URI"
      case .value(let name): "a configured value does not fit into \(name)"
      }
    }
  }

  // MARK: What became of it

  /// Oldest first.
  var exchanges: [Exchange] { history.exchanges(binding: registration.binding) }

  /// When it failed where the attempt went last, before that began; nil: it did not, as far as is known.
  func failure(before instant: Instant) -> Instant? {
    goodTarget.flatMap { history.lastFailure(at: $0, before: instant) }
  }

  var lastFailure: Failure? {
    get { history.lastFailure }
    set { history.lastFailure = newValue }
  }

  /// A 2xx, and nothing is bound.
  mutating func noteUnbound(status: Int, over way: Way, now: Instant) {
    history.keepUnbound(status: status, over: way, sentAt: sentAt, roundTrip: now - sentAt)
  }

  /// - Parameter isWhole: whether what went well is kept, too
  mutating func note(_ outcome: Exchange.Outcome, answered: Bool, isWhole: Bool, now: Instant) {
    guard let way = sentWay else { return }
    history.note(
      outcome, over: way, sentAt: sentAt, roundTrip: answered ? now - sentAt : nil, binding: registration.binding,
      isWhole: isWhole)
  }
}
