import DaemonConfiguration
import RegistrationControl
import SIPMessage
import SIPUserAgent

/// A request of somebody else's, for the journal and for `sipregctl watch`. The words are in RegistrationControl.
extension ArrivedRequest {
  var occurrence: RequestOccurrence {
    let outcome: RequestOccurrence.Outcome =
      switch outcome {
      case .answered(let status): .answered(status: status)
      case .dropped(let flaw): .dropped(flaw: flaw.name)
      }
    return RequestOccurrence(
      method: method, subject: subject, from: from, source: source.description, to: to, outcome: outcome,
      untold: untold)
  }

  /// A call is news, and so is what can not be answered; a notice comes after each registration.
  var level: LogSettings.Level {
    switch (outcome, method) {
    case (.answered, "INVITE"): .notice
    case (.answered, _): .info
    case (.dropped, _): .warning
    }
  }

  /// With what an operator searches for: `journalctl SIP_EVENT=request`.
  ///
  /// - Parameter account: whose request it is, where that is known
  func entry(for account: Account?) -> EventLog.Entry {
    var fields = [
      (name: "SIP_EVENT", value: "request"), (name: "SIP_METHOD", value: method), (name: "SIP_FROM", value: from),
      (name: "SIP_SOURCE", value: source.description),
    ]
    if case .answered(let status) = outcome { fields.append((name: "SIP_STATUS", value: "\(status)")) }
    if let account {
      fields.append((name: "SIP_ACCOUNT", value: account.name))
      fields.append((name: "SIP_AOR", value: account.addressOfRecord.description))
    }
    let words = occurrence.words
    return EventLog.Entry(level, account.map { "\($0.name): \(words)" } ?? words, fields: fields)
  }

  /// For whoever watches an account.
  func event(of account: Account, in state: StateName, at now: Timestamp) -> RegistrationEvent {
    let status: Int? = if case .answered(let status) = outcome { status } else { nil }
    return RegistrationEvent(
      at: now, account: account.name, aor: account.addressOfRecord.description, kind: .request,
      state: RegistrationState(state), status: status, text: occurrence.words)
  }
}
