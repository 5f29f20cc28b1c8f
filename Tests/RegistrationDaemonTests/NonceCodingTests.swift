import SIPMessage
import SIPUserAgent
import Testing

@testable import RegistrationDaemon

@Suite struct NonceCodingTests {
  let nonces = [
    CachedNonce(
      source: .server, realm: Array("r".utf8), nonce: Array("abc".utf8), algorithm: DigestAlgorithm(hash: .md5),
      quality: nil, count: 1),
    CachedNonce(
      source: .proxy, realm: [], nonce: Array("d".utf8), opaque: [], algorithm: DigestAlgorithm(hash: .sha256),
      quality: .auth, count: .max),
  ]

  func encode(_ nonces: [CachedNonce]) -> [UInt8] {
    nonces.reduce(into: []) { NonceCoding.append($1, to: &$0) }
  }

  @Test func noncesComeBackAsTheyWere() {
    for count in 0...2 {
      let some = Array(nonces.prefix(count))
      let decoded = NonceCoding.decode(encode(some).span)
      #expect(decoded == some)
    }
  }

  @Test func bytesThatAreCutOffAreNone() {
    let bytes = encode(nonces)
    let first = encode([nonces[0]]).count
    for count in 1..<bytes.count where count != first {
      let decoded = NonceCoding.decode(bytes.span.extracting(0..<count))
      #expect(decoded == nil, "\(count) bytes")
    }
  }
}
