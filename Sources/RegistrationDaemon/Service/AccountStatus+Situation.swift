import RegistrationControl
import SIPMessage
import SIPUserAgent

/// What the core knows of an account, as the sentences about it need it. The sentences are in RegistrationControl.
extension RegistrationStatus {
  func situation(of account: Account, now: Instant) -> Situation {
    var situation = Situation(
      name: account.name, registrar: account.registrar.host?.description, state: RegistrationState(state))
    situation.routes = account.routes.count
    situation.binding = binding.map {
      Situation.Binding(granted: $0.granted, remaining: $0.expiresAt - now, route: $0.routeIndex + 1)
    }
    situation.pause = pause.map(PauseGround.init)
    situation.failure = lastFailure.map { Situation.Failure($0.description, namesCredentials: $0.namesCredentials) }
    situation.failures = failures
    situation.next = next.map { $0 - now }
    situation.prospect = Prospect(outlook, now: now)
    situation.failingHops = waitsFor.map { Situation.FailingHop($0, now: now) }
    situation.notices = notices.map(\.description)
    situation.obstacle = obstacle(account.contact)
    situation.flow = flow.map { Situation.Flow($0, now: now) }
    situation.forgottenBy = account.policy.keepAlive == .off ? seenBeyond?.description : nil
    situation.credentials = credentials.map(CredentialsInUse.init)
    situation.discarded = discarded?.description
    return situation
  }

  /// Where the registrar sees us, when that is somewhere else. A connection leaves from a port that nobody is told of.
  private var seenBeyond: Endpoint? {
    guard let seenFrom, let binding, binding.target.transport.isReliable else { return seenFrom }
    return seenFrom.address == binding.local.address ? nil : seenFrom
  }

  /// What is said against calls reaching this account though it is bound; nil: nothing.
  private func obstacle(_ settings: ContactSettings) -> Situation.Obstacle? {
    guard let seen = seenBeyond, let binding, let contact = try? URI(parsing: binding.contact[...]) else { return nil }
    let remedy: Situation.Obstacle.Remedy =
      settings.followsNAT || settings.host != nil ? .none : .rewriteContact
    switch contact.host {
    case .address(let address)?:
      let own = Endpoint(address: address, port: contact.port ?? TransportProtocol.udp.defaultPort)
      let isReliable = binding.target.transport.isReliable
      guard isReliable ? own.address != seen.address : own != seen else { return nil }
      return Situation.Obstacle(
        seenFrom: seen.description, contact: own.description, isAddress: true, remedy: remedy)
    case .name(let name)?:
      return Situation.Obstacle(seenFrom: seen.description, contact: name, isAddress: false, remedy: remedy)
    case nil: return nil
    }
  }
}

extension PauseGround {
  init(_ reason: PauseReason) {
    switch reason {
    case .byOperator: self = .byOperator
    case .refused(let status): self = .refused(status: Int(status))
    case .credentialsRejected: self = .credentialsRejected
    case .noCredentials: self = .noCredentials
    }
  }
}

extension Prospect {
  init(_ outlook: Outlook, now: Instant) {
    switch outlook {
    case .rest: self = .rest
    case .answer: self = .answer
    case .own(let at): self = .own(in: at - now)
    case .follows(let name): self = .follows(name)
    case .asked(let name, let at): self = .asked(by: name, in: at - now)
    case .inLine: self = .inLine
    }
  }
}

extension Situation.FailingHop {
  fileprivate init(_ hop: SilentHop, now: Instant) {
    self.init(
      uri: hop.uri.description, duration: now - hop.since, asker: hop.prober, nextAsker: hop.nextProber,
      nextQuestion: hop.nextProbe - now, waiting: hop.waiting)
  }
}

extension CredentialsInUse {
  init(_ use: CredentialsUse) { self.init(username: use.username, realm: use.realm, algorithm: use.algorithm) }
}

extension Failure {
  /// Its words name realm, algorithm and user name of a challenge.
  fileprivate var namesCredentials: Bool {
    switch self {
    case .noCredential, .rejected, .noChallenge: true
    case .response, .timedOut, .unusable, .silent, .transport, .location, .notBound, .redirect, .weakerDigest, .stalled:
      false
    }
  }

  var status: Int? {
    switch self {
    case .response(let status, _), .noChallenge(let status), .noCredential(let status, _), .rejected(let status, _):
      status
    case .timedOut, .unusable, .silent, .transport, .location, .notBound, .redirect, .weakerDigest, .stalled: nil
    }
  }
}

extension Situation.Flow {
  fileprivate init(_ flow: FlowStatus, now: Instant) {
    let method: Method =
      switch flow.method {
      case .stun: .stun
      case .ping: .ping
      case .lineEnds: .lineEnds
      case .pingUnanswered: .pingUnanswered
      }
    self.init(
      method: method, shortest: flow.cadence.shortest, longest: flow.cadence.longest,
      lastAnswer: flow.lastAnswer.map { now - $0 }, carriesCalls: flow.carriesCalls, hasFailed: flow.isBroken)
  }
}
