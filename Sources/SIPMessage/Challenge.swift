/// One WWW-Authenticate or Proxy-Authenticate value of the digest scheme (RFC 3261 §22.4, RFC 7616 §3.3, RFC 8760).
package struct Challenge: Sendable, Equatable {
  /// Who asks: the server (401) or a proxy (407).
  package enum Source: UInt8, Sendable { case server, proxy }

  /// Longer ones would be copied into every request: refused.
  package static let maximumNonceLength = 1024

  package let source: Source
  package let realm: [UInt8]
  package let nonce: [UInt8]
  package let opaque: [UInt8]?
  /// The former nonce was too old, the credentials good (RFC 7616 §3.3).
  package let isStale: Bool
  /// nil: an algorithm that is not known here. Missing means MD5.
  package let algorithm: DigestAlgorithm?
  /// Empty when the challenge has none, as in RFC 2069.
  package let qualities: [QualityOfProtection]
  /// A qop was offered, but none that is known here.
  package let hasUnknownQualityOnly: Bool
  /// The server takes a hashed user name (RFC 7616 §3.4.4).
  package let allowsUserHash: Bool

  /// - Throws: when realm or nonce are missing, a parameter is doubled or too long, or the scheme is not Digest.
  package init(parsing value: Bytes, from source: Source) throws(SyntaxError) {
    let parameters = try AuthParameters(parsing: value)
    guard parameters.scheme.equalsIgnoringCase("Digest") else { throw SyntaxError("auth-scheme") }
    guard let realm = parameters["realm"], let nonce = parameters["nonce"], !nonce.isEmpty else {
      throw SyntaxError("challenge")
    }
    let opaque = parameters["opaque"]
    guard nonce.count <= Self.maximumNonceLength, realm.count <= Self.maximumNonceLength,
      (opaque?.count ?? 0) <= Self.maximumNonceLength
    else { throw SyntaxError("challenge") }
    self.source = source
    self.realm = realm
    self.nonce = nonce
    self.opaque = opaque
    isStale = parameters["stale"].map { $0[...].equalsIgnoringCase("true") } ?? false
    algorithm = parameters["algorithm"].map { DigestAlgorithm($0[...]) } ?? DigestAlgorithm(hash: .md5)
    let offered = parameters["qop"].map { $0[...].commaSeparated().filter { !$0.isEmpty } } ?? []
    qualities = offered.compactMap(QualityOfProtection.init)
    hasUnknownQualityOnly = !offered.isEmpty && qualities.isEmpty
    allowsUserHash = parameters["userhash"].map { $0[...].equalsIgnoringCase("true") } ?? false
  }
}

/// Authentication-Info = ainfo *(COMMA ainfo) (RFC 3261 §20.6, RFC 7616 §3.5)
package struct AuthenticationInfo: Sendable, Equatable {
  /// The nonce for the next request.
  package let nextNonce: [UInt8]?
  package let responseAuth: [UInt8]?

  package init(parsing value: Bytes) throws(SyntaxError) {
    let parameters = try AuthParameters(parsing: value, hasScheme: false)
    let next = parameters["nextnonce"]
    guard (next?.count ?? 0) <= Challenge.maximumNonceLength else { throw SyntaxError("nextnonce") }
    nextNonce = next.flatMap { $0.isEmpty ? nil : $0 }
    responseAuth = parameters["rspauth"]
  }
}
