import DaemonConfiguration
import RegistrationControl
import SIPMessage
import SIPUserAgent
import ShardCore

/// What happened, for the journal and for `sipregctl watch`. The words are in RegistrationControl.
extension Happening {
  var occurrence: Occurrence {
    switch report {
    case .registered(let binding): .registered(place(of: binding), for: binding.granted)
    case .refreshed(let binding): .refreshed(place(of: binding), for: binding.granted)
    case .noticed(let notice): .noticed(notice.description)
    case .step(let step): Occurrence(step)
    case .discarded(let flaw): .discarded(flaw: flaw.name)
    case .lapsed: .lapsed
    case .failed(let failure, let next):
      .failed(
        failure.description, status: failure.status, boundFor: boundFor, Prospect(outlook, now: at), next: next - at)
    case .paused(let reason, let failure, let probe):
      .paused(
        PauseGround(reason), failure: failure?.description, status: failure?.status, boundFor: boundFor,
        probe: probe.map { $0 - at })
    case .resumed: .resumed
    case .unregistered: .unregistered
    case .unregisterFailed(let failure): .unregisterFailed(failure.description, status: failure.status)
    }
  }

  private var boundFor: Duration? { boundUntil.map { $0 - at } }

  private func place(of binding: Binding) -> Occurrence.Place {
    let route = account.routes[binding.routeIndex % account.routes.count]
    return route.proxies.isEmpty ? .at(binding.target.endpoint.description) : .via(route.description)
  }

  func event(_ clock: WallClock) -> RegistrationEvent {
    RegistrationEvent(
      occurrence, of: account, in: RegistrationState(state), at: clock.timestamp(of: at))
  }

  /// With what an operator searches for: `journalctl SIP_ACCOUNT=alice`.
  var entry: EventLog.Entry {
    let occurrence = occurrence
    var fields = [
      (name: "SIP_ACCOUNT", value: account.name), (name: "SIP_AOR", value: account.addressOfRecord.description),
      (name: "SIP_CALL_ID", value: callID), (name: "SIP_STATE", value: state.rawValue),
      (name: "SIP_EVENT", value: occurrence.kind.rawValue),
    ]
    if let status = occurrence.status { fields.append((name: "SIP_STATUS", value: "\(status)")) }
    if let messageID { fields.append((name: "MESSAGE_ID", value: messageID)) }
    return EventLog.Entry(report.level, "\(account.name): \(occurrence.words)", fields: fields)
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
    switch weight {
    case .routine: .debug
    case .progress: .info
    case .notable:
      switch self {
      case .resumed, .paused(.byOperator, _, _): .notice
      case .paused: .error
      case .registered, .refreshed, .step, .unregistered, .noticed, .discarded, .lapsed, .failed, .unregisterFailed:
        .warning
      }
    }
  }
}

extension Occurrence {
  fileprivate init(_ step: Step) {
    switch step {
    case .challenged(let status): self = .challenged(status: status)
    case .longerInterval(let seconds): self = .longerInterval(.seconds(Int64(seconds)))
    case .extensions(let status, let offered): self = .extensions(status: status, offered: offered.words)
    case .redirected(let status, let uri): self = .redirected(status: status, to: uri.description)
    }
  }
}

extension RegistrationEvent {
  init(
    _ occurrence: Occurrence, of account: Account, in state: RegistrationState, at now: Timestamp
  ) {
    self.init(
      at: now, account: account.name, aor: account.addressOfRecord.description, kind: occurrence.kind, state: state,
      status: occurrence.status, text: occurrence.words)
  }
}

extension HopReport {
  /// With what an operator searches for: `journalctl SIP_NEXT_HOP=sip:edge.example.net`.
  func entry(of uri: URI) -> EventLog.Entry {
    EventLog.Entry(
      level, occurrence(at: uri).words, fields: [(name: "SIP_NEXT_HOP", value: uri.description)])
  }

  private var level: LogSettings.Level {
    switch self {
    case .silent, .registrarSilent, .flowFailed: .warning
    case .answers, .registrarAnswers: .notice
    }
  }

  private func occurrence(at uri: URI) -> HopOccurrence {
    let hop = uri.description
    return switch self {
    case .silent(let failure): HopOccurrence(hop: hop, .fails(failure.description))
    case .answers(let silence, let waiting): HopOccurrence(hop: hop, .serves(after: silence, waiting: waiting))
    case .registrarSilent(let registrar, let failure):
      HopOccurrence(hop: hop, registrar: registrar.description, .fails(failure.description))
    case .registrarAnswers(let registrar, let silence, let waiting):
      HopOccurrence(hop: hop, registrar: registrar.description, .serves(after: silence, waiting: waiting))
    case .flowFailed(let target, let failure, let accounts):
      HopOccurrence(hop: hop, .losesFlow(to: target.description, failure.description, accounts: accounts))
    }
  }
}
