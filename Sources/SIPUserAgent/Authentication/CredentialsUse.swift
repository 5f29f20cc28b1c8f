import SIPMessage

/// With what a server or proxy was answered; no secret.
package struct CredentialsUse: Sendable, Equatable {
  package var username: String
  package var realm: String
  package var algorithm: String
}
