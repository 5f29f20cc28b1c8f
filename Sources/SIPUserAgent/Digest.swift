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
    let room = room(to: nonce, clientNonce: clientNonce.count, credential: credential)
    return [UInt8](room: room) {
      append(
        responseTo: nonce, for: subject, clientNonce: clientNonce.span, credential: credential, secret: nil, to: &$0)
    }
  }

  /// H(user ":" realm ":" password), which is the same for every nonce of a realm; of MD5 only.
  struct SecretHash: Sendable {
    fileprivate var high: UInt64
    fileprivate var low: UInt64
  }

  /// The most that a response takes while it is made.
  func room(to nonce: CachedNonce, clientNonce: Int, credential: Credential) -> Int {
    // Two hashes in digits, what A1 is made of, and the short parts between.
    2 * algorithm.hash.digits + 32 + credential.length + nonce.realm.count + nonce.nonce.count + clientNonce
  }

  /// Writes the answer where it stands in the request: what is hashed stands there before it.
  ///
  /// - Parameters:
  ///   - credential: good for this algorithm
  ///   - secret: of this credential and the nonce's realm; nil: not kept
  func append(
    responseTo nonce: CachedNonce, for subject: DigestSubject, clientNonce: Span<UInt8>,
    credential: Credential, secret: SecretHash?, to text: inout OutputSpan<UInt8>
  ) {
    let start = text.count
    if let secret {
      text.append(hexadecimal: secret.high, digits: 16)
      text.append(hexadecimal: secret.low, digits: 16)
    } else {
      append(secretOf: credential, realm: nonce.realm.span, to: &text)
    }
    text.append(colon)
    text.append(nonce.nonce.span)
    if algorithm.isSession {
      text.append(colon)
      text.append(clientNonce)
      hash(&text, from: start)
      text.append(colon)
      text.append(nonce.nonce.span)
    }
    text.append(colon)
    if let quality = nonce.quality {
      DigestCredentials.appendNonceCount(nonce.count, to: &text)
      text.append(colon)
      text.append(clientNonce)
      text.append(colon)
      text.append(quality.token)
      text.append(colon)
    }
    text.append(subject.hash(algorithm.hash, isBodyProtected: nonce.quality == .authInt).span)
    hash(&text, from: start)
  }

  /// nil: there is no use in keeping it.
  func secretHash(of credential: Credential, realm: [UInt8]) -> SecretHash? {
    guard algorithm.hash == .md5, credential.hash == nil else { return nil }
    var hash: SecretHash?
    _ = [UInt8](room: algorithm.hash.digits + 2 + credential.length + realm.count) {
      hash = append(secretOf: credential, realm: realm.span, to: &$0)
    }
    return hash
  }

  /// H(A1) of an algorithm that is not -sess.
  @discardableResult
  private func append(
    secretOf credential: Credential, realm: Span<UInt8>, to text: inout OutputSpan<UInt8>
  ) -> SecretHash? {
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

  private var colon: UInt8 { UInt8(ascii: ":") }

  package func hash(_ text: [UInt8]) -> [UInt8] {
    [UInt8](room: max(text.count, algorithm.hash.digits)) {
      $0.append(text.span)
      hash(&$0, from: 0)
    }
  }

  /// What stands behind `start` makes place for the digits of its hash.
  ///
  /// - Returns: its first half, of a longer hash.
  @discardableResult
  private func hash(_ text: inout OutputSpan<UInt8>, from start: Int) -> SecretHash {
    switch algorithm.hash {
    case .md5: Self.hash(&text, from: start, Insecure.MD5())
    case .sha256: Self.hash(&text, from: start, SHA256())
    case .sha512_256: Self.hash(&text, from: start, SHA512256())
    }
  }

  private static func hash(
    _ text: inout OutputSpan<UInt8>, from start: Int, _ hash: consuming some HashFunction
  ) -> SecretHash {
    unsafe text.span.extracting(start...).withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    text.removeLast(text.count - start)
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
