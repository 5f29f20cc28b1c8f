import DaemonConfiguration
import RegistrationControl
import SIPMessage
import SIPUserAgent
import ShardCore

/// What happened, in the words of the journal and of `sipregctl watch`.
extension Happening {
  /// One line.
  var text: String {
    switch report {
    case .registered(let binding): "registered \(way(of: binding)) for \(spoken(binding.granted))"
    case .refreshed(let binding): "refreshed \(way(of: binding)) for \(spoken(binding.granted))"
    case .noticed(let notice): notice.description
    case .step(let step): step.words
    case .discarded(let flaw): "an answer came and can not be used: \(flaw.name)"
    case .lapsed: "the binding lapsed: nobody reaches this account now"
    case .failed(let failure, let next): failed(failure, next)
    case .paused(.byOperator, _, _): "paused by the operator"
    case .paused(let reason, let failure, let probe): refusal(reason, failure, probe)
    case .resumed: "resumed"
    case .unregistered: "un-registered"
    case .unregisterFailed(let failure): "the binding was not removed and stays until it expires: \(failure)"
    }
  }

  /// The line that the account stands in may come before its own next attempt.
  private func failed(_ failure: Failure, _ next: Instant) -> String {
    let plan = outlook.sentence(now: at) ?? "next attempt in \(spoken(next - at))"
    guard let boundUntil else { return "registration failed: \(failure); \(plan)" }
    return "refresh failed: \(failure); still bound for \(spoken(boundUntil - at)); \(plan)"
  }

  private func way(of binding: Binding) -> String {
    let route = account.routes[binding.routeIndex % account.routes.count]
    return route.proxies.isEmpty ? "at \(binding.target.endpoint)" : "via \(route)"
  }

  private func refusal(_ reason: PauseReason, _ failure: Failure?, _ probe: Instant?) -> String {
    let words = failure.map { " (\($0))" } ?? ""
    let bound = boundUntil.map { "; still bound for \(spoken($0 - at))" } ?? ""
    let next = probe.map { "next probe in \(spoken($0 - at))" } ?? "waits for `sipregctl resume`"
    return "\(reason.words)\(words)\(bound); \(next)"
  }

  var kind: RegistrationEvent.Kind {
    switch report {
    case .registered: .registered
    case .refreshed: .refreshed
    case .noticed, .step: .step
    case .discarded: .discarded
    case .lapsed: .lapsed
    case .failed: .failed
    case .paused: .paused
    case .resumed: .resumed
    case .unregistered: .unregistered
    case .unregisterFailed: .failed
    }
  }

  /// The final response that led here, if one did.
  var status: Int? {
    switch report {
    case .registered, .refreshed, .noticed, .unregistered: 200
    case .failed(let failure, _), .paused(_, let failure?, _), .unregisterFailed(let failure): failure.status
    case .step(let step): step.status
    case .discarded, .lapsed, .paused(_, nil, _), .resumed: nil
    }
  }

  func event(_ clock: WallClock) -> RegistrationEvent {
    RegistrationEvent(
      at: clock.timestamp(of: at), account: account.name, aor: account.addressOfRecord.description, kind: kind,
      state: RegistrationState(state), status: status, text: text)
  }

  /// With what an operator searches for: `journalctl SIP_ACCOUNT=alice`.
  var entry: EventLog.Entry {
    var fields = [
      (name: "SIP_ACCOUNT", value: account.name), (name: "SIP_AOR", value: account.addressOfRecord.description),
      (name: "SIP_CALL_ID", value: callID), (name: "SIP_STATE", value: state.rawValue),
      (name: "SIP_EVENT", value: kind.rawValue),
    ]
    if let status { fields.append((name: "SIP_STATUS", value: "\(status)")) }
    if let messageID { fields.append((name: "MESSAGE_ID", value: messageID)) }
    return EventLog.Entry(report.level, "\(account.name): \(text)", fields: fields)
  }

