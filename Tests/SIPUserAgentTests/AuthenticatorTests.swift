import SIPMessage
import SIPUserAgent
import Testing

@Suite struct AuthenticatorTests {
  var authenticator = Authenticator()
  var credentials: ShortList = [Credential(username: "alice", password: "sesame")]

  static func challenge(_ text: String, _ source: Challenge.Source = .server) throws -> Challenge {
    try Challenge(parsing: Bytes("Digest \(text)"), from: source)
  }

  mutating func challenged(_ texts: String..., by source: Challenge.Source = .server) throws -> Authenticator.Decision {
    authenticator.challenged(by: try texts.map { try Self.challenge($0, source) }, credentials: credentials)
  }

  mutating func answers(clientNonce: String = "c0") throws -> [DigestCredentials] {
    let message = try fields(clientNonce: clientNonce)
    return try message.fields.map { try DigestCredentials(parsing: message.value(of: $0)) }
  }

  /// A message of nothing but credentials.
  mutating func fields(clientNonce: String) throws -> Message {
    var text = Array("REGISTER sip:example.test SIP/2.0\r\n".utf8)
    try authenticator.authorize(
      DigestSubject(method: .register, uri: Bytes("sip:example.test")), credentials: credentials,
      clientNonce: Array(clientNonce.utf8).span, to: &text)
    return try Message(parsing: text)
  }

  static let plain = #"realm="r", nonce="n1", qop="auth""#

  @Test mutating func theSameChallengeAfterFreshCredentialsIsARejection() throws {
    #expect(try challenged(Self.plain) == .answer)
    #expect(try challenged(#"realm="r", nonce="n2", qop="auth""#) == .rejected)
  }

  @Test mutating func staleIsAnsweredAgainButNotForEver() throws {
    #expect(try challenged(Self.plain) == .answer)
    for index in 2...Authenticator.Limits.answers {
      #expect(try challenged(#"realm="r", nonce="n\#(index)", qop="auth", stale=TRUE"#) == .answer)
    }
    #expect(try challenged(#"realm="r", nonce="n99", qop="auth", stale=true"#) == .tooMany)
  }

  @Test mutating func aNewAttemptMayAnswerAgain() throws {
    #expect(try challenged(Self.plain) == .answer)
    authenticator.beginAttempt()
    #expect(try challenged(Self.plain) == .answer)
  }

