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
    package var method: Method
    package var uri: Bytes
    /// nil: as RFC 2069 had it, without nc and cnonce.
    package var quality: QualityOfProtection?
    package var clientNonce: [UInt8]
    package var nonceCount: UInt32
    package var body: Bytes

    package init(
      realm: [UInt8], nonce: [UInt8], method: Method, uri: Bytes, quality: QualityOfProtection?,
      clientNonce: [UInt8] = [], nonceCount: UInt32 = 0, body: Bytes = []
    ) {
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
    part.removeAll(keepingCapacity: true)
    part.append(text: input.method.text)
    part.append(colon)
    part += input.uri
    if input.quality == .authInt {
      part.append(colon)
      append(hashOf: Array(input.body), to: &part)
    }
    append(hashOf: part, to: &text)
    return hash(text)
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
    case .md5: unsafe Insecure.MD5.hash(data: text).withUnsafeBytes { unsafe digits.append(hexadecimal: $0) }
    case .sha256: unsafe SHA256.hash(data: text).withUnsafeBytes { unsafe digits.append(hexadecimal: $0) }
    case .sha512_256: unsafe SHA512256.hash(data: text).withUnsafeBytes { unsafe digits.append(hexadecimal: $0) }
    }
  }
}

extension [UInt8] {
  /// Two LHEX for each byte.
  fileprivate mutating func append(hexadecimal bytes: UnsafeRawBufferPointer) {
    append(addingCapacity: bytes.count * 2) { text in
      for index in 0..<bytes.count {
        let byte = unsafe bytes[index]
        text.append(Self.digit(byte >> 4))
        text.append(Self.digit(byte & 15))
      }
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
