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
  /// What was granted beside the binding, if anything.
  package var granted: Granted?
  /// How the flow that holds the binding is kept open; nil: it is not.
  package var flow: FlowStatus?
  /// With what the peers were answered last.
  package var credentials: [CredentialsUse]
  /// Whether every exchange is kept, or only those around trouble.
  package var isHistoryWhole: Bool
  /// What came for the REGISTER that is on its way and could not be used.
  package var discarded: Discarded?
}
