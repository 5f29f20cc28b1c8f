import RegistrationControl
import SIPTransaction
import SIPUserAgent

/// An account's status as the control interface shows it.
extension AccountStatus {
  func row(_ clock: WallClock, now: Instant) -> RegistrationControl.Account {
    let last = status.exchanges.last.flatMap(Self.response)
    return RegistrationControl.Account(
      name: account.name, aor: account.addressOfRecord.description, registrar: account.registrar.description,
      state: RegistrationState(status.state), reason: reason,
      expiresAt: status.binding.map { clock.timestamp(of: $0.expiresAt) },
      expiresIn: status.binding.map { Int(($0.expiresAt - now).wholeSeconds) }, nextAction: nextAction,
      nextActionAt: status.next.map { clock.timestamp(of: $0) }, via: route.description,
      contact: status.binding.map { String(decoding: $0.contact, as: UTF8.self) }, failures: status.failures,
      lastStatus: last?.status, lastReason: last?.reason)
  }

  func details(_ clock: WallClock, now: Instant) -> AccountDetails {
    AccountDetails(
      account: row(clock, now: now), callID: status.callID, cseq: Int(status.cSeq), fromTag: status.fromTag,
      routeSet: route.proxies.map(\.description),
      grantedExpirySeconds: status.binding.map { Int($0.granted.wholeSeconds) },
      boundSince: status.binding.map { clock.timestamp(of: $0.registeredAt) },
      targetAddress: status.binding.map(\.target.description),
      exchanges: status.exchanges.reversed().map { Self.exchange($0, clock) }, explanation: explanation(now: now))
  }

  private var route: RouteSet { account.routes[status.routeIndex % account.routes.count] }

  private var reason: String? {
    switch status.state {
    case .paused: status.pause?.words
    case .waiting: status.lastFailure?.description
    case .unregistered, .registering, .registered, .refreshing, .unregistering: nil
    }
  }

  private var nextAction: String? {
    guard status.next != nil else { return nil }
    return switch status.state {
    case .unregistered: "register"
    case .registered: "refresh"
    case .waiting: "retry"
    case .paused: "probe"
    case .registering, .refreshing, .unregistering: nil
    }
  }

  /// What goes on and why, what comes next, and what an operator can do about it.
  private func explanation(now: Instant) -> [String] {
    let next = status.next.map { "in \(spoken($0 - now))" }
    var lines: [String] = []
    switch status.state {
    case .unregistered: lines.append("Not registered yet; the first REGISTER leaves \(next ?? "soon").")
    case .registering: lines.append("Nothing is bound; a REGISTER is in flight.")
    case .registered: lines.append("Registered and reachable; the next refresh is \(next ?? "due").")
    case .refreshing: lines.append("Registered and reachable; a refresh is in flight.")
    case .waiting: lines += waiting(next, now: now)
    case .paused: lines += paused(next)
    case .unregistering: lines.append("The binding is being removed.")
    }
    if let discarded = status.discarded { lines.append("So far \(discarded).") }
    lines += status.notices.map { "\($0.description.prefix(1).uppercased())\($0.description.dropFirst())." }
    if let binding = status.binding {
      lines.append(
        "The registrar granted \(spoken(binding.granted)); it ends in \(spoken(binding.expiresAt - now)).")
      if binding.routeIndex > 0 {
        lines.append(
          "The binding is held by route \(binding.routeIndex + 1) of \(account.routes.count), not the first.")
      }
    }
    return lines
  }

  private func waiting(_ next: String?, now: Instant) -> [String] {
    let failure = status.lastFailure?.description ?? "the last attempt failed"
    let count = status.failures == 1 ? "" : ", \(status.failures) attempts in a row"
    let bound = status.binding == nil ? "Nobody reaches this account now." : "The old binding is still alive."
    var lines = ["\(failure)\(count). \(bound)"]
    for hop in status.waitsFor {
      let prober =
        hop.prober.map { "\($0) asks it at present" } ?? "the next probe is in \(spoken(hop.nextProbe - now))"
      lines.append(
        "\(hop.uri) fails everybody for \(spoken(now - hop.since)); \(prober), the others follow its return.")
    }
    lines.append("The next attempt is \(next ?? "due"); `sipregctl refresh \(account.name)` tries now.")
    return lines
  }

  private func paused(_ next: String?) -> [String] {
    guard let reason = status.pause else { return [] }
    switch reason {
    case .byOperator:
      return ["Paused by the operator; `sipregctl resume \(account.name)` goes on."]
    case .refused(let status):
      return [
        "\(account.registrar.host?.description ?? "the registrar") refused with \(self.status.lastFailure?.description ?? "\(status)"): "
          + "the account is not known there or not allowed.\(passwordWords)", probe(next),
      ]
    case .credentialsRejected:
      return ["The user name or password was rejected: check them in the configuration.", probe(next)]
    case .noCredentials:
      return ["The challenge names a realm or algorithm for which no credential is configured.", probe(next)]
    }
  }

  /// Whether the refusal came after a challenge that was answered.
  private var passwordWords: String {
    let statuses = status.exchanges.suffix(2).map { Self.response($0)?.status }
    guard statuses.count == 2, let first = statuses[0], first == 401 || first == 407 else { return "" }
    return " The password was accepted."
  }

  private func probe(_ next: String?) -> String {
    "\(next.map { "The next probe is \($0)" } ?? "No probe is planned"); `sipregctl refresh \(account.name)` tries now."
  }

  private static func response(_ exchange: SIPUserAgent.Exchange) -> (status: Int, reason: String)? {
    switch exchange.outcome {
    case .accepted(let status): (status, "OK")
    case .failed(.response(let status, let reason)): (status, reason)
    case .failed: nil
    }
  }

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
}
