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
    var text: [UInt8] = []
    text.reserveCapacity(200 + nonce.count + uri.count)
    Self.append(
      username: username[...], realm: realm, nonce: nonce, uri: uri[...], response: response, algorithm: algorithm,
      opaque: opaque, to: &text)
    if let quality, let clientNonce, let nonceCount {
      Self.append(quality: quality, nonceCount: nonceCount, clientNonce: clientNonce, to: &text)
    }
    if isUserHashed { text.append(", userhash=true") }
    return text
  }

  /// What every answer has. username, realm, nonce, uri, response, opaque and cnonce are quoted; algorithm, qop and nc
  /// are not (RFC 7616 §3.4).
  package static func append(
    username: Bytes, realm: [UInt8], nonce: [UInt8], uri: Bytes, response: [UInt8], algorithm: DigestAlgorithm?,
    opaque: [UInt8]?, to text: inout [UInt8]
  ) {
    text.append("Digest username=")
    quote(username.span, into: &text)
    text.append(", realm=")
    quote(realm.span, into: &text)
    text.append(", nonce=")
    quote(nonce.span, into: &text)
    text.append(", uri=")
    quote(uri.span, into: &text)
    text.append(", response=")
    quote(response.span, into: &text)
    if let algorithm {
      text.append(", algorithm=")
      text.append(algorithm.token)
    }
    if let opaque {
      text.append(", opaque=")
      quote(opaque.span, into: &text)
    }
  }

  /// What an answer has where a quality of protection was offered.
  package static func append(
    quality: QualityOfProtection, nonceCount: UInt32, clientNonce: [UInt8], to text: inout [UInt8]
  ) {
    text.append(", qop=")
    text.append(quality.token)
    text.append(", nc=")
    appendNonceCount(nonceCount, to: &text)
    text.append(", cnonce=")
    quote(clientNonce.span, into: &text)
  }

  /// nc-value = 8LHEX
  package static func appendNonceCount(_ count: UInt32, to text: inout [UInt8]) {
    text.append(hexadecimal: UInt64(count), digits: 8)
  }

  private static func quote(_ value: Span<UInt8>, into text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    let whole = 0..<value.count
    if value.first(UInt8(ascii: "\""), in: whole) == nil, value.first(UInt8(ascii: "\\"), in: whole) == nil {
      text.append(value)
    } else {
      for index in whole {
        let byte = value[index]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
        text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
