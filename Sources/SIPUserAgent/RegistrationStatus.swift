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
  /// The next hops whose return it waits for.
  package var waitsFor: [SilentHop]
}

/// A next hop that fails whoever sends to it.
package struct SilentHop: Sendable, Equatable {
  package var uri: URI
  package var since: Instant
  /// Accounts in line.
  package var waiting: Int
  /// The name of the account that asks it at present.
  package var prober: String?
  /// When the next one asks, unless one does.
  package var nextProbe: Instant
}

/// The states of a registration by name, in the order of its life.
package enum StateName: String, Sendable, CaseIterable {
  case unregistered, registering, registered, refreshing, waiting, paused, unregistering

  var index: Int {
    switch self {
    case .unregistered: 0
    case .registering: 1
    case .registered: 2
    case .refreshing: 3
    case .waiting: 4
    case .paused: 5
    case .unregistering: 6
    }
  }
}

extension Registration.State {
  package var name: StateName {
    switch self {
    case .unregistered: .unregistered
    case .registering: .registering
    case .registered: .registered
    case .refreshing: .refreshing
    case .waiting: .waiting
    case .paused: .paused
    case .unregistering, .ended: .unregistering
    }
  }
}

/// How many accounts are in each state, kept up to date as they change: nobody walks over a million accounts to know.
package struct StateTally: Sendable, Equatable {
  private var numbers = [Int](repeating: 0, count: StateName.allCases.count)

  package init() {}

  package subscript(name: StateName) -> Int {
    get { numbers[name.index] }
    set { numbers[name.index] = newValue }
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

    package var isAccepted: Bool {
      switch self {
      case .accepted: true
      case .failed: false
      }
    }
  }
}
