import SIPMessage

/// One REGISTER and what became of it.
package struct Exchange: Sendable, Equatable {
  /// How many are kept of an account.
  package static let kept = 10

  package var sentAt: Instant
  package var target: Target
  package var outcome: Outcome
  /// nil: no answer.
  package var roundTrip: Duration?

  package enum Outcome: Sendable, Equatable {
    case accepted(status: Int)
    case failed(Failure)

    package var isAccepted: Bool {
      switch self {
      case .accepted: true
      case .failed: false
      }
    }
  }
}
