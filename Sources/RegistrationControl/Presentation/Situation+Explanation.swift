/// What goes on with an account and why, what comes next, and what an operator can do about it.
extension Situation {
  /// One thought a line.
  package var explanation: [String] {
    let next = next.map { "in \(SpokenTime.words($0))" }
    var lines: [String] = []
    switch state {
    case .unregistered: lines.append("Not registered yet; the first REGISTER leaves \(next ?? "soon").")
    case .registering: lines.append(registering)
    case .registered: lines.append(registered("the next refresh is \(next ?? "due")"))
    case .refreshing: lines.append(refreshing)
    case .waiting: lines += waiting
    case .paused: lines += paused(next)
    case .unregistering: lines.append("The binding is being removed.")
    }
    if let discarded { lines.append("So far \(discarded).") }
    if let binding {
      lines.append(
        "The registrar granted \(SpokenTime.words(binding.granted)); it ends in \(SpokenTime.words(binding.remaining))."
      )
      if binding.route > 1 {
        lines.append("The binding is held by route \(binding.route) of \(routes), not the first.")
      }
    }
    return lines + ([assurance].compactMap(\.self) + warnings).map { "\(Self.capitalized($0))." }
  }

  private func registered(_ plan: String) -> String {
    "\(doubts.isEmpty ? "Registered and reachable" : "Registered"); \(plan)."
  }

  private var registering: String {
    guard failures > 0, let failure else { return "Nothing is bound; a REGISTER is in flight." }
    return "Nothing is bound; a REGISTER is in flight after \(counted(failure))."
  }

  private var refreshing: String {
    guard failures > 0, let failure else { return registered("a refresh is in flight") }
    return "A refresh is in flight after \(counted(failure)); \(stillBound)."
  }

  private func counted(_ failure: Failure) -> String {
    "\(failure.words)\(failures > 1 ? ", \(failures) attempts in a row" : "")"
  }

  private var stillBound: String {
    binding.map { Self.stillBound(for: $0.remaining) } ?? "nobody reaches this account now"
  }

  private var waiting: [String] {
    let what = binding == nil ? "Registration" : "Refresh"
    let reason = failingHops.isEmpty ? "until `minimum_interval` is over" : "for its next hop"
    let words = failure.map { "failed: \(counted($0))" } ?? "waits \(reason)"
    var lines = ["\(what) \(words); \(stillBound)."]
    lines += failingHops.map(\.sentence)
    if let plan = prospect.sentence { lines.append("\(Self.capitalized(plan)); \(triesNow)") }
    return lines
  }

  private var triesNow: String { "`sipregctl refresh \(name)` tries now." }

  private func paused(_ next: String?) -> [String] {
    guard let pause else { return [] }
    var lines: [String] = []
    switch pause {
    case .byOperator: return ["Paused by the operator; `sipregctl resume \(name)` goes on."]
    case .refused(let status):
      let words = failure?.words ?? "\(status)"
      lines.append("\(registrar ?? "the registrar") refused with \(words): \(suspicions).")
    case .credentialsRejected:
      lines.append("The user name or password was rejected: check them in the configuration.")
    case .noCredentials:
      lines.append("The challenge names a realm or algorithm for which no credential is configured.")
    }
    if let failure, failure.namesCredentials {
      lines.append("\(failure.words).")
    } else if let use = credentials.first {
      lines.append("Answered last as user name \(use.words).")
    }
    if binding != nil { lines.append("It is \(stillBound).") }
    let probe = next.map { "The next probe is \($0)" } ?? "No probe is planned"
    return lines + ["\(probe); \(triesNow)"]
  }

  /// What a refusal may mean. Only a 2xx says that a password is right.
  private var suspicions: String {
    credentials.isEmpty
      ? "the account is not known there or not allowed"
      : "the account is not known there, not allowed, or (some registrars answer so) its password is wrong"
  }

  private static func capitalized(_ sentence: String) -> String {
    "\(sentence.prefix(1).uppercased())\(sentence.dropFirst())"
  }
}

extension Situation.FailingHop {
  fileprivate var sentence: String {
    let question =
      asker.map { "\($0) asks it at present" }
      ?? "\(nextAsker ?? "the next account") asks it in \(SpokenTime.words(nextQuestion))"
    let line = SpokenNumber.counted(waiting, "account")
    return "\(uri) fails everybody for \(SpokenTime.words(duration)); \(question), \(line) in line."
  }
}
