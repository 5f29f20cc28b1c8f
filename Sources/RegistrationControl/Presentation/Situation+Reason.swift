extension Situation {
  /// Why it is as it is, in a line of a table; nil: it is as it should be.
  package var reason: String? {
    switch state {
    case .paused: pause.map { $0.words + grounds(of: $0) }
    case .waiting: failure?.words
    case .refreshing, .registering: failures > 0 ? failure?.words : notices.first
    case .registered: notices.first
    case .unregistered, .unregistering: nil
    }
  }

  /// What a refusal was said to, in parentheses: the failure names realm, algorithm and user name of a challenge, and
  /// else the credentials in use do.
  private func grounds(of pause: PauseGround) -> String {
    guard pause != .byOperator, let failure else { return "" }
    if failure.namesCredentials { return " (\(failure.words))" }
    return " (\(failure.words)\(credentials.first.map { ", answered as \($0.words)" } ?? ""))"
  }

  /// What to look at though the account is bound.
  package var warnings: [String] { notices + doubts }

  /// What became of a refresh that brought no binding: "503 Service Unavailable, still bound for 24 s".
  package var outcome: String {
    let why = pause?.words ?? failure?.words ?? "no outcome"
    return why + (binding.map { ", \(Self.stillBound(for: $0.remaining))" } ?? ", not bound")
  }

  /// Of a refresh that has no outcome yet.
  package var openOutcome: String { prospect.sentence ?? "no answer yet" }

  /// Of a refresh whose account is no longer there.
  package static let goneOutcome = "taken out"

  static func stillBound(for duration: Duration) -> String { "still bound for \(SpokenTime.words(duration))" }
}
