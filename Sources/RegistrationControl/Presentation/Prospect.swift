/// What comes next for an account, and through whom.
package enum Prospect: Sendable, Equatable {
  /// Nothing comes of itself.
  case rest
  /// A REGISTER is under way, and what comes of it decides.
  case answer
  /// It acts by itself after so long.
  case own(in: Duration)
  /// It waits for a next hop that the account of this name asks at present.
  case follows(String)
  /// It waits for a next hop that the account of this name asks after so long.
  case asked(by: String, in: Duration)
  /// The next hop answers again, and those that waited follow one after the other.
  case inLine

  /// As it stands in the column NEXT; nil: nothing comes of itself, or what comes of a request.
  package func words(in state: RegistrationState) -> String? {
    switch self {
    case .rest, .answer: nil
    case .follows(let name): "follows \(Self.shortened(name))"
    case .asked(let name, _): "asked by \(Self.shortened(name))"
    case .inLine: "follows in its turn"
    case .own: Self.action(in: state)
    }
  }

  private static func action(in state: RegistrationState) -> String? {
    switch state {
    case .unregistered: "register"
    case .registered: "refresh"
    case .waiting: "retry"
    case .paused: "probe"
    case .registering, .refreshing, .unregistering: nil
    }
  }

  /// As part of a sentence: "next attempt in 12 s".
  package var sentence: String? {
    switch self {
    case .rest, .answer: nil
    case .follows(let name):
      "the next hop is asked by \(Self.shortened(name)) at present, and this account follows"
    case .asked(let name, let delay):
      "the next hop is asked by \(Self.shortened(name)) in \(SpokenTime.words(delay)), and this account follows"
    case .inLine: "the next hop answers again, and this account follows in its turn"
    case .own(let delay): "next attempt in \(SpokenTime.words(delay))"
    }
  }

  /// A name where there is not room for any.
  private static func shortened(_ name: String) -> String { PlainText.clipped(name, to: 24) }
}
