import Crypto
import CryptoExtras
import SIPMessage

/// The digest calculation (RFC 7616 §3.4, RFC 8760 §2): H over `:`-joined parts, as lower-case hexadecimal digits.
package struct Digest: Sendable {
  package let algorithm: DigestAlgorithm

  package init(_ algorithm: DigestAlgorithm) { self.algorithm = algorithm }

  /// The answer to a nonce for a request.
  ///
  /// - Parameters:
  ///   - nonce: with its count as it is sent
  ///   - clientNonce: not asked for without a quality of protection, as RFC 2069 had it
  /// - Returns: nil when the secret is a hash of another algorithm.
  package func response(
    to nonce: CachedNonce, for subject: DigestSubject, clientNonce: [UInt8], credential: Credential
  ) -> [UInt8]? {
    guard credential.isGood(for: algorithm) else { return nil }
    let room = room(
      credential: credential.length, realm: nonce.realm.count, nonce: nonce.nonce.count, clientNonce: clientNonce.count)
    return [UInt8](reserving: room) {
      append(secretOf: credential, realm: nonce.realm.span, to: &$0)
      complete(
        &$0, from: 0, nonce: nonce.nonce.span, count: nonce.count, quality: nonce.quality, for: subject,
        clientNonce: clientNonce.span)
    }
  }

  /// About what a response takes while it is made of parts as long as these.
  ///
  /// - Parameter credential: user name and secret
  func room(credential: Int, realm: Int, nonce: Int, clientNonce: Int) -> Int {
    // Two hashes in digits, what A1 is made of, and the short parts between.
    2 * algorithm.hash.digits + 32 + credential + realm + nonce + clientNonce
  }

  /// H(user ":" realm ":" password), which is the same for every nonce of a realm; of MD5 only.
  struct SecretHash: Sendable {
    fileprivate let high: UInt64
    fileprivate let low: UInt64
  }

  /// The hash of the secret, to be kept; nil of other hashes than MD5, and where the credential is a hash itself.
  func secretHash(of credential: Credential, realm: [UInt8]) -> SecretHash? {
    guard algorithm.hash == .md5, credential.hash == nil else { return nil }
    var hash: SecretHash?
    _ = [UInt8](reserving: algorithm.hash.digits + 2 + credential.length + realm.count) {
      hash = append(secretOf: credential, realm: realm.span, to: &$0)
    }
    return hash
  }

  /// Writes H(user ":" realm ":" password), whether it has to be calculated or is what the credential holds.
  @discardableResult
  func append(secretOf credential: Credential, realm: Span<UInt8>, to text: inout TextWriter) -> SecretHash? {
    guard credential.hash == nil else {
      text.append(credential.secret.span)
      return nil
    }
    let start = text.count
    text.append(credential.username.span)
    text.append(colon)
    text.append(realm)
    text.append(colon)
    text.append(credential.secret.span)
    return hash(&text, from: start)
  }

  /// Makes the answer of a secret that stands at `start`, where it will stand in the request.
  ///
  /// - Parameters:
  ///   - count: of the nonce, as it is sent
  ///   - quality: nil: as RFC 2069 had it
  func complete(
    _ text: inout TextWriter, from start: Int, nonce: Span<UInt8>, count: UInt32, quality: QualityOfProtection?,
    for subject: DigestSubject, clientNonce: Span<UInt8>
  ) {
    text.append(colon)
    text.append(nonce)
    if algorithm.isSession {
      text.append(colon)
      text.append(clientNonce)
      hash(&text, from: start)
      text.append(colon)
      text.append(nonce)
    }
    text.append(colon)
    if let quality {
      DigestCredentials.appendNonceCount(count, to: &text)
      text.append(colon)
      text.append(clientNonce)
      text.append(colon)
      text.append(quality.token)
      text.append(colon)
    }
    text.append(subject.hash(algorithm.hash, isBodyProtected: quality == .authInt).span)
    hash(&text, from: start)
  }

  private var colon: UInt8 { UInt8(ascii: ":") }

  package func hash(_ text: [UInt8]) -> [UInt8] {
    [UInt8](reserving: max(text.count, algorithm.hash.digits)) {
      $0.append(text.span)
      hash(&$0, from: 0)
    }
  }

  /// What stands behind `start` makes place for the digits of its hash.
  ///
  /// - Returns: its first half, of a longer hash.
  @discardableResult
  private func hash(_ text: inout TextWriter, from start: Int) -> SecretHash {
    switch algorithm.hash {
    case .md5: Self.hash(&text, from: start, Insecure.MD5())
    case .sha256: Self.hash(&text, from: start, SHA256())
    case .sha512_256: Self.hash(&text, from: start, SHA512256())
    }
  }

  private static func hash(
    _ text: inout TextWriter, from start: Int, _ hash: consuming some HashFunction
  ) -> SecretHash {
    unsafe text.take(from: start) { unsafe hash.update(bufferPointer: $0) }
    return unsafe hash.finalize().withUnsafeBytes { bytes in
      // The length of a hash is a multiple of eight.
      for offset in stride(from: 0, to: bytes.count, by: 8) {
        text.append(hexadecimal: unsafe bytes.word(at: offset), digits: 16)
      }
      return unsafe SecretHash(high: bytes.word(at: 0), low: bytes.word(at: 8))
    }
  }
}

/// What a digest says about a request: A2 (RFC 7616 §3.4.3). Requests that have it in common share its hashes.
package final class DigestSubject: Sendable {
  let uri: [UInt8]
  private let method: Method
  private let body: [UInt8]
  /// H(A2) without a body, by the raw value of the hash.
  private let hashes: [[UInt8]]

  package init(method: Method, uri: Bytes, body: [UInt8] = []) {
    self.uri = Array(uri)
    self.method = method
    self.body = body
    hashes = DigestAlgorithm.Hash.allCases.map {
      Digest(DigestAlgorithm(hash: $0)).hash(Self.text(method, uri))
    }
  }

  private static func text(_ method: Method, _ uri: Bytes) -> [UInt8] { method.text.utf8 + [UInt8(ascii: ":")] + uri }

  func hash(_ hash: DigestAlgorithm.Hash, isBodyProtected: Bool) -> [UInt8] {
    guard isBodyProtected else { return hashes[Int(hash.rawValue)] }
    let digest = Digest(DigestAlgorithm(hash: hash))
    return digest.hash(Self.text(method, uri[...]) + [UInt8(ascii: ":")] + digest.hash(body))
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func word(at offset: Int) -> UInt64 {
    unsafe loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian
  }
}

extension TextWriter {
  mutating func append(_ hash: Digest.SecretHash) {
    append(hexadecimal: hash.high, digits: 16)
    append(hexadecimal: hash.low, digits: 16)
  }
}
