import SIPMessage
import SIPUserAgent
import Testing

/// The published vectors of RFC 2617, RFC 7616 and RFC 8760, and -sess and auth-int as they follow from the text.
@Suite struct DigestTests {
  struct Input {
    var realm: String
    var nonce: String
    var method = Method.other("GET")
    var uri: String
    var quality: QualityOfProtection? = .auth
    var clientNonce: String
    var body = ""
  }

  static func response(_ algorithm: DigestAlgorithm, _ input: Input, _ credential: Credential) -> String? {
    let nonce = CachedNonce(
      source: .server, realm: Array(input.realm.utf8), nonce: Array(input.nonce.utf8), algorithm: algorithm,
      quality: input.quality, count: 1)
    let subject = DigestSubject(method: input.method, uri: Bytes(input.uri), body: Array(input.body.utf8))
    let response = Digest(algorithm)
      .response(to: nonce, for: subject, clientNonce: Array(input.clientNonce.utf8), credential: credential)
    return response.map { String(decoding: $0, as: UTF8.self) }
  }

  static func response(
    _ algorithm: DigestAlgorithm, _ input: Input, username: String, password: String
  ) -> String? {
    response(algorithm, input, Credential(username: username, password: password))
  }

  @Test func rfc2617Section3_5() {
    let input = Input(
      realm: "testrealm@host.com", nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", uri: "/dir/index.html",
      clientNonce: "0a4f113b")
    #expect(
      Self.response(DigestAlgorithm(hash: .md5), input, username: "Mufasa", password: "Circle Of Life")
        == "6629fae49393a05397450978507c4ef1")
  }

  @Test(
    arguments: [
      (.md5, "8ca523f5e9506fed4657c9700eebdbec"),
      (.sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] as [(DigestAlgorithm.Hash, String)])
  func rfc7616Section3_9_1(hash: DigestAlgorithm.Hash, expected: String) {
    let input = Input(
      realm: "http-auth@example.org", nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
      uri: "/dir/index.html", clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    #expect(
      Self.response(DigestAlgorithm(hash: hash), input, username: "Mufasa", password: "Circle of Life") == expected)
  }

  /// SHA-512/256 of FIPS 180-4: neither RFC has a vector of its own that agrees with its errata.
  @Test func sha512_256OfAbc() {
    let digest = Digest(DigestAlgorithm(hash: .sha512_256)).hash(Array("abc".utf8))
    #expect(
      String(decoding: digest, as: UTF8.self) == "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")
  }

  /// RFC 2069: no qop, so neither nc nor cnonce are part of it.
  @Test func withoutQualityTheClientNonceDoesNotCount() {
    let algorithm = DigestAlgorithm(hash: .md5)
    func response(_ clientNonce: String) -> String? {
      Self.response(
        algorithm,
        Input(realm: "r", nonce: "n", uri: "sip:x", quality: nil, clientNonce: clientNonce), username: "u",
        password: "p")
    }
    let digest = Digest(algorithm)
    func hash(_ text: String) -> String { String(decoding: digest.hash(Array(text.utf8)), as: UTF8.self) }
    #expect(response("1") == response("2"))
    #expect(response("1") == hash("\(hash("u:r:p")):n:\(hash("GET:sip:x"))"))
  }

  @Test(arguments: DigestAlgorithm.Hash.allCases) func sessionAndBodyAreHashedIn(of kind: DigestAlgorithm.Hash) {
    let digest = Digest(DigestAlgorithm(hash: kind, isSession: true))
    func hash(_ text: String) -> String { String(decoding: digest.hash(Array(text.utf8)), as: UTF8.self) }
    let input = Input(
      realm: "r", nonce: "n", method: .register, uri: "sip:x", quality: .authInt, clientNonce: "c", body: "body")
    let a1 = hash("\(hash("u:r:p")):n:c")
    let a2 = hash("REGISTER:sip:x:\(hash("body"))")
    #expect(
      Self.response(digest.algorithm, input, username: "u", password: "p") == hash("\(a1):n:00000001:c:auth-int:\(a2)"))
  }

  @Test func aHashedSecretIsGoodForItsOwnHashOnly() {
    let input = Input(realm: "r", nonce: "n", uri: "sip:x", clientNonce: "c")
    let md5 = Digest(DigestAlgorithm(hash: .md5))
    let hashed = Credential(username: "u", secret: .hashed(.md5, md5.hash(Array("u:r:p".utf8))))
    let plain = Credential(username: "u", password: "p")
    #expect(Self.response(md5.algorithm, input, hashed) == Self.response(md5.algorithm, input, plain))
    #expect(Self.response(DigestAlgorithm(hash: .sha256), input, hashed) == nil)
  }

  @Test func aCredentialDoesNotShowItsSecret() {
    let credential = Credential(username: "alice", password: "sesame")
    #expect(!"\(credential)".contains("sesame"))
    #expect(!String(reflecting: credential).contains("sesame"))
  }

  /// Of "a" so many times, over every block boundary: all the digests hashed together, as Python's hashlib has them.
  @Test(
    arguments: [
      (.md5, 32, "334f515074b978951ed9966745e04656"),
      (.sha256, 64, "dd21bb91165542678c760dec417a174580c2006e5105a25e373c77dd466cdf00"),
      (.sha512_256, 64, "7380bfc4a7334fb2572fce472dfcd8d6c4311e03e645f6aa23587cbff95fb03a"),
    ] as [(DigestAlgorithm.Hash, Int, String)])
  func aTextOfAnyLengthHasItsHash(kind: DigestAlgorithm.Hash, length: Int, expected: String) {
    let digest = Digest(DigestAlgorithm(hash: kind))
    let digests = (0..<300).map { digest.hash([UInt8](repeating: UInt8(ascii: "a"), count: $0)) }
    #expect(digests.allSatisfy { $0.count == length })
    #expect(String(decoding: digest.hash(Array(digests.joined())), as: UTF8.self) == expected)
  }

  /// A secret that is a hash of another length is only text, and costs nobody anything.
  @Test(arguments: [0, 1, 31, 32, 33, 64, 100_000]) func aHashedSecretOfAnyLengthIsHashedFurther(length: Int) throws {
    let credential = Credential(
      username: "u", secret: .hashed(.md5, [UInt8](repeating: UInt8(ascii: "0"), count: length)))
    let input = Input(realm: "r", nonce: "n", uri: "sip:x", clientNonce: "c")
    #expect(try #require(Self.response(DigestAlgorithm(hash: .md5), input, credential)).utf8.count == 32)
  }
}
