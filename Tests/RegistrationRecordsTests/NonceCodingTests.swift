import SIPMessage
import SIPUserAgent
import Testing

@testable import RegistrationRecords

@Suite struct NonceCodingTests {
  let nonces = [
    CachedNonce(
      source: .server, realm: Array("r".utf8), nonce: Array("abc".utf8), algorithm: DigestAlgorithm(hash: .md5),
      quality: nil, count: 1),
    CachedNonce(
      source: .proxy, realm: [], nonce: Array("d".utf8), opaque: [], algorithm: DigestAlgorithm(hash: .sha256),
      quality: .auth, count: .max),
    // Not accepted yet; accepted, and of no more use.
    CachedNonce(
      source: .server, realm: Array("r".utf8), nonce: Array("e".utf8), algorithm: DigestAlgorithm(hash: .sha256),
      quality: .authInt, count: 0, isAccepted: false),
    CachedNonce(
      source: .server, realm: Array("s".utf8), nonce: [],
      algorithm: DigestAlgorithm(hash: .sha512_256, isSession: true), quality: nil, count: 0),
  ]

  func encode(_ nonces: [CachedNonce]) -> [UInt8] {
    nonces.reduce(into: []) { NonceCoding.append($1, to: &$0) }
  }

  @Test func noncesComeBackAsTheyWere() {
    for count in 0...nonces.count {
      let some = Array(nonces.prefix(count))
      let decoded = NonceCoding.decode(encode(some).span)
      #expect(decoded == some)
    }
  }

  @Test func bytesThatAreCutOffAreNone() {
    let bytes = encode(nonces)
    let ends = (1...nonces.count).map { encode(Array(nonces.prefix($0))).count }
    for count in 1..<bytes.count where !ends.contains(count) {
      let decoded = NonceCoding.decode(bytes.span.extracting(0..<count))
      #expect(decoded == nil, "\(count) bytes")
    }
  }

  /// What was written before acceptance was told apart counts as accepted, as it did then.
  @Test func bytesOfAnOlderProcessAreAccepted() {
    let bytes: [UInt8] = [0, 1, 0, 0, 0, 0, 0, 7, 0, 1, 0x72, 0, 1, 0x6E, 0xFF, 0xFF]
    let expected = CachedNonce(
      source: .server, realm: [0x72], nonce: [0x6E], algorithm: DigestAlgorithm(hash: .sha256), quality: .auth, count: 7
    )
    let decoded = NonceCoding.decode(bytes.span)
    #expect(decoded == [expected])
    #expect(decoded?.first?.isAccepted == true)
  }
}
