import SIPMessage
import SIPTransaction

/// What can be said about an account at an instant.
package struct RegistrationStatus: Sendable {
  package var state: StateName
  package var callID: String
  /// The highest that may have been sent.
  package var cSeq: UInt32
  package var fromTag: String
  package var binding: Binding?
  package var pause: PauseReason?
  /// What comes next of itself, if anything does.
  package var next: Instant?
  package var failures: Int
  package var lastFailure: Failure?
  /// Oldest first.
  package var exchanges: [Exchange]
  /// Which route is in use, or will be tried first.
  package var routeIndex: Int
}

/// The states of a registration by name, in the order of its life.
package enum StateName: String, Sendable, CaseIterable {
  case unregistered, registering, registered, refreshing, waiting, paused, unregistering

  package init(_ state: Registration.State) {
    switch state {
    case .unregistered: self = .unregistered
    case .registering: self = .registering
    case .registered: self = .registered
    case .refreshing: self = .refreshing
    case .waiting: self = .waiting
    case .paused: self = .paused
    case .unregistering, .ended: self = .unregistering
    }
  }
}

/// One REGISTER and what became of it.
package struct Exchange: Sendable, Equatable {
  /// How many are kept of an account.
  package static let kept = 4

  package var sentAt: Instant
  package var target: Target
  package var outcome: Outcome
  /// nil: no answer.
  package var roundTrip: Duration?

  package enum Outcome: Sendable, Equatable {
    case accepted(status: Int)
    case failed(Failure)
  }
}
