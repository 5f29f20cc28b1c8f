import RegistrationControl
import SIPMessage
import SIPUserAgent

/// What goes on with an account and why, what comes next, and what an operator can do about it.
extension AccountStatus {
  /// One thought a line.
  func explanation(now: Instant) -> [String] {
    let next = status.next.map { "in \(spoken($0 - now))" }
    var lines: [String] = []
    switch status.state {
    case .unregistered: lines.append("Not registered yet; the first REGISTER leaves \(next ?? "soon").")
    case .registering: lines += registering(now: now)
    case .registered: lines += registered("the next refresh is \(next ?? "due")")
    case .refreshing: lines += refreshing(now: now)
    case .waiting: lines += waiting(now: now)
    case .paused: lines += paused(next, now: now)
    case .unregistering: lines.append("The binding is being removed.")
    }
    if let discarded = status.discarded { lines.append("So far \(discarded).") }
    if let binding = status.binding {
      lines.append(
        "The registrar granted \(spoken(binding.granted)); it ends in \(spoken(binding.expiresAt - now)).")
      if binding.routeIndex > 0 {
        lines.append(
          "The binding is held by route \(binding.routeIndex + 1) of \(account.routes.count), not the first.")
      }
    }
    return lines + warnings.map { "\($0.prefix(1).uppercased())\($0.dropFirst())." }
  }

  /// What to look at though the account is bound.
  var warnings: [String] {
    status.notices.map(\.description) + [status.obstacle.map { $0 + remedy }].compactMap(\.self)
  }

  private var remedy: String {
    if account.contact.followsNAT { return "" }
    return account.contact.host == nil ? " (`contact_rewrite = true` makes the Contact follow)" : ""
  }

  private func registered(_ plan: String) -> [String] {
    ["\(status.obstacle == nil ? "Registered and reachable" : "Registered"); \(plan)."]
  }

  private func registering(now: Instant) -> [String] {
    guard status.failures > 0, let failure = status.lastFailure else {
      return ["Nothing is bound; a REGISTER is in flight."]
    }
    return ["Nothing is bound; a REGISTER is in flight after \(failures(failure))."]
  }

  private func refreshing(now: Instant) -> [String] {
    guard status.failures > 0, let failure = status.lastFailure else { return registered("a refresh is in flight") }
    return ["A refresh is in flight after \(failures(failure)); \(stillBound(now: now))."]
  }

  private func failures(_ failure: Failure) -> String {
    "\(failure)\(status.failures > 1 ? ", \(status.failures) attempts in a row" : "")"
  }

  private func stillBound(now: Instant) -> String {
    status.binding.map { "still bound for \(spoken($0.expiresAt - now))" } ?? "nobody reaches this account now"
  }

  private func waiting(now: Instant) -> [String] {
    let what = status.binding == nil ? "Registration" : "Refresh"
    let reason = status.waitsFor.isEmpty ? "until `minimum_interval` is over" : "for its next hop"
    let words = status.lastFailure.map { "failed: \(failures($0))" } ?? "waits \(reason)"
    var lines = ["\(what) \(words); \(stillBound(now: now))."]
    lines += status.waitsFor.map { hop in
      let asker =
        hop.prober.map { "\($0) asks it at present" }
        ?? "\(hop.nextProber ?? "the next account") asks it in \(spoken(hop.nextProbe - now))"
      let line = SpokenNumber.counted(hop.waiting, "account")
      return "\(hop.uri) fails everybody for \(spoken(now - hop.since)); \(asker), \(line) in line."
    }
    if let plan = status.outlook.sentence(now: now) {
      lines.append("\(plan.prefix(1).uppercased())\(plan.dropFirst()); `sipregctl refresh \(account.name)` tries now.")
    }
    return lines
  }

  private func paused(_ next: String?, now: Instant) -> [String] {
    guard let reason = status.pause else { return [] }
    var lines: [String] = []
    switch reason {
    case .byOperator: return ["Paused by the operator; `sipregctl resume \(account.name)` goes on."]
    case .refused(let code):
      let registrar = account.registrar.host?.description ?? "the registrar"
      let words = status.lastFailure?.description ?? "\(code)"
      lines.append("\(registrar) refused with \(words): \(suspicions).")
    case .credentialsRejected:
      lines.append("The user name or password was rejected: check them in the configuration.")
    case .noCredentials:
      lines.append("The challenge names a realm or algorithm for which no credential is configured.")
    }
    switch status.lastFailure {
    case .noCredential, .rejected, .noChallenge: if let failure = status.lastFailure { lines.append("\(failure).") }
    case .response, .timedOut, .unusable, .silent, .transport, .location, .notBound, .redirect, .weakerDigest, .stalled,
      nil:
      if let use = status.credentials.first { lines.append("Answered last as user name \(use.words).") }
    }
    if status.binding != nil { lines.append("It is \(stillBound(now: now)).") }
    let probe = next.map { "The next probe is \($0)" } ?? "No probe is planned"
    return lines + ["\(probe); `sipregctl refresh \(account.name)` tries now."]
  }

  /// What a refusal may mean. Only a 2xx says that a password is right.
  private var suspicions: String {
    status.credentials.isEmpty
      ? "the account is not known there or not allowed"
      : "the account is not known there, not allowed, or (some registrars answer so) its password is wrong"
  }
}
