/// algorithm of a digest challenge (RFC 7616 §6.1, RFC 8760 §2.1).
package struct DigestAlgorithm: Hashable, Sendable {
  /// Weakest first: RFC 8760 §2.4 has a client take the strongest it supports.
  package enum Hash: UInt8, Hashable, Sendable, Comparable, CaseIterable {
    case md5, sha256, sha512_256

    /// LHEX that it is written in.
    package var digits: Int {
      switch self {
      case .md5: 32
      case .sha256, .sha512_256: 64
      }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  package var hash: Hash
  /// The -sess form, whose A1 holds nonce and cnonce.
  package var isSession: Bool

  package init(hash: Hash, isSession: Bool = false) {
    self.hash = hash
    self.isSession = isSession
  }

  /// - Returns: nil for an algorithm that is not known here.
  package init?(_ token: Bytes) { self.init(token.span) }

  init?(_ token: Span<UInt8>) {
    for (algorithm, name) in Self.tokens where token.equalsIgnoringCase(name) {
      self = algorithm
      return
    }
    return nil
  }

  private static let tokens: [(DigestAlgorithm, StaticString)] = [
    (.init(hash: .md5), "MD5"), (.init(hash: .md5, isSession: true), "MD5-sess"),
    (.init(hash: .sha256), "SHA-256"), (.init(hash: .sha256, isSession: true), "SHA-256-sess"),
    (.init(hash: .sha512_256), "SHA-512-256"), (.init(hash: .sha512_256, isSession: true), "SHA-512-256-sess"),
  ]

  package var token: StaticString {
    switch (hash, isSession) {
    case (.md5, false): "MD5"
    case (.md5, true): "MD5-sess"
    case (.sha256, false): "SHA-256"
    case (.sha256, true): "SHA-256-sess"
    case (.sha512_256, false): "SHA-512-256"
    case (.sha512_256, true): "SHA-512-256-sess"
    }
  }
}

/// qop-value = "auth" / "auth-int" / token (RFC 7616 §3.3)
package enum QualityOfProtection: UInt8, Hashable, Sendable {
  case auth, authInt

  package init?(_ token: Bytes) { self.init(token.span) }

  init?(_ token: Span<UInt8>) {
    if token.equalsIgnoringCase("auth") {
      self = .auth
    } else if token.equalsIgnoringCase("auth-int") {
      self = .authInt
    } else {
      return nil
    }
  }

  package var token: StaticString {
    switch self {
    case .auth: "auth"
    case .authInt: "auth-int"
    }
  }
}
