import SIPMessage

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
  /// What comes next, and through whom.
  package var outlook: Outlook
  package var failures: Int
  package var lastFailure: Failure?
  /// Oldest first.
  package var exchanges: [Exchange]
  /// Which route is in use, or will be tried first.
  package var routeIndex: Int
  /// The next hops whose return it waits for.
  package var waitsFor: [SilentHop]
  /// What is odd about the binding, if anything.
  package var notices: [Notice]
  /// The expiry of the last REGISTER, in seconds; nil before the first one.
  package var asked: UInt32?
  /// When the last REGISTER left; nil before the first one.
  package var sentAt: Instant?
  /// Our end of the way that holds the binding, or that is being tried.
  package var local: Endpoint?
  /// Where requests of this account come from in the peers' eyes, where that is not where they left (RFC 3581).
  package var seenFrom: Endpoint?
  /// With what the peers were answered last.
  package var credentials: [CredentialsUse]
  /// Whether every exchange is kept, or only those around trouble.
  package var isHistoryWhole: Bool
  /// What came for the REGISTER that is on its way and could not be used.
  package var discarded: Discarded?
}

/// What an account waits for.
package enum Outlook: Sendable, Equatable {
  /// Nothing comes of itself.
  case rest
  /// A REGISTER is under way, and what comes of it decides.
  case answer
  /// It acts by itself at the instant.
  case own(Instant)
  /// It waits for a next hop that the account of this name asks at present.
  case follows(String)
  /// It waits for a next hop that the account of this name asks at the instant.
  case asked(by: String, at: Instant)
  /// The next hop answers again, and those that waited follow one after the other.
  case inLine
}

/// With what a server or proxy was answered; no secret.
package struct CredentialsUse: Sendable, Equatable {
  package var username: String
  package var realm: String
  package var algorithm: String
}

/// Answers to one request that could not be used.
package struct Discarded: Sendable, Equatable {
  package var count: UInt32
  /// What was wrong with the last one.
  package var flaw: Flaw

  package init(count: UInt32, flaw: Flaw) {
    self.count = count
    self.flaw = flaw
  }
}

/// A next hop, or a registrar beyond it, that fails whoever sends there.
package struct SilentHop: Sendable, Equatable {
  package var uri: URI
  /// That fails, while others beyond the same hop answer; nil: the hop itself does.
  package var registrar: URI?
  package var since: Instant
  /// Accounts in line.
  package var waiting: Int
  /// The name of the account that asks it at present.
  package var prober: String?
  /// The name of the account that asks it next, unless one does.
  package var nextProber: String?
  /// When the next one asks, unless one does.
  package var nextProbe: Instant
}

extension SilentHop {
  /// Two domains beyond the same hop.
  func joined(by other: Self) -> Self {
    Self(
      uri: uri, registrar: registrar, since: min(since, other.since), waiting: waiting + other.waiting,
      prober: prober ?? other.prober,
      nextProber: nextProber ?? other.nextProber, nextProbe: min(nextProbe, other.nextProbe))
  }
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
