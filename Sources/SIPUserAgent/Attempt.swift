import SIPMessage
import SIPTransaction

/// One try to register or un-register: over every address of every route before it counts as failed (RFC 3263 §4.3),
/// through challenges, adjustments and redirects. One REGISTER of it is in flight at a time.
struct Attempt: Sendable {
  enum Purpose: Sendable, Equatable { case register, unregister }

  enum Phase: Sendable, Equatable {
    /// A CSeq reservation is on its way to the store.
    case storing
    /// The next hop is being looked up.
    case locating
    /// A REGISTER is on its way; its transaction ends it.
    case sending
  }

  /// The longest the shell may take to store or to look up.
  static let shellTimeout: Duration = .seconds(30)

  let purpose: Purpose
  private(set) var phase = Phase.storing
  /// When the phase has taken too long; nil while a transaction sees to that.
  private(set) var deadline: Instant?
  /// Ends an un-REGISTER in any phase.
  private let overall: Instant?

  private let firstRoute: Int
  private let routeCount: Int
  private var routesTried = 0
  private var targets: [LocatedTarget] = []
  private var targetIndex = 0

  /// Where 301 or 302 sent us.
  private(set) var redirectedURI: URI?
  /// Where 305 sent us.
  private(set) var redirectedProxy: URI?
  private var visited: [URI] = []
  /// A 423 was followed already.
  var hasAdjusted = false
  /// What a 503 asked for, in seconds.
  var retryAfter: UInt32?
  var lastFailure: Failure?

  init(purpose: Purpose, firstRoute: Int, routeCount: Int, overall: Instant?, now: Instant) {
    self.purpose = purpose
    self.firstRoute = firstRoute % max(routeCount, 1)
    self.routeCount = routeCount
    self.overall = overall
    deadline = now + Self.shellTimeout
  }

  /// Which of the account's routes is being tried.
  var routeIndex: Int { (firstRoute + routesTried) % max(routeCount, 1) }

  var current: LocatedTarget { targets[targetIndex] }

  /// When somebody has to look.
  var nextDeadline: Instant? { Instant.earliest(deadline, overall) }

  mutating func locates(now: Instant) {
    phase = .locating
    deadline = now + Self.shellTimeout
  }

  /// - Parameter preferred: tried first when it is among them: it holds the binding
  mutating func located(_ found: [LocatedTarget], preferred: Target?) {
    targets = found
    targetIndex = 0
    if let index = found.firstIndex(where: { $0.target == preferred }) {
      targets.insert(targets.remove(at: index), at: 0)
    }
  }

  mutating func sends() {
    phase = .sending
    deadline = nil
  }

  enum Advance: Equatable { case send, locate, exhausted }

  /// What was tried did not answer: the next address, the next route, or nothing.
  mutating func advance(skippingRoute: Bool = false) -> Advance {
    if !skippingRoute, targetIndex + 1 < targets.count {
      targetIndex += 1
      return .send
    }
    targets = []
    targetIndex = 0
    routesTried += 1
    redirectedProxy = nil
    return routesTried < routeCount ? .locate : .exhausted
  }

  /// A 3xx came (§8.1.3.4).
  ///
  /// - Returns: false when it is not followed.
  mutating func follow(_ uri: URI, isProxy: Bool, registrar: URI, policy: RegistrationPolicy) -> Bool {
    // From sips there is no way back to sip (§19.1, §26.2.2).
    guard uri.scheme == .sips || (uri.scheme == .sip && registrar.scheme != .sips),
      visited.count < policy.maximumRedirects, !visited.contains(uri),
      policy.allowsForeignRedirects || Self.isSameDomain(uri, registrar)
    else { return false }
    visited.append(uri)
    if isProxy {
      redirectedProxy = uri.addingLooseRouting()
    } else {
      redirectedURI = uri.asRequestURI().withoutUser()
    }
    return true
  }

  /// The registrar's own host or one below its domain.
  private static func isSameDomain(_ uri: URI, _ registrar: URI) -> Bool {
    switch (uri.host, registrar.host) {
    case (.name(let host)?, .name(let domain)?): host == domain || host.hasSuffix("." + domain)
    case (let host, let domain): host == domain
    }
  }
}

extension URI {
  /// The Request-URI of a REGISTER has no user (§10.2), and a registrar may redirect to a Contact that has.
  fileprivate func withoutUser() -> URI {
    guard user != nil, let host else { return self }
    let name = scheme == .sips ? "sips" : "sip"
    return (try? URI("\(name):\(host)\(port.map { ":\($0)" } ?? "")\(parameters.text.text)")) ?? self
  }
}
