import SIPMessage
import Testing

@testable import RegistrarLab

@Suite struct DigestTests {
  /// RFC 7616 §3.9.1.
  @Test(arguments: [
    (DigestAlgorithm.Hash.md5, "8ca523f5e9506fed4657c9700eebdbec"),
    (.sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
  ])
  func theResponseIsThatOfTheRFC(hash: DigestAlgorithm.Hash, response: String) throws {
    let credentials = DigestCredentials(
      username: Array("Mufasa".utf8), realm: Array("http-auth@example.org".utf8),
      nonce: Array("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".utf8), uri: Array("/dir/index.html".utf8),
      response: [], algorithm: DigestAlgorithm(hash: hash), quality: .auth,
      clientNonce: Array("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".utf8), nonceCount: 1)
    var calculation = DigestCalculation(.shared("Circle of Life"))
    var secret: DigestCalculation.Secret?
    // The second time with what is known from the first.
    for _ in 0..<2 {
      let found = calculation.response(
        to: try Credentials(parsing: credentials.headerValue[...]), .other("GET"), secret: &secret)
      #expect(found == Array(response.utf8))
    }
  }

  @Test(arguments: [DigestAlgorithm.Hash.md5, .sha256])
  func theRightPasswordGetsIn(hash: DigestAlgorithm.Hash) throws {
    var settings = Registrar.Settings()
    settings.digest.hashes = [hash]
    var registrar = Registrar(settings, seed: 1)
    let challenge = try registrar.answer(to: Register())
    #expect(challenge.status == 401)
    #expect(challenge.challenges.first?.isStale == false)
    #expect(try registrar.answer(to: Register().answering(challenge)).status == 200)
  }

  @Test func theStrongestIsOfferedFirstAsConfigured() throws {
    var settings = Registrar.Settings()
    settings.digest.hashes = [.sha256, .md5]
    var registrar = Registrar(settings)
    #expect(try registrar.answer(to: Register()).challenges.map(\.algorithm?.hash) == [.sha256, .md5])
  }

  @Test func aUserNameWithAQuotedPairIsCalculatedWithoutIt() throws {
    let value = Bytes(
      #"Digest username="a\"b", realm="r\\s", nonce="n", uri="sip:x", response="0", qop=auth, nc=0000000A"#)
    let credentials = try Credentials(parsing: value)
    #expect(credentials.text.part(credentials.username).text == "a\"b")
    #expect(credentials.text.part(credentials.realm).text == #"r\s"#)
    #expect(credentials.text.part(credentials.nonce).text == "n")
    #expect(credentials.nonceCount == 10)
    #expect(credentials.clientNonce == nil)
  }

  @Test func aUserOfAnotherNameThanTheAddressOfRecordNeedsItsOwnPassword() throws {
    var settings = Registrar.Settings()
    settings.digest.passwords = .accounts(["alice": "secret", "bob": "other"])
    var registrar = Registrar(settings, seed: 1)
    let challenge = try registrar.answer(to: Register())
    #expect(try registrar.answer(to: Register().answering(challenge)).status == 200)
    let bob = Register(branch: "z9hG4bKbob", user: "bob")
    #expect(try registrar.answer(to: bob.answering(challenge, count: 2)).status == 401)
    var good = try bob.answering(challenge, password: "other", count: 3)
    good.cSeq += 1
    #expect(try registrar.answer(to: good).status == 200)
    var alice = try Register(branch: "z9hG4bKalice").answering(challenge, count: 4)
    alice.cSeq += 2
    #expect(try registrar.answer(to: alice).status == 200)
  }

  @Test func aWrongPasswordIsAskedAgainOrForbidden() throws {
    var registrar = Registrar(seed: 1)
    let challenge = try registrar.answer(to: Register())
    let wrong = try Register().answering(challenge, password: "guess")
    let again = try registrar.answer(to: wrong)
    #expect(again.status == 401)
    #expect(again.challenges.first?.isStale == false)
    registrar.faults.forbidsWrongPassword = true
    #expect(try registrar.answer(to: wrong).status == 403)
    #expect(registrar.bindings(at: .origin).isEmpty)
  }

  @Test func onlyKnownAccountsGetIn() throws {
    var settings = Registrar.Settings()
    settings.digest.passwords = .accounts(["bob": "secret"])
    var registrar = Registrar(settings)
    let challenge = try registrar.answer(to: Register())
    #expect(try registrar.answer(to: Register().answering(challenge)).status == 401)
    settings.digest.passwords = .accounts(["alice": "secret"])
    registrar = Registrar(settings)
    let second = try registrar.answer(to: Register())
    #expect(try registrar.answer(to: Register().answering(second)).status == 200)
  }

  /// When the credentials are used, in seconds after the challenge; the nonce lives for 60.
  @Test(arguments: [(59.0, 200), (60.0, 401)])
  func aNonceHasAnEnd(at seconds: Double, status: Int) throws {
    var settings = Registrar.Settings()
    settings.digest.nonceLifetime = .seconds(60)
    var registrar = Registrar(settings)
    let challenge = try registrar.answer(to: Register())
    let answer = try registrar.answer(to: Register().answering(challenge), at: seconds)
    #expect(answer.status == status)
    #expect(answer.challenges.map(\.isStale) == (status == 401 ? [true] : []))
  }

  @Test func voidNoncesAreStaleAndNewOnesAreNot() throws {
    var registrar = Registrar(seed: 1)
    let challenge = try registrar.answer(to: Register())
    registrar.voidNonces()
    let stale = try registrar.answer(to: Register().answering(challenge))
    #expect(stale.challenges.map(\.isStale) == [true])
    #expect(try registrar.answer(to: Register(cSeq: 2).answering(stale)).status == 200)
    #expect(registrar.statistics(at: .origin).counters.staleChallenges == 1)
  }

  /// Nonce counts in the order they arrive, and which of them are let in.
  @Test(
    arguments: [
      ([1, 2, 3], [true, true, true]), ([1, 1], [true, false]), ([3, 1, 2, 2], [true, true, true, false]),
      ([100, 36, 37, 37], [true, false, true, false]), ([0], [false]), ([1, 4_294_967_295, 1], [true, true, false]),
    ] as [([UInt32], [Bool])])
  func aNonceCountIsGoodOnce(counts: [UInt32], admitted: [Bool]) {
    var nonces = NonceTable(lifetime: .seconds(60), seed: 7)
    let nonce = nonces.issue(at: .origin)
    let verdicts = counts.enumerated().map { index, count in
      nonces.use(nonce, count: count, request: UInt64(index + 1), at: .origin) == .fresh
    }
    #expect(verdicts == admitted)
  }

  @Test func aReplayIsStaleAndARetransmissionIsNot() throws {
    var registrar = Registrar(seed: 1)
    let request = try Register().answering(registrar.answer(to: Register()))
    #expect(try registrar.answer(to: request).status == 200)
    #expect(try registrar.answer(to: request).status == 200)
    var replay = request
    replay.cSeq += 1
    #expect(try registrar.answer(to: replay).challenges.map(\.isStale) == [true])
  }

  private static func nonce(_ text: [UInt8]) -> NonceTable.Nonce? { NonceTable.Nonce(text.span) }

  @Test func aNonceThatWasNeverGivenOutIsStale() {
    var nonces = NonceTable(lifetime: .seconds(60), seed: 7)
    var text: [UInt8] = []
    nonces.issue(at: .origin).append(to: &text)
    #expect(Self.nonce(text).map { nonces.use($0, count: 1, request: 1, at: .origin) } == .fresh)
    for (position, digit) in [(31, UInt8(ascii: "x")), (31, text[31] == 0x30 ? 0x31 : 0x30), (15, 0x31)] {
      var other = text
      other[position] = digit
      let nonce = Self.nonce(other)
      #expect(digit == UInt8(ascii: "x") ? nonce == nil : nonce != nil)
      #expect(nonce.map { nonces.use($0, count: 1, request: 2, at: .origin) } ?? .stale == .stale)
    }
    #expect(Self.nonce([]) == nil)
  }
}
