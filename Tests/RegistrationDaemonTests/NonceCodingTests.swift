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

  @Test func noncesComeBackAsTheyWere() {
    for count in 0...2 {
      let some = Array(nonces.prefix(count))
      let decoded = NonceCoding.decode(NonceCoding.encode(some).span)
      #expect(decoded == some)
    }
  }

  @Test func bytesThatAreCutOffAreNone() {
    let bytes = NonceCoding.encode(nonces)
    let first = NonceCoding.encode([nonces[0]]).count
    for count in 1..<bytes.count where count != first {
      let decoded = NonceCoding.decode(bytes.span.extracting(0..<count))
      #expect(decoded == nil, "\(count) bytes")
    }
  }
}
