/// What happened to an account, as a line of the journal and of `sipregctl watch` needs it. Times are from then on.
package enum Occurrence: Sendable, Equatable {
  /// By a reload.
  case added, changed, removed
  case registered(Place, for: Duration)
  case refreshed(Place, for: Duration)
  /// It is registered, and this is odd about it.
  case noticed(String)
  case challenged(status: Int)
  case longerInterval(Duration)
  case extensions(status: Int, offered: String)
  case redirected(status: Int, to: String)
  /// What came as an answer could not be used.
  case discarded(flaw: String)
  case lapsed
  case failed(String, status: Int?, boundFor: Duration?, Prospect, next: Duration)
  case paused(PauseGround, failure: String?, status: Int?, boundFor: Duration?, probe: Duration?)
  case resumed
  case unregistered
  case unregisterFailed(String, status: Int?)

  /// Where a binding is.
  package enum Place: Sendable, Equatable {
    case at(String)
    case via(String)
  }

  /// One line.
  package var words: String {
    switch self {
    case .added: "added by a reload"
    case .changed: "changed by a reload"
    case .removed: "taken out by a reload"
    case .registered(let place, let duration): "registered \(place.words) for \(SpokenTime.words(duration))"
    case .refreshed(let place, let duration): "refreshed \(place.words) for \(SpokenTime.words(duration))"
    case .noticed(let words): words
    case .challenged(let status): "asked for credentials (\(status)), and answered"
    case .longerInterval(let interval):
      "the registrar wants \(SpokenTime.words(interval)) at least: asked for, from now on"
    case .extensions(let status, let offered):
      "\(status): extensions that are offered from now on: \(offered.isEmpty ? "none" : offered)"
    case .redirected(let status, let uri): "redirected to \(uri) (\(status))"
    case .discarded(let flaw): "an answer came and can not be used: \(flaw)"
    case .lapsed: "the binding lapsed: nobody reaches this account now"
    case .failed(let failure, _, let boundFor, let prospect, let next):
      Self.failed(failure, boundFor: boundFor, prospect.sentence ?? "next attempt in \(SpokenTime.words(next))")
    case .paused(.byOperator, _, _, _, _): PauseGround.byOperator.words
    case .paused(let ground, let failure, _, let boundFor, let probe): Self.refused(ground, failure, boundFor, probe)
    case .resumed: "resumed"
    case .unregistered: "un-registered"
    case .unregisterFailed(let failure, _):
      "the binding was not removed and stays until it expires: \(failure)"
    }
  }

  /// The line that the account stands in may come before its own next attempt: that is the plan.
  private static func failed(_ failure: String, boundFor: Duration?, _ plan: String) -> String {
    guard let boundFor else { return "registration failed: \(failure); \(plan)" }
    return "refresh failed: \(failure); \(Situation.stillBound(for: boundFor)); \(plan)"
  }

  private static func refused(
    _ ground: PauseGround, _ failure: String?, _ boundFor: Duration?, _ probe: Duration?
  ) -> String {
    let words = failure.map { " (\($0))" } ?? ""
    let bound = boundFor.map { "; \(Situation.stillBound(for: $0))" } ?? ""
    let next = probe.map { "next probe in \(SpokenTime.words($0))" } ?? "waits for `sipregctl resume`"
    return "\(ground.words)\(words)\(bound); \(next)"
  }

  package var kind: RegistrationEvent.Kind {
    switch self {
    case .added: .added
    case .changed: .changed
    case .removed: .removed
    case .registered: .registered
    case .refreshed: .refreshed
    case .noticed, .challenged, .longerInterval, .extensions, .redirected: .step
    case .discarded: .discarded
    case .lapsed: .lapsed
    case .failed, .unregisterFailed: .failed
    case .paused: .paused
    case .resumed: .resumed
    case .unregistered: .unregistered
    }
  }

  /// The final response that led here, if one did.
  package var status: Int? {
    switch self {
    case .registered, .refreshed, .noticed, .unregistered: 200
    case .challenged(let status), .extensions(let status, _), .redirected(let status, _): status
    case .longerInterval: 423
    case .failed(_, let status, _, _, _), .paused(_, _, let status, _, _), .unregisterFailed(_, let status): status
    case .added, .changed, .removed, .discarded, .lapsed, .resumed: nil
    }
  }
}

extension Occurrence.Place {
  fileprivate var words: String {
    switch self {
    case .at(let address): "at \(address)"
    case .via(let route): "via \(route)"
    }
  }
}
