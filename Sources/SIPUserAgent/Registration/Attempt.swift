import SIPMessage
import SIPTransaction

/// One try to register or un-register: over every address of every route before it counts as failed (RFC 3263 §4.3),
/// through challenges, adjustments and redirects. One REGISTER of it is in flight at a time.
struct Attempt: Sendable {
  enum Purpose: Sendable, Equatable {
    /// - Parameter failures: attempts in a row before this one
    case register(failures: Int32)
    case unregister(next: Registration.AfterUnregistering)
  }

  enum Phase: Sendable, Equatable {
    /// It is about to take a route, or to be put off.
    case beginning
    /// A CSeq reservation is on its way to the store.
    case storing
    /// The next hop is being looked up.
    case locating
    /// A REGISTER is on its way; its transaction ends it.
    case sending
    /// The next REGISTER waits for its turn at the hop.
    case yielding
  }

  /// The longest the shell may take to store or to look up.
  static let shellTimeout: Duration = .seconds(30)

  /// A peer that closes behind every answer answers one of those that are under way with each connection: so many may
  /// have to be lost, and each of them has brought a message. What replaces them leaves at the rate of the hop.
  private static let connectionsToLose: UInt8 = 32

  let purpose: Purpose
  private(set) var phase = Phase.beginning
  /// When the phase has taken too long; nil while a transaction sees to that.
  private(set) var deadline: Instant?
  /// Ends an un-REGISTER in any phase.
  private var overall: Instant?

  /// Of the REGISTER that was sent last, and where it went.
  private(set) var transaction: ClientTransactionID?
  private(set) var way: Way?
  /// What came for it and could not be used.
  private(set) var discarded: Discarded?

  /// Which of the account's routes is being tried.
  private(set) var routeIndex = 0
  private var triedRoutes = RouteFlags()
  /// The path that has yet to say something.
  private(set) var engagement: Engagement?
  /// The routes whose paths failed for others, too: the account waits for them.
  var followed = RouteFlags()
  private var ways: [Way] = []
  private var wayIndex = 0

  /// Where a 3xx sent us.
  private(set) var detour = OptionalBox<Detour>()
  /// A 423 was followed already.
  var hasAdjustedInterval = false
  /// An answer that finds fault with extensions (420, 421, 439) was followed already.
  var hasAdjustedExtensions = false
  /// What the last answer asked for, in seconds, whatever its status (RFC 3261 §20.33).
  var retryAfter: UInt32?
  /// The last answer finds fault with the request.
  var isObjectedTo = false
  /// Nobody took a connection for what is too large for a datagram.
  var staysWithDatagrams = false
  /// How long to wait at most, at least half as long, whatever failed before.
  var patience: Duration?
  private var failure = OptionalBox<Failure>()
  /// Connections that worked, and took a REGISTER of this attempt along.
  private var connectionsLost: UInt8 = 0

  /// What an attempt has to do with a path.
  struct Engagement: Sendable, Equatable {
    enum Role: Sendable, Equatable {
      /// It goes there as if it were alone.
      case free
      /// It asks for others, too.
      case question
      /// It was let go from the line.
      case released
    }

    /// The number of the path.
    let path: Int
    let role: Role
    let since: Instant
  }

  init(_ purpose: Purpose) { self.purpose = purpose }

  var isUnregistering: Bool {
    switch purpose {
    case .register: false
    case .unregister: true
    }
  }

  /// It takes this route first.
  ///
  /// - Parameter overall: when an un-REGISTER is given up
  mutating func begins(on route: Int, overall: Instant?, now: Instant) {
    (phase, routeIndex, self.overall) = (.storing, route, overall)
    deadline = now + Self.shellTimeout
  }

  /// A connection took the REGISTER along. - Returns: whether another one is sent in its place.
  mutating func losesConnection() -> Bool {
    guard connectionsLost < Self.connectionsToLose else { return false }
    connectionsLost += 1
    return true
  }

