import SIPMessage

/// Why an account rests.
package enum PauseReason: Sendable, Equatable {
  /// `sipregctl pause`.
  case byOperator
  /// The registrar or a proxy said no, with this status.
  case refused(status: UInt16)
  /// The credentials were answered with the same challenge again.
  case credentialsRejected
  /// A challenge that no configured credential answers: another realm, another algorithm.
  case noCredentials
}
