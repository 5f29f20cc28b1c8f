import SIPMessage

/// What an account proves itself with, for one realm or for any (RFC 3261 §22.1).
package struct Credential: Sendable, Equatable {
  package enum Secret: Sendable, Equatable {
    case password([UInt8])
    /// H(username ":" realm ":" password) of one hash, as lower-case hexadecimal digits.
    case hashed(DigestAlgorithm.Hash, [UInt8])
  }

  package var username: [UInt8]
  /// Only a challenge of this realm is answered with it; nil: of any.
  package var realm: [UInt8]?
  package var secret: Secret

  package init(username: String, realm: String? = nil, secret: Secret) {
    self.username = Array(username.utf8)
    self.realm = realm.map { Array($0.utf8) }
    self.secret = secret
  }

  package init(username: String, realm: String? = nil, password: String) {
    self.init(username: username, realm: realm, secret: .password(Array(password.utf8)))
  }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible {
  /// Without the secret, wherever it is printed.
  package var description: String { "\(String(decoding: username, as: UTF8.self)) (secret hidden)" }
  package var debugDescription: String { description }
}