  /// For the few events that somebody is woken for (systemd.journal-fields(7)).
  private var messageID: String? {
    switch report {
    case .lapsed: "4c3b0f6c5b6f4a0c9d3c8f0a0d5e7f11"
    case .paused(.byOperator, _, _): nil
    case .paused: "9e1d6a7be0a34cb48a0b1f7f4f2c6d12"
    case .registered, .refreshed, .noticed, .step, .discarded, .failed, .resumed, .unregistered, .unregisterFailed: nil
    }
  }
}

extension Report {
  var level: LogSettings.Level {
    switch self {
    case .refreshed, .step(.challenged): .debug
    case .registered, .step, .unregistered: .info
    case .resumed, .paused(.byOperator, _, _): .notice
    case .noticed, .discarded, .lapsed, .failed, .unregisterFailed: .warning
    case .paused: .error
    }
  }
}

extension Step {
  var words: String {
    switch self {
    case .challenged(let status): "asked for credentials (\(status)), and answered"
    case .longerInterval(let seconds):
      "the registrar wants \(spoken(.seconds(Int64(seconds)))) at least: asked for, from now on"
    case .extensions(let status, let offersPath):
      "\(status): Path is \(offersPath ? "offered again" : "left out"), from now on"
    case .redirected(let status, let uri): "redirected to \(uri) (\(status))"
    }
  }

  /// The response that led here.
  var status: Int {
    switch self {
    case .challenged(let status), .extensions(let status, _), .redirected(let status, _): status
    case .longerInterval: 423
    }
  }
}

extension HopReport {
  /// With what an operator searches for: `journalctl SIP_NEXT_HOP=sip:edge.example.net`.
  func entry(of uri: URI) -> EventLog.Entry {
    let fields = [(name: "SIP_NEXT_HOP", value: uri.description)]
    switch self {
    case .silent(let failure):
      return EventLog.Entry(
        .warning, "\(uri) fails (\(failure)): one account asks it, the others wait or go elsewhere", fields: fields)
    case .answers(let silence, let waiting):
      let line = waiting > 0 ? "; \(SpokenNumber.counted(waiting, "account")) waited and follow" : ""
      return EventLog.Entry(.notice, "\(uri) serves again after \(spoken(silence))\(line)", fields: fields)
    case .registrarSilent(let registrar, let failure):
      return EventLog.Entry(
        .warning,
        "\(registrar) through \(uri) fails (\(failure)): one account asks it, the others wait or go elsewhere",
        fields: fields)
    case .registrarAnswers(let registrar, let silence, let waiting):
      let line = waiting > 0 ? "; \(SpokenNumber.counted(waiting, "account")) waited and follow" : ""
      return EventLog.Entry(
        .notice, "\(registrar) through \(uri) serves again after \(spoken(silence))\(line)", fields: fields)
    }
  }
}

extension PauseReason {
  var words: String {
    switch self {
    case .byOperator: "paused by the operator"
    case .refused(let status): "refused with \(status)"
    case .credentialsRejected: "the user name or password was rejected"
    case .noCredentials: "no configured credential answers the challenge: realm or algorithm differ"
    }
  }
}

extension Failure {
  var status: Int? {
    switch self {
    case .response(let status, _), .noChallenge(let status), .noCredential(let status, _), .rejected(let status, _):
      status
    case .timedOut, .unusable, .silent, .transport, .location, .notBound, .redirect, .weakerDigest, .stalled: nil
    }
  }
}

extension RegistrationState {
  init(_ name: StateName) {
    switch name {
    case .unregistered: self = .unregistered
    case .registering: self = .registering
    case .registered: self = .registered
    case .refreshing: self = .refreshing
    case .waiting: self = .waiting
    case .paused: self = .paused
    case .unregistering: self = .unregistering
    }
  }
}

/// "41 min", "2 h 3 min".
func spoken(_ duration: Duration) -> String {
  SpokenTime.duration(seconds: Double(duration.wholeNanoseconds) / 1e9)
}