  @Test mutating func theNonceCountRisesAndANewNonceBeginsAtOne() throws {
    _ = try challenged(Self.plain)
    #expect(try answers().map(\.nonceCount) == [1])
    #expect(try answers().map(\.nonceCount) == [2])
    authenticator.beginAttempt()
    _ = try challenged(#"realm="r", nonce="n2", qop="auth""#)
    let answer = try #require(try answers().first)
    #expect(answer.nonceCount == 1)
    #expect(answer.nonce == Array("n2".utf8))
  }

  @Test mutating func theStrongestKnownAlgorithmIsTaken() throws {
    _ = try challenged(
      #"realm="r", nonce="m", qop="auth", algorithm=MD5"#, #"realm="r", nonce="x", qop="auth", algorithm=SHA-999"#,
      #"realm="r", nonce="s", qop="auth", algorithm=SHA-512-256"#,
      #"realm="r", nonce="t", qop="auth", algorithm=SHA-256"#)
    let answers = try answers()
    #expect(answers.count == 1)
    #expect(answers.first?.algorithm == DigestAlgorithm(hash: .sha512_256))
    #expect(answers.first?.nonce == Array("s".utf8))
  }

  @Test mutating func aHashedSecretTakesTheAlgorithmItIsOf() throws {
    credentials = [Credential(username: "alice", secret: .hashed(.md5, Array(repeating: 0x61, count: 32)))]
    #expect(
      try challenged(
        #"realm="r", nonce="s", qop="auth", algorithm=SHA-256"#, #"realm="r", nonce="m", qop="auth", algorithm=MD5"#)
        == .answer)
    #expect(try answers().map(\.nonce) == [Array("m".utf8)])
  }

  @Test mutating func serverAndProxyAreAnsweredTogether() throws {
    let decision = authenticator.challenged(
      by: [try Self.challenge(Self.plain), try Self.challenge(#"realm="p", nonce="n9", qop="auth""#, .proxy)],
      credentials: credentials)
    #expect(decision == .answer)
    #expect(try fields(clientNonce: "c0").fields.map(\.name) == [.authorization, .proxyAuthorization])
  }

  @Test mutating func oneRealmAfterAnotherIsNews() throws {
    #expect(try challenged(#"realm="p", nonce="1", qop="auth""#, by: .proxy) == .answer)
    #expect(try challenged(#"realm="r", nonce="2", qop="auth""#) == .answer)
    #expect(try challenged(#"realm="p", nonce="3", qop="auth""#, by: .proxy) == .rejected)
  }

  @Test mutating func endlessRealmsEnd() throws {
    for index in 1...Authenticator.Limits.answers {
      #expect(try challenged(#"realm="r\#(index)", nonce="n", qop="auth""#) == .answer)
    }
    #expect(try challenged(#"realm="r99", nonce="n", qop="auth""#) == .tooMany)
    #expect(try answers().count == Authenticator.Limits.nonces)
  }

  @Test mutating func aForeignRealmIsNotAnswered() throws {
    credentials = [Credential(username: "alice", realm: "ours", password: "sesame")]
    #expect(try challenged(#"realm="theirs", nonce="n", qop="auth""#) == .noCredentials)
    #expect(try answers().isEmpty)
    #expect(try challenged(#"realm="ours", nonce="n", qop="auth""#) == .answer)
    #expect(try answers().map(\.realm) == [Array("ours".utf8)])
  }

  @Test mutating func theCredentialOfTheRealmComesFirst() throws {
    credentials.append(Credential(username: "special", realm: "r", password: "x"))
    _ = try challenged(Self.plain)
    #expect(try answers().map(\.username) == [Array("special".utf8)])
  }

  @Test(
    arguments: [
      #"realm="r", nonce="n", algorithm=AKAv1-MD5"#, #"realm="r", nonce="n", qop="auth-conf""#,
      #"realm="r", nonce="n", algorithm=MD5-sess"#,
    ])
  mutating func whatIsNotKnownIsNotAnswered(text: String) throws {
    #expect(try challenged(text) == .noCredentials)
  }

  @Test mutating func anUnreadableChallengeIsNoChallenge() {
    #expect(authenticator.challenged(by: [], credentials: credentials) == .unusable)
  }

  @Test(arguments: ["\u{0}", "\u{1}", "\t", "\u{7F}"]) mutating func controlCharactersAreNotRepeated(
    character: String
  ) throws {
    #expect(try challenged(#"realm="r", nonce="n\#(character)1", qop="auth""#) == .noCredentials)
    #expect(try challenged(#"realm="r\#(character)", nonce="n1", qop="auth""#) == .noCredentials)
    #expect(try challenged(#"realm="r", nonce="n1", opaque="\#(character)", qop="auth""#) == .noCredentials)
    #expect(try answers().isEmpty)
  }

  @Test mutating func withoutQualityThereIsNoCount() throws {
    _ = try challenged(#"realm="r", nonce="n""#)
    let answer = try #require(try answers().first)
    #expect(answer.quality == nil)
    #expect(answer.nonceCount == nil)
    #expect(answer.clientNonce == nil)
  }

  @Test mutating func authIsPreferredAndAuthIntTakenWhereItIsAlone() throws {
    _ = try challenged(#"realm="r", nonce="n", qop="auth-int,auth""#)
    #expect(try answers().map(\.quality) == [.auth])
    authenticator.beginAttempt()
    _ = try challenged(#"realm="r", nonce="n", qop="auth-int""#)
    #expect(try answers().map(\.quality) == [.authInt])
  }

  @Test mutating func aSessionKeepsItsFirstClientNonceAndNonce() throws {
    _ = try challenged(#"realm="r", nonce="n", qop="auth", algorithm=MD5-sess"#)
    _ = try answers()
    #expect(try answers(clientNonce: "other").first?.clientNonce == Array("c0".utf8))
    #expect(authenticator.nonces.isEmpty)
    authenticator.succeeded(try AuthenticationInfo(parsing: Bytes(#"nextnonce="n2""#)))
    #expect(try answers().map(\.nonce) == [Array("n".utf8)])
  }

  @Test mutating func nextnonceReplacesTheNonceOfItsOwnSource() throws {
    _ = try challenged(Self.plain)
    _ = try challenged(#"realm="p", nonce="p1", qop="auth""#, by: .proxy)
    _ = try answers()
    authenticator.succeeded(try AuthenticationInfo(parsing: Bytes(#"nextnonce="p2""#)), from: .proxy)
    #expect(
      try answers().map { ($0.nonce, $0.nonceCount) }.map { "\(String(decoding: $0, as: UTF8.self)) \($1 ?? 0)" }
        == ["n1 2", "p2 1"])
    authenticator.succeeded(try AuthenticationInfo(parsing: Bytes(#"nextnonce="n2""#)))
    #expect(authenticator.nonces.map(\.nonce) == [Array("n2".utf8), Array("p2".utf8)])
  }

  @Test mutating func anotherProcessGoesOnWithTheNonces() throws {
    _ = try challenged(Self.plain)
    _ = try answers()
    authenticator = Authenticator(nonces: authenticator.nonces)
    #expect(try answers().map(\.nonceCount) == [2])
  }

  @Test func aDamagedNonceIsNotGoneOnWith() {
    let nonce = CachedNonce(
      source: .server, realm: [], nonce: [0x0D, 0x0A], algorithm: DigestAlgorithm(hash: .md5), quality: .auth, count: 0)
    #expect(Authenticator(nonces: [nonce]).nonces.isEmpty)
  }

  @Test mutating func whoAcceptedAStrongHashIsNotAnsweredWithAWeakerOne() throws {
    let md5 = #"realm="r", nonce="m", qop="auth", algorithm=MD5"#
    let sha256 = #"realm="r", nonce="s", qop="auth", algorithm=SHA-256"#
    #expect(try challenged(sha256) == .answer)
    _ = try answers()
    authenticator.succeeded(nil)
    for _ in 0..<2 {
      authenticator.beginAttempt()
      #expect(try challenged(md5) == .weaker)
      #expect(try answers().map(\.algorithm) == [DigestAlgorithm(hash: .sha256)])
      // Nor does a new process.
      authenticator = Authenticator(nonces: authenticator.nonces)
    }
    authenticator.beginAttempt()
    #expect(try challenged(md5, sha256) == .answer)
    #expect(try challenged(#"realm="other", nonce="o", qop="auth", algorithm=MD5"#) == .answer)
    #expect(try challenged(md5, by: .proxy) == .answer)
  }

  @Test mutating func whatWasAskedForAndNotAcceptedProvesNothing() throws {
    #expect(try challenged(#"realm="r", nonce="s", qop="auth", algorithm=SHA-512-256"#) == .answer)
    authenticator.beginAttempt()
    #expect(try challenged(#"realm="r", nonce="m", qop="auth", algorithm=MD5"#) == .answer)
  }

  /// Room is counted before it is written in; a byte too few would be a trap.
  @Test(arguments: ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"])
  mutating func whateverHasToBeEscapedFits(algorithm: String) throws {
    for length in [1, 300] {
      let text = String(repeating: #"\""#, count: length)
      let escaped = String(repeating: #"\\\""#, count: length)
      for quality in ["auth", "auth-int"] {
        for source in [Challenge.Source.server, .proxy] {
          authenticator = Authenticator()
          credentials = [Credential(username: text, password: text)]
          let challenge =
            #"realm="\#(escaped)", nonce="\#(escaped)", opaque="\#(escaped)", qop="\#(quality)", algorithm=\#(algorithm)"#
          #expect(try challenged(challenge, by: source) == .answer)
          for count: UInt32 in 1...2 {
            let answer = try #require(try answers(clientNonce: text).first)
            #expect(answer.username == Array(text.utf8))
            #expect(answer.nonce == Array(text.utf8))
            #expect(answer.opaque == Array(text.utf8))
            #expect(answer.nonceCount == count)
          }
        }
      }
    }
  }

  @Test mutating func aUserNameOfTwoLinesIsRefusedAndNothingIsWritten() throws {
    credentials = [Credential(username: "alice\r\nEvil: 1", password: "sesame")]
    #expect(try challenged(Self.plain) == .answer)
    var text: [UInt8] = []
    #expect(throws: HeaderInjection.self) {
      try authenticator.authorize(
        DigestSubject(method: .register, uri: Bytes("sip:example.test")), credentials: credentials,
        clientNonce: Array("c0".utf8).span, to: &text)
    }
    #expect(text.isEmpty)
  }

  // MARK: Whom others push out

  /// A credential for any realm answers whoever asks, but who accepted it stays.
  @Test mutating func foreignRealmsDoNotPushOutOurs() throws {
    #expect(try challenged(#"realm="ours", nonce="o", qop="auth", algorithm=SHA-256"#) == .answer)
    _ = try answers()
    authenticator.succeeded(nil)
    for round in 0..<3 {
      authenticator.beginAttempt()
      let foreign = try (0..<6).map { try Self.challenge(#"realm="f\#(round)\#($0)", nonce="n", qop="auth""#) }
      #expect(authenticator.challenged(by: foreign, credentials: credentials) == .answer)
      let realms = try answers().map(\.realm)
      #expect(realms.count == Authenticator.Limits.nonces && realms.contains(Array("ours".utf8)))
    }
    // Among them, even as the last, it comes first.
    authenticator.beginAttempt()
    let texts =
      (0..<6).map { #"realm="g\#($0)", nonce="n", qop="auth""# } + [#"realm="ours", nonce="p", algorithm=SHA-256"#]
    #expect(
      authenticator.challenged(by: try texts.map { try Self.challenge($0) }, credentials: credentials) == .answer)
    #expect(try answers().contains { $0.nonce == Array("p".utf8) })
    authenticator.beginAttempt()
    #expect(try challenged(#"realm="ours", nonce="m", algorithm=MD5"#) == .weaker)
  }

  /// They are told from each other by what was accepted, even when all of them were.
  @Test mutating func whatWasAcceptedIsKnownWhenItsNonceIsGone() throws {
    for index in 0..<7 {
      authenticator.beginAttempt()
      #expect(try challenged(#"realm="r\#(index)", nonce="n", qop="auth", algorithm=SHA-256"#) == .answer)
      _ = try answers()
      authenticator.succeeded(nil)
    }
    authenticator = Authenticator(nonces: authenticator.nonces)
    #expect(try answers().count == Authenticator.Limits.nonces)
    for index in 0..<7 {
      authenticator.beginAttempt()
      #expect(try challenged(#"realm="r\#(index)", nonce="m", algorithm=MD5"#) == .weaker, "\(index)")
    }
    authenticator.acceptWeaker()
    authenticator.beginAttempt()
    #expect(try challenged(#"realm="r0", nonce="m", algorithm=MD5"#) == .answer)
  }

  /// An answer on its way is no reason to forget.
  @Test mutating func aNewNonceOfTheSameRealmKeepsWhatItAccepted() throws {
    #expect(try challenged(#"realm="r", nonce="1", algorithm=SHA-256"#) == .answer)
    authenticator.succeeded(nil)
    authenticator.beginAttempt()
    #expect(try challenged(#"realm="r", nonce="2", algorithm=SHA-256"#) == .answer)
    authenticator.beginAttempt()
    #expect(try challenged(#"realm="r", nonce="3", algorithm=MD5"#) == .weaker)
  }

  @Test mutating func aRequestHasALengthWhateverIsAsked() throws {
    for source in [Challenge.Source.server, .proxy] {
      for index in 0..<4 {
        for character in ["n", #"\""#] {
          let long = String(repeating: character, count: 4_096)
          authenticator.beginAttempt()
          let text = #"realm="\#(index)\#(long.dropFirst(4))", nonce="\#(long)", opaque="\#(long)", qop="auth""#
          _ = try challenged(text, by: source)
          var size = 0
          for answer in try answers() { size += answer.headerValue.count }
          #expect(size < Authenticator.Limits.length + 4 * 400)
        }
      }
    }
    #expect(try !answers().isEmpty)
    // Nor does a nextnonce make it longer.
    authenticator.succeeded(
      try AuthenticationInfo(parsing: Bytes("nextnonce=\"\(String(repeating: "m", count: 4_096))\"")), from: .proxy)
    #expect(try answers().reduce(0) { $0 + $1.headerValue.count } < Authenticator.Limits.length + 4 * 400)
  }

  @Test mutating func fourKibibytesOfEachAreAnswered() throws {
    let long = String(repeating: "n", count: 4_096)
    #expect(try challenged(#"realm="\#(long)", nonce="\#(long)", opaque="\#(long)", qop="auth""#) == .answer)
    #expect(try answers().first?.opaque?.count == 4_096)
  }

  @Test mutating func aNextnonceThatIsTheSameBeginsNoNewCount() throws {
    _ = try challenged(Self.plain)
    _ = try answers()
    authenticator.succeeded(try AuthenticationInfo(parsing: Bytes(#"nextnonce="n1""#)))
    #expect(try answers().map(\.nonceCount) == [2])
  }
}
