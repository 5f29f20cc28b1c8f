import RegistrationControl
import SIPMessage
import SIPUserAgent

/// An account's status as the control interface shows it.
extension AccountStatus {
  func situation(now: Instant) -> Situation { status.situation(of: account, now: now) }

  func row(_ clock: WallClock, now: Instant) -> AccountReport {
    let last = status.exchanges.last.flatMap(Self.response)
    let situation = situation(now: now)
    let next = situation.prospect.words(in: situation.state)
    return AccountReport(
      name: account.name, aor: account.addressOfRecord.description, registrar: account.registrar.description,
      state: situation.state, bound: status.binding != nil, wanted: status.isWanted, reason: situation.reason,
      expiresAt: status.binding.map { clock.timestamp(of: $0.expiresAt) },
      expiresIn: status.binding.map { Int(($0.expiresAt - now).wholeSeconds) }, nextAction: next,
      nextActionAt: next == nil ? nil : status.outlook.instant.map { clock.timestamp(of: $0) }, via: route.description,
      contact: status.binding.map { String(decoding: $0.contact, as: UTF8.self) }, failures: status.failures,
      lastStatus: last?.status, lastReason: last?.reason)
  }

  /// - Parameters:
  ///   - profiles: those of the configuration
  ///   - lookups: of its next hops
  func details(
    _ clock: WallClock, now: Instant, profiles: [ConnectionProfile] = [], lookups: [LookupReport] = []
  ) -> AccountDetails {
    let situation = situation(now: now)
    return AccountDetails(
      account: row(clock, now: now), callID: status.callID, cseq: Int(status.cSeq), fromTag: status.fromTag,
      routeSet: route.proxies.map(\.description), requestedExpirySeconds: status.asked.map(Int.init),
      grantedExpirySeconds: status.binding.map { Int($0.granted.wholeSeconds) },
      boundSince: status.binding.map { clock.timestamp(of: $0.registeredAt) },
      targetAddress: status.binding.map(\.target.description), localAddress: status.local?.description,
      seenFrom: status.seenFrom?.description,
      flow: account.outbound.flatMap { $0.flows > 1 ? "\($0.number) of \($0.flows)" : nil },
      keepAlive: situation.flow?.words, path: status.granted?.path ?? [],
      serviceRoute: status.binding?.serviceRoute.map(\.description) ?? [],
      associatedURIs: status.granted?.associatedURIs ?? [], publicGRUU: status.granted?.publicGRUU,
      temporaryGRUU: status.granted?.temporaryGRUU,
      credentials: situation.credentials, warnings: situation.warnings, wholeHistory: status.isHistoryWhole,
      exchanges: status.exchanges.reversed().map { Self.exchange($0, clock) }, explanation: situation.explanation,
      terms: terms(profiles), lookups: lookups)
  }

  /// Each once, in the order of the routes.
  var nextHops: [HopURI] {
    account.routes.map { $0.nextHop(toward: account.registrar) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private var route: RouteSet { account.routes[status.routeIndex % account.routes.count] }

  private static func exchange(_ exchange: Exchange, _ clock: WallClock) -> ExchangeReport {
    let last = response(exchange)
    let words: String =
      switch exchange.outcome {
      case .accepted: "OK"
      case .failed(.response(_, let reason)): reason
      case .failed(let failure): failure.description
      }
    return ExchangeReport(
      at: clock.timestamp(of: exchange.sentAt), method: "REGISTER", target: exchange.target.description,
      status: last?.status, outcome: words,
      roundTripMilliseconds: exchange.roundTrip.map { Int($0.wholeNanoseconds / 1_000_000) })
  }

  static func response(_ exchange: Exchange) -> (status: Int, reason: String)? {
    switch exchange.outcome {
    case .accepted(let status): (status, "OK")
    case .failed(.response(let status, let reason)): (status, reason)
    case .failed: nil
    }
  }
}

extension RegistrationStatus {
  /// It is meant to be bound.
  fileprivate var isWanted: Bool { pause != .byOperator && state != .unregistering }
}

extension Outlook {
  /// When what comes next does, where that is known.
  fileprivate var instant: Instant? {
    switch self {
    case .rest, .answer, .follows, .inLine: nil
    case .own(let at), .asked(_, let at): at
    }
  }
}