  var lastFailure: Failure? {
    get { failure.value }
    set { failure.value = newValue }
  }

  /// What replaces a lost REGISTER leaves at this instant, and not before those whose turn it is.
  mutating func yields(until instant: Instant) {
    phase = .yielding
    deadline = instant
  }

  /// Whether the REGISTER that has waited for its turn leaves now, and the attempt is not over.
  func hasTurn(now: Instant) -> Bool { phase == .yielding && overall.map { now < $0 } ?? true }

  // MARK: Routes

  mutating func engages(_ path: Int, _ role: Engagement.Role, now: Instant) {
    engagement = Engagement(path: path, role: role, since: now)
  }

  /// The path is done with. - Returns: nil when there is none.
  mutating func disengages() -> (engagement: Engagement, route: Int)? {
    guard let engagement else { return nil }
    self.engagement = nil
    return (engagement, routeIndex)
  }

  func hasTried(_ route: Int) -> Bool { triedRoutes.contains(route) }

  /// The addresses of the current route did not answer: on to another one.
  mutating func turns(to route: Int) {
    triedRoutes.insert(routeIndex)
    routeIndex = route
    (ways, wayIndex) = ([], 0)
    detour.change { $0.takeRoute() }
  }

  // MARK: Targets

  var current: Way { ways[wayIndex] }

  /// When somebody has to look.
  var nextDeadline: Instant? { Instant.earliest(deadline, overall) }

  mutating func locates(now: Instant) {
    phase = .locating
    deadline = now + Self.shellTimeout
  }

  /// - Parameters:
  ///   - preferred: tried first when it is among them: it holds the binding. Numbers of names and terms may be others than
  ///     in the process that bound it.
  ///   - last: tried behind the others
  mutating func located(_ found: [Way], preferred: Target?, last: [Target]) {
    ways = found
    wayIndex = 0
    if !last.isEmpty {
      let isLast = found.map { way in last.contains { way.target.leads(to: $0) } }
      ways = zip(found, isLast).filter { !$1 }.map(\.0) + zip(found, isLast).filter { $1 }.map(\.0)
    }
    // The first one nearly always is, and the list is everybody's.
    if let preferred, let index = ways.firstIndex(where: { $0.target.leads(to: preferred) }), index > 0 {
      ways.insert(ways.remove(at: index), at: 0)
    }
  }

  mutating func sends(_ transaction: ClientTransactionID, over way: Way) {
    phase = .sending
    deadline = nil
    self.transaction = transaction
    self.way = way
    discarded = nil
  }

  /// Something was meant as an answer. - Returns: whether that is news.
  mutating func discards(_ flaw: Flaw) -> Bool {
    let former = discarded
    discarded = Discarded(count: (former?.count ?? 0) &+ 1, flaw: flaw)
    return former?.flaw != flaw
  }

  /// Those before the current one.
  var passedTargets: [Target] { wayIndex > 0 ? ways[..<wayIndex].map(\.target) : [] }

  var hasAnotherTarget: Bool { wayIndex + 1 < ways.count }

  /// What was tried did not answer. - Returns: whether there is another address.
  mutating func turnsToNextTarget() -> Bool {
    guard hasAnotherTarget else { return false }
    wayIndex += 1
    return true
  }

  // MARK: Detours

  /// A 3xx came (§8.1.3.4).
  ///
  /// - Parameter uris: what it names, best first
  mutating func redirect(to uris: [URI], status: Int) {
    if detour.isEmpty { detour.value = Detour() }
    detour.change { $0.redirect(to: uris, status: status) }
  }

  var hasAlternative: Bool { detour.value?.hasAlternative ?? false }

  /// Turns to what a 3xx named and has not been tried.
  ///
  /// - Returns: nil when there is nothing left, or nothing that is followed.
  mutating func turnsToAlternative(registrar: URI, policy: RegistrationPolicy) -> Redirection? {
    detour.change { $0.turnsToAlternative(registrar: registrar, policy: policy) } ?? nil
  }
}
