import Crypto
import CryptoExtras
import SIPMessage

/// The digest calculation (RFC 7616 §3.4, RFC 8760 §2): H over `:`-joined parts, as lower-case hexadecimal digits.
package struct Digest: Sendable {
  package let algorithm: DigestAlgorithm

  package init(_ algorithm: DigestAlgorithm) { self.algorithm = algorithm }

  /// What a request is answered with.
  package struct Input: Sendable {
    package var realm: [UInt8]
    package var nonce: [UInt8]
    package var subject: DigestSubject
    /// nil: as RFC 2069 had it, without nc and cnonce.
    package var quality: QualityOfProtection?
    package var clientNonce: [UInt8]
    package var nonceCount: UInt32

    package init(
      realm: [UInt8], nonce: [UInt8], subject: DigestSubject, quality: QualityOfProtection?,
      clientNonce: [UInt8] = [], nonceCount: UInt32 = 0
    ) {
      self.realm = realm
      self.nonce = nonce
      self.subject = subject
      self.quality = quality
      self.clientNonce = clientNonce
      self.nonceCount = nonceCount
    }
  }

  /// - Returns: nil when the secret is a hash of another algorithm.
  package func response(_ input: Input, credential: Credential) -> [UInt8]? {
    guard credential.isGood(for: algorithm) else { return nil }
    // What is hashed last, and what is hashed for it: two buffers for all of it.
    var text: [UInt8] = []
    text.reserveCapacity(256)
    var part: [UInt8] = []
    part.reserveCapacity(128)
    if credential.hash == nil {
      part += credential.username
      part.append(colon)
      part += input.realm
      part.append(colon)
      part += credential.secret
      append(hashOf: part, to: &text)
    } else {
      text += credential.secret
    }
    text.append(colon)
    text += input.nonce
    if algorithm.isSession {
      text.append(colon)
      text += input.clientNonce
      part.removeAll(keepingCapacity: true)
      append(hashOf: text, to: &part)
      swap(&text, &part)
      text.append(colon)
      text += input.nonce
    }
    text.append(colon)
    if let quality = input.quality {
      text.append(hexadecimal: UInt64(input.nonceCount), digits: 8)
      text.append(colon)
      text += input.clientNonce
      text.append(colon)
      text.append(quality.token)
      text.append(colon)
    }
    text += input.subject.hash(algorithm.hash, isBodyProtected: input.quality == .authInt)
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

  private func append(hashOf text: [UInt8], to digits: inout [UInt8]) {
    switch algorithm.hash {
    case .md5: Self.append(Insecure.MD5(), of: text, to: &digits)
    case .sha256: Self.append(SHA256(), of: text, to: &digits)
    case .sha512_256: Self.append(SHA512256(), of: text, to: &digits)
    }
  }

  private static func append(_ hash: consuming some HashFunction, of text: [UInt8], to digits: inout [UInt8]) {
    unsafe text.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    unsafe hash.finalize().withUnsafeBytes { unsafe digits.append(hexadecimal: $0) }
  }
}

/// What a digest says about a request: A2 (RFC 7616 §3.4.3). Requests that have it in common share its hashes.
package struct DigestSubject: Sendable {
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
