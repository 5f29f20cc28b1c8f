import Crypto
import CryptoExtras
import SIPMessage

/// The digest calculation (RFC 7616 §3.4, RFC 8760 §2): H over `:`-joined parts, as lower-case hexadecimal digits.
package struct Digest: Sendable {
  package let algorithm: DigestAlgorithm

  package init(_ algorithm: DigestAlgorithm) { self.algorithm = algorithm }

  /// What a request is answered with.
  package struct Input: Sendable {
    package var username: [UInt8]
    package var realm: [UInt8]
    package var nonce: [UInt8]
    package var method: [UInt8]
    package var uri: [UInt8]
    /// nil: as RFC 2069 had it, without nc and cnonce.
    package var quality: QualityOfProtection?
    package var clientNonce: [UInt8]
    package var nonceCount: UInt32
    package var body: Bytes

    package init(
      username: [UInt8], realm: [UInt8], nonce: [UInt8], method: [UInt8], uri: [UInt8], quality: QualityOfProtection?,
      clientNonce: [UInt8] = [], nonceCount: UInt32 = 0, body: Bytes = []
    ) {
      self.username = username
      self.realm = realm
      self.nonce = nonce
      self.method = method
      self.uri = uri
      self.quality = quality
      self.clientNonce = clientNonce
      self.nonceCount = nonceCount
      self.body = body
    }
  }

  /// - Returns: nil when the secret is a hash of another algorithm.
  package func response(_ input: Input, secret: Credential.Secret) -> [UInt8]? {
    var a1: [UInt8]
    switch secret {
    case .password(let password): a1 = hash(joining: input.username, input.realm, password)
    case .hashed(let hash, let digits):
      guard hash == algorithm.hash else { return nil }
      a1 = digits
    }
    if algorithm.isSession { a1 = hash(joining: a1, input.nonce, input.clientNonce) }
    let a2: [UInt8]
    switch input.quality {
    case .authInt: a2 = hash(joining: input.method, input.uri, hash(Array(input.body)))
    case .auth, nil: a2 = hash(joining: input.method, input.uri)
    }
    guard let quality = input.quality else { return hash(joining: a1, input.nonce, a2) }
    var count: [UInt8] = []
    DigestCredentials.appendNonceCount(input.nonceCount, to: &count)
    var token: [UInt8] = []
    token.append(quality.token)
    return hash(joining: a1, input.nonce, count, input.clientNonce, token, a2)
  }

  private func hash(joining parts: [UInt8]...) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(parts.reduce(parts.count) { $0 + $1.count })
    for (index, part) in parts.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ":")) }
      text += part
    }
    return hash(text)
  }

  package func hash(_ text: [UInt8]) -> [UInt8] {
    switch algorithm.hash {
    case .md5: Self.hexadecimal(Insecure.MD5.hash(data: text))
    case .sha256: Self.hexadecimal(SHA256.hash(data: text))
    case .sha512_256: Self.hexadecimal(SHA512256.hash(data: text))
    }
  }

  private static func hexadecimal(_ digest: some Sequence<UInt8>) -> [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    for byte in digest {
      for nibble in [byte >> 4, byte & 15] { digits.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble) }
    }
    return digits
  }
}
