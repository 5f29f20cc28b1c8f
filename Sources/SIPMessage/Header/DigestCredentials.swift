/// Digest credentials of an Authorization or Proxy-Authorization value (RFC 3261 §22.4, RFC 7616 §3.4).
package struct DigestCredentials: Sendable, Equatable {
  package var username: [UInt8]
  package var realm: [UInt8]
  package var nonce: [UInt8]
  package var uri: [UInt8]
  /// Lower-case hexadecimal digits.
  package var response: [UInt8]
  package var algorithm: DigestAlgorithm?
  package var opaque: [UInt8]?
  package var quality: QualityOfProtection?
  package var clientNonce: [UInt8]?
  package var nonceCount: UInt32?
  /// The user name is H(username ":" realm) (RFC 7616 §3.4.4).
  package var isUserHashed: Bool

  package init(
    username: [UInt8], realm: [UInt8], nonce: [UInt8], uri: [UInt8], response: [UInt8],
    algorithm: DigestAlgorithm? = nil,
    opaque: [UInt8]? = nil, quality: QualityOfProtection? = nil, clientNonce: [UInt8]? = nil, nonceCount: UInt32? = nil,
    isUserHashed: Bool = false
  ) {
    self.username = username
    self.realm = realm
    self.nonce = nonce
    self.uri = uri
    self.response = response
    self.algorithm = algorithm
    self.opaque = opaque
    self.quality = quality
    self.clientNonce = clientNonce
    self.nonceCount = nonceCount
    self.isUserHashed = isUserHashed
  }

  package init(parsing value: Bytes) throws(SyntaxError) {
    let parameters = try AuthParameters(parsing: value)
    guard parameters.scheme.equalsIgnoringCase("Digest") else { throw SyntaxError("auth-scheme") }
    guard let username = parameters["username"], let realm = parameters["realm"], let nonce = parameters["nonce"],
      let uri = parameters["uri"], let response = parameters["response"]
    else { throw SyntaxError("credentials") }
    self.init(
      username: username, realm: realm, nonce: nonce, uri: uri, response: response,
      algorithm: parameters["algorithm"].flatMap { DigestAlgorithm($0[...]) }, opaque: parameters["opaque"],
      quality: parameters["qop"].flatMap { QualityOfProtection($0[...]) }, clientNonce: parameters["cnonce"],
      nonceCount: parameters["nc"].flatMap { $0.count == 8 ? UInt32($0[...].text, radix: 16) : nil },
      isUserHashed: parameters["userhash"].map { $0[...].equalsIgnoringCase("true") } ?? false)
  }

  /// The header field value.
  package var headerValue: [UInt8] {
    let room = Self.room(
      username: username.count, realm: realm.count, nonce: nonce.count, uri: uri.count, opaque: opaque?.count ?? 0,
      clientNonce: clientNonce?.count ?? 0)
    return [UInt8](reserving: room + 2 * response.count) { text in
      Self.append(
        username: username.span, realm: realm.span, nonce: nonce.span, uri: uri.span, algorithm: algorithm,
        opaque: opaque, to: &text
      ) { $0.append(escaped: response.span) }
      if let quality, let clientNonce, let nonceCount {
        Self.append(quality: quality, nonceCount: nonceCount, clientNonce: clientNonce.span, to: &text)
      }
      if isUserHashed { text.append(", userhash=true") }
    }
  }

  /// About what a value of parts as long as these takes, its response aside.
  package static func room(
    username: Int, realm: Int, nonce: Int, uri: Int, opaque: Int, clientNonce: Int
  ) -> Int {
    // As if every byte had to be escaped.
    151 + 2 * (username + realm + nonce + uri + opaque + clientNonce)
  }

  /// What every answer has. username, realm, nonce, uri, response, opaque and cnonce are quoted; algorithm, qop and nc
  /// are not (RFC 7616 §3.4).
  ///
  /// - Parameter response: writes the digits where they stand
  package static func append(
    username: Span<UInt8>, realm: Span<UInt8>, nonce: Span<UInt8>, uri: Span<UInt8>, algorithm: DigestAlgorithm?,
    opaque: [UInt8]?, to text: inout TextWriter, response: (inout TextWriter) -> Void
  ) {
    text.append("Digest username=")
    text.append(quoted: username)
    text.append(", realm=")
    text.append(quoted: realm)
    text.append(", nonce=")
    text.append(quoted: nonce)
    text.append(", uri=")
    text.append(quoted: uri)
    text.append(", response=\"")
    response(&text)
    text.append("\"")
    if let algorithm {
      text.append(", algorithm=")
      text.append(algorithm.token)
    }
    if let opaque {
      text.append(", opaque=")
      text.append(quoted: opaque.span)
    }
  }

  /// What an answer has where a quality of protection was offered.
  package static func append(
    quality: QualityOfProtection, nonceCount: UInt32, clientNonce: Span<UInt8>, to text: inout TextWriter
  ) {
    text.append(", qop=")
    text.append(quality.token)
    text.append(", nc=")
    appendNonceCount(nonceCount, to: &text)
    text.append(", cnonce=")
    text.append(quoted: clientNonce)
  }

  /// nc-value = 8LHEX
  package static func appendNonceCount(_ count: UInt32, to text: inout TextWriter) {
    text.append(hexadecimal: UInt64(count), digits: 8)
  }
}
