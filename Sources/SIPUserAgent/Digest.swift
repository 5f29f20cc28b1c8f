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
    var secret: SecretHash?
    return response(to: nonce, for: subject, clientNonce: clientNonce, credential: credential, secret: &secret)
  }

  /// H(user ":" realm ":" password), which is the same for every nonce of a realm; of MD5 only.
  struct SecretHash: Sendable {
    fileprivate var high: UInt64
    fileprivate var low: UInt64
  }

  /// - Parameter secret: of this credential and the nonce's realm; nil: not known yet
  func response(
    to nonce: CachedNonce, for subject: DigestSubject, clientNonce: [UInt8], credential: Credential,
    secret: inout SecretHash?
  ) -> [UInt8]? {
    guard credential.isGood(for: algorithm) else { return nil }
    // What is hashed last, and what is hashed for it: two buffers for all of it.
    var text: [UInt8] = []
    text.reserveCapacity(256)
    var part: [UInt8] = []
    part.reserveCapacity(128)
    if let secret, algorithm.hash == .md5, credential.hash == nil {
      text.append(hexadecimal: secret.high, digits: 16)
      text.append(hexadecimal: secret.low, digits: 16)
    } else if credential.hash == nil {
      part.append(credential.username.span)
      part.append(colon)
      part.append(nonce.realm.span)
      part.append(colon)
      part.append(credential.secret.span)
      let hash = append(hashOf: part, to: &text)
      if algorithm.hash == .md5 { secret = hash }
    } else {
      text.append(credential.secret.span)
    }
    text.append(colon)
    text.append(nonce.nonce.span)
    if algorithm.isSession {
      text.append(colon)
      text.append(clientNonce.span)
      part.removeAll(keepingCapacity: true)
      append(hashOf: text, to: &part)
      swap(&text, &part)
      text.append(colon)
      text.append(nonce.nonce.span)
    }
    text.append(colon)
    if let quality = nonce.quality {
      text.append(hexadecimal: UInt64(nonce.count), digits: 8)
      text.append(colon)
      text.append(clientNonce.span)
      text.append(colon)
      text.append(quality.token)
      text.append(colon)
    }
    text.append(subject.hash(algorithm.hash, isBodyProtected: nonce.quality == .authInt).span)
    part.removeAll(keepingCapacity: true)
    append(hashOf: text, to: &part)
    return part
  }

  private var colon: UInt8 { UInt8(ascii: ":") }

  package func hash(_ text: [UInt8]) -> [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    append(hashOf: text, to: &digits)
    return digits
  }

  /// - Returns: its first half, of a longer hash.
  @discardableResult
  private func append(hashOf text: [UInt8], to digits: inout [UInt8]) -> SecretHash {
    switch algorithm.hash {
    case .md5: Self.append(Insecure.MD5(), of: text, to: &digits)
    case .sha256: Self.append(SHA256(), of: text, to: &digits)
    case .sha512_256: Self.append(SHA512256(), of: text, to: &digits)
    }
  }

  private static func append(
    _ hash: consuming some HashFunction, of text: [UInt8], to digits: inout [UInt8]
  ) -> SecretHash {
    unsafe text.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    return unsafe hash.finalize().withUnsafeBytes { bytes in
      unsafe digits.append(hexadecimal: bytes)
      return unsafe SecretHash(
        high: bytes.loadUnaligned(as: UInt64.self).bigEndian,
        low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian)
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

extension [UInt8] {
  /// Two LHEX for each byte; the length of a hash is a multiple of eight.
  fileprivate mutating func append(hexadecimal bytes: UnsafeRawBufferPointer) {
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      append(hexadecimal: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian, digits: 16)
    }
  }
}
