import RegistrationControl
import SIPMessage
import SIPUserAgent

/// An account's status as the control interface shows it.
extension AccountStatus {
  func row(_ clock: WallClock, now: Instant) -> RegistrationControl.Account {
    let last = status.exchanges.last.flatMap(Self.response)
    let next = nextAction
    return RegistrationControl.Account(
      name: account.name, aor: account.addressOfRecord.description, registrar: account.registrar.description,
      state: RegistrationState(status.state), bound: status.binding != nil, wanted: status.isWanted, reason: reason,
      expiresAt: status.binding.map { clock.timestamp(of: $0.expiresAt) },
      expiresIn: status.binding.map { Int(($0.expiresAt - now).wholeSeconds) }, nextAction: next?.words,
      nextActionAt: next?.at.map { clock.timestamp(of: $0) }, via: route.description,
      contact: status.binding.map { String(decoding: $0.contact, as: UTF8.self) }, failures: status.failures,
      lastStatus: last?.status, lastReason: last?.reason)
  }

  func details(_ clock: WallClock, now: Instant) -> AccountDetails {
    AccountDetails(
      account: row(clock, now: now), callID: status.callID, cseq: Int(status.cSeq), fromTag: status.fromTag,
      routeSet: route.proxies.map(\.description), requestedExpirySeconds: status.asked.map(Int.init),
      grantedExpirySeconds: status.binding.map { Int($0.granted.wholeSeconds) },
      boundSince: status.binding.map { clock.timestamp(of: $0.registeredAt) },
      targetAddress: status.binding.map(\.target.description), localAddress: status.local?.description,
      seenFrom: status.seenFrom?.description,
      credentials: status.credentials.map {
        CredentialsInUse(username: $0.username, realm: $0.realm, algorithm: $0.algorithm)
      },
      warnings: warnings, wholeHistory: status.isHistoryWhole,
      exchanges: status.exchanges.reversed().map { Self.exchange($0, clock) }, explanation: explanation(now: now))
  }

  private var route: RouteSet { account.routes[status.routeIndex % account.routes.count] }

  private var reason: String? {
    switch status.state {
    case .paused: status.pause.map { $0.words + grounds(of: $0) }
    case .waiting: status.lastFailure?.description
    case .refreshing, .registering: status.failures > 0 ? status.lastFailure?.description : notice
    case .registered: notice
    case .unregistered, .unregistering: nil
    }
  }

  /// What is odd about a binding that is good.
  private var notice: String? { status.notices.first?.description }

  /// What a refusal was said to, in parentheses: the failure names realm, algorithm and user name of a challenge, and
  /// else the credentials in use do.
  private func grounds(of pause: PauseReason) -> String {
    guard pause != .byOperator, let failure = status.lastFailure else { return "" }
    switch failure {
    case .noCredential, .rejected, .noChallenge: return " (\(failure))"
    case .response, .timedOut, .unusable, .silent, .transport, .location, .notBound, .redirect, .weakerDigest, .stalled:
      let use = status.credentials.first.map { ", answered as \($0.words)" } ?? ""
      return " (\(failure)\(use))"
    }
  }

  private var nextAction: (words: String, at: Instant?)? { status.outlook.words(in: status.state) }

  private static func exchange(_ exchange: SIPUserAgent.Exchange, _ clock: WallClock) -> RegistrationControl.Exchange {
    let last = response(exchange)
    let words: String =
      switch exchange.outcome {
      case .accepted: "OK"
      case .failed(.response(_, let reason)): reason
      case .failed(let failure): failure.description
      }
    return RegistrationControl.Exchange(
      at: clock.timestamp(of: exchange.sentAt), method: "REGISTER", target: exchange.target.description,
      status: last?.status, outcome: words,
      roundTripMilliseconds: exchange.roundTrip.map { Int($0.wholeNanoseconds / 1_000_000) })
  }

  static func response(_ exchange: SIPUserAgent.Exchange) -> (status: Int, reason: String)? {
    switch exchange.outcome {
    case .accepted(let status): (status, "OK")
    case .failed(.response(let status, let reason)): (status, reason)
    case .failed: nil
    }
  }
}

extension RegistrationStatus {
  /// It is meant to be bound.
  var isWanted: Bool { pause != .byOperator && state != .unregistering }

  /// What is said against calls reaching this account though it is bound; nil: nothing.
  var obstacle: String? {
    guard let seen = seenFrom, let binding else { return nil }
    guard let contact = try? URI(parsing: binding.contact[...]) else { return nil }
    switch contact.host {
    case .address(let address)?:
      let own = Endpoint(address: address, port: contact.port ?? TransportProtocol.udp.defaultPort)
      guard own != seen else { return nil }
      return
        "the registrar sees us at \(seen), and our Contact says \(own): calls come only as far as the NAT lets them"
    case .name(let name)?: return "the registrar sees us at \(seen), and our Contact says \(name)"
    case nil: return nil
    }
  }
}

extension CredentialsUse {
  var words: String { "\(username), realm \(realm), \(algorithm)" }
}

extension Outlook {
  /// What comes next, as it stands in the column NEXT, and when; nil: nothing of itself, or what comes of a request.
  func words(in state: StateName) -> (words: String, at: Instant?)? {
    switch self {
    case .rest, .answer: nil
    case .follows(let name): ("follows \(name.shortened)", nil)
    case .asked(let name, let at): ("asked by \(name.shortened)", at)
    case .inLine: ("follows in its turn", nil)
    case .own(let at): Self.action(in: state).map { ($0, at) }
    }
  }

  private static func action(in state: StateName) -> String? {
    switch state {
    case .unregistered: "register"
    case .registered: "refresh"
    case .waiting: "retry"
    case .paused: "probe"
    case .registering, .refreshing, .unregistering: nil
    }
  }

  /// What comes next, as part of a sentence: "next attempt in 12 s".
  func sentence(now: Instant) -> String? {
    switch self {
    case .rest, .answer: nil
    case .follows(let name): "the next hop is asked by \(name.shortened) at present, and this account follows"
    case .asked(let name, let at):
      "the next hop is asked by \(name.shortened) in \(spoken(at - now)), and this account follows"
    case .inLine: "the next hop answers again, and this account follows in its turn"
    case .own(let at): "next attempt in \(spoken(at - now))"
    }
  }
}

extension String {
  /// A name where there is not room for any.
  fileprivate var shortened: String { PlainText.clipped(self, to: 24) }
}
