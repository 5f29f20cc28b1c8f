import SIPMessage

/// What an account proves itself with, for one realm or for any (RFC 3261 §22.1). One piece of memory: accounts are
/// many.
package struct Credential: Sendable, Equatable {
  package enum Secret: Sendable, Equatable {
    case password([UInt8])
    /// H(username ":" realm ":" password) of one hash, as lower-case hexadecimal digits.
    case hashed(DigestAlgorithm.Hash, [UInt8])
  }

  /// Only a challenge of this realm is answered with it; nil: of any.
  package var realm: [UInt8]?
  /// User name and secret, one behind the other.
  private let text: [UInt8]
  private let usernameLength: UInt32
  /// nil: the secret is a password.
  package let hash: DigestAlgorithm.Hash?

  package init(username: String, realm: String? = nil, secret: Secret) {
    self.realm = realm.map { Array($0.utf8) }
    switch secret {
    case .password(let password):
      hash = nil
      text = username.utf8 + password
    case .hashed(let hash, let digits):
      self.hash = hash
      text = username.utf8 + digits
    }
    usernameLength = UInt32(username.utf8.count)
  }

  package init(username: String, realm: String? = nil, password: String) {
    self.init(username: username, realm: realm, secret: .password(Array(password.utf8)))
  }

  /// For the same realm, with a secret of the same kind; nil: the same user name or secret.
  init(like other: Credential, username: Range<Int>?, secret: Range<Int>?, of words: Span<UInt8>) {
    realm = other.realm
    hash = other.hash
    let usernameLength = username?.count ?? Int(other.usernameLength)
    var text: [UInt8] = []
    text.reserveCapacity(usernameLength + (secret?.count ?? other.secret.count))
    if let username { text.append(words.extracting(username)) } else { text.append(bytes: other.username) }
    if let secret { text.append(words.extracting(secret)) } else { text.append(bytes: other.secret) }
    self.text = text
    self.usernameLength = UInt32(usernameLength)
  }

  /// Of user name and secret, in bytes.
  var length: Int { text.count }
  package var username: Bytes { text[..<Int(usernameLength)] }
  /// The password, or the digits of the hash.
  var secret: Bytes { text[Int(usernameLength)...] }

  /// Whether a response of this algorithm can be made of it.
  func isGood(for algorithm: DigestAlgorithm) -> Bool { hash == nil || hash == algorithm.hash }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible {
  /// Without the secret, wherever it is printed.
  package var description: String { "\(username.text) (secret hidden)" }
  package var debugDescription: String { description }
}
