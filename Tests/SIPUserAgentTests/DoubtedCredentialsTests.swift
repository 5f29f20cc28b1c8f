import SIPMessage
import SIPUserAgent
import Testing

/// Passwords that are wrong, or only seem so, and challenges that nothing answers.
@Suite struct DoubtedCredentialsTests {
  static func challenge(_ nonce: String, _ more: String = "") -> [(HeaderName, String)] {
    [(.wwwAuthenticate, "Digest realm=\"r\", nonce=\"\(nonce)\", qop=\"auth\"\(more)")]
  }

  /// Refreshes at its time, up to the REGISTER.
  static func refresh(_ bench: inout Bench) throws {
    bench.store()
    bench.advance(try #require(bench.status?.next) - bench.now)
    bench.store()
    bench.locate()
  }

  static func registered(_ more: String = "") throws -> Bench {
    var bench = try Bench.registering { $0.expires = 60 }
    try bench.respond(401, challenge("n1", more))
    try bench.respond(200)
    return bench
  }

  static func count(_ bench: Bench) throws -> UInt32? {
    try DigestCredentials(parsing: try #require(bench.lastRequest().first(.authorization))).nonceCount
  }

  @Test func theCountGoesOnWhenTheSameNonceIsNamedAgain() throws {
    for more in ["", ", stale=true"] {
      var bench = try Self.registered(more)
      #expect(try Self.count(bench) == 1)
      try Self.refresh(&bench)
      #expect(try Self.count(bench) == 2)
      try bench.respond(401, Self.challenge("n1", more))
      #expect(try Self.count(bench) == 3)
      try bench.respond(200)
      try Self.refresh(&bench)
      try bench.respond(401, Self.challenge("n2", more))
      #expect(try Self.count(bench) == 1)
    }
  }

  @Test func whatWorkedBeforeIsTriedOnceMoreAndThenSlowly() throws {
    var bench = try Self.registered()
    try Self.refresh(&bench)
    try bench.respond(401, Self.challenge("n2"))
    try bench.respond(401, Self.challenge("n3"))
    #expect(bench.state == .waiting)
    #expect(bench.status?.binding != nil)
    let binding = try #require(bench.status?.binding)
    #expect(try #require(bench.status?.next) < binding.expiresAt)
    for (round, patience) in [Int64(300), 600].enumerated() {
      try Self.refresh(&bench)
      try bench.respond(401, Self.challenge("a\(round)"))
      try bench.respond(401, Self.challenge("b\(round)"))
      #expect(bench.state == .waiting)
      let wait = try #require(bench.status?.next) - bench.now
      #expect(.seconds(patience / 2) <= wait && wait <= .seconds(patience))
    }
    // In the end it is called what it seems to be.
    try Self.refresh(&bench)
    try bench.respond(401, Self.challenge("n4"))
    try bench.respond(401, Self.challenge("n5"))
    #expect(bench.status?.pause == .credentialsRejected)
    #expect(bench.status?.next == bench.now + .seconds(1800))
    #expect(bench.sent.count <= 2 + 4 * 2 + 1)
  }

  /// Every name and every way to ask within one refresh, by itself or by hand.
  @Test(
    arguments: [
      (401, "r"), (401, "another"), (407, "r"), (407, "another"),
    ], [false, true])
  func whoeverAsksTwiceOneThatWorkedIsDoubted(_ asks: (status: Int, realm: String), byHand: Bool) throws {
    var bench = try Self.registered()
    if byHand {
      bench.store()
      bench.advance(.seconds(10))
      bench.handle(.refresh(Bench.id))
      bench.store()
      bench.locate()
    } else {
      try Self.refresh(&bench)
    }
    let name: HeaderName = asks.status == 401 ? .wwwAuthenticate : .proxyAuthenticate
    for nonce in ["a", "b"] {
      try bench.respond(asks.status, [(name, "Digest realm=\"\(asks.realm)\", nonce=\"\(nonce)\", qop=\"auth\"")])
    }
    #expect(bench.state == .waiting)
    let binding = try #require(bench.status?.binding)
    #expect(try #require(bench.status?.next) < binding.expiresAt)
  }

  @Test func aGlitchIsForgotten() throws {
    var bench = try Self.registered()
    for _ in 0..<3 {
      try Self.refresh(&bench)
      try bench.respond(401, Self.challenge("a\(bench.sent.count)"))
      try bench.respond(401, Self.challenge("b\(bench.sent.count)"))
      #expect(bench.state == .waiting)
      try Self.refresh(&bench)
      try bench.respond(200)
      #expect(bench.state == .registered)
    }
  }

  @Test func whatWorkedInAFormerProcessIsDoubtedOnceToo() throws {
    var former = try Self.registered()
    former.store()
    var bench = try Bench { $0.expires = 60 }
    bench.now = former.now
    bench.start(former.record)
    try Self.refresh(&bench)
    try bench.respond(401, Self.challenge("n2"))
    try bench.respond(401, Self.challenge("n3"))
    #expect(bench.state == .waiting)
  }

  @Test func aRejectionNamesWhoAskedAndWhoAnswered() throws {
    var bench = try Bench.registering()
    try bench.respond(401, Self.challenge("n1", ", algorithm=SHA-256"))
    try bench.respond(401, Self.challenge("n2", ", algorithm=SHA-256"))
    #expect(bench.status?.pause == .credentialsRejected)
    guard case .rejected(401, let summary)? = bench.status?.lastFailure else {
      Issue.record("\(String(describing: bench.status?.lastFailure))")
      return
    }
    #expect(summary.realm == "r")
    #expect(summary.algorithm == "SHA-256")
    #expect(summary.username == "alice")
    #expect("\(summary)" == #"realm "r", SHA-256, user name "alice""#)
  }

  @Test(
    arguments: [
      #"Digest realm="ims.test", nonce="n", algorithm=AKAv1-MD5, qop="auth""#,
      #"Digest realm="ims.test", nonce="n", algorithm=AKAv1-MD5, Basic realm="x""#,
    ])
  func whatNothingAnswersIsNamed(challenge: String) throws {
    var bench = try Bench.registering()
    try bench.respond(401, [(.wwwAuthenticate, challenge)])
    #expect(bench.status?.pause == .noCredentials)
    guard case .noCredential(401, let summary)? = bench.status?.lastFailure else {
      Issue.record("\(String(describing: bench.status?.lastFailure))")
      return
    }
    #expect(summary.realm == "ims.test" && summary.algorithm == "AKAv1-MD5" && summary.username == "alice")
  }

  @Test func aQualityThatIsNotKnownIsNamed() throws {
    var bench = try Bench.registering()
    try bench.respond(401, [(.wwwAuthenticate, #"Digest realm="r", nonce="n", qop="auth-conf""#)])
    #expect(bench.status?.lastFailure?.description.contains(#"realm "r", MD5, qop "auth-conf""#) == true)
  }

  @Test func whatIsNamedHasALengthAndNoControlCharacters() throws {
    var bench = try Bench.registering { $0.credentials = [Credential(username: "a", realm: "x", password: "p")] }
    let long = String(repeating: "r", count: 4_000)
    try bench.respond(401, [(.wwwAuthenticate, "Digest realm=\"\u{9B}\(long)\", nonce=\"n\", algorithm=\(long)")])
    guard case .noCredential(401, let summary)? = bench.status?.lastFailure else {
      Issue.record("\(String(describing: bench.status?.lastFailure))")
      return
    }
    #expect(summary.realm.unicodeScalars.count == 128 && summary.realm.hasPrefix(" rrr"))
    #expect(summary.algorithm.count == 32)
  }

  @Test(arguments: ["", #"Digest realm="r""#, #"Basic realm="r""#, "NTLM", #"Digest realm="r", nonce="n"#, "\u{1}"])
  func withoutAChallengeThatCanBeReadItIsAFailureLikeOthers(challenge: String) throws {
    for status in [401, 407] {
      var bench = try Bench.registering()
      try bench.respond(
        status,
        challenge.isEmpty ? [(.server, "x")] : [(status == 401 ? .wwwAuthenticate : .proxyAuthenticate, challenge)])
      #expect(bench.state == .waiting)
      #expect(bench.status?.lastFailure == .noChallenge(status: status))
      #expect(try #require(bench.status?.next) <= bench.now + .seconds(30))
    }
  }

  // MARK: Over a restart

  static func rejected(_ change: (inout Account) throws -> Void = { _ in }) throws -> Bench {
    var bench = try Bench.registering(change)
    try bench.respond(401, challenge("n1"))
    try bench.respond(401, challenge("n2"))
    bench.store()
    return bench
  }

  @Test func aWrongPasswordIsNotTriedAtEveryStart() throws {
    let former = try Self.rejected()
    let record = try #require(former.record)
    #expect(record.pause == .credentialsRejected && record.rejected != nil)
    for _ in 0..<3 {
      var bench = try Bench()
      bench.now = former.now
      bench.start(record)
      bench.advance(.seconds(890))
      #expect(bench.sent.isEmpty)
      #expect(bench.status?.pause == .credentialsRejected)
      let probe = try #require(bench.status?.next)
      #expect(probe <= former.now + .seconds(1800))
      bench.advance(probe - bench.now)
      bench.store()
      bench.locate()
      try bench.respond(401, Self.challenge("n3"))
      try bench.respond(200)
      #expect(bench.state == .registered)
      #expect(bench.record?.rejected == nil && bench.record?.pause == nil)
    }
  }

  @Test func aChangedPasswordIsTriedAtOnce() throws {
    let former = try Self.rejected()
    let changes: [(inout Account) -> Void] = [
      { $0.credentials = [Credential(username: "alice", password: "Sesame")] },
      { $0.credentials = [Credential(username: "Alice", password: "sesame")] },
      { $0.credentials = [Credential(username: "alice", realm: "r", password: "sesame")] },
      { $0.credentials = [Credential(username: "alice", secret: .hashed(.md5, Array("sesame".utf8)))] },
      { $0.credentials = [] },
    ]
    for change in changes {
      var bench = try Bench(change)
      bench.now = former.now
      bench.start(former.record)
      bench.locate()
      #expect(bench.sent.count == 1)
    }
  }

  @Test func aBindingLivesOnBesideAWrongPassword() throws {
    var former = try Self.registered()
    former.handle(
      .change(Bench.id, try Bench.account { $0.credentials = [Credential(username: "alice", password: "x")] }))
    try Self.refresh(&former)
    try former.respond(401, Self.challenge("n2"))
    try former.respond(401, Self.challenge("n3"))
    #expect(former.status?.pause == .credentialsRejected)
    former.store()
    var bench = try Bench { $0.credentials = [Credential(username: "alice", password: "x")] }
    bench.now = former.now
    bench.start(former.record)
    #expect(bench.status?.pause == .credentialsRejected)
    #expect(bench.status?.binding == former.status?.binding)
    bench.advance(.seconds(60))
    #expect(bench.reports.contains(.lapsed))
    #expect(bench.sent.isEmpty)
  }

  @Test func aFingerprintTellsTooLittleToGuessBy() throws {
    // Sixteen bits: of many words some have the same, so that none that fits is known to be it.
    var fingerprints: Set<UInt16> = []
    for number in 0..<2_000 {
      let bench = try Self.rejected { $0.credentials = [Credential(username: "a", password: "word \(number)")] }
      fingerprints.insert(try #require(bench.record?.rejected))
    }
    #expect((1_850..<2_000).contains(fingerprints.count))
  }

  // MARK: Downgrades

  /// Bound by SHA-256, and asked for MD5 in an attempt in which an operator takes that.
  static func challengedForLess() throws -> Bench {
    var bench = try Self.registered(", algorithm=SHA-256")
    bench.store()
    bench.advance(.seconds(10))
    bench.handle(.refresh(Bench.id, takingWeaker: true))
    bench.store()
    bench.locate()
    try bench.respond(401, Self.challenge("m", ", algorithm=MD5"))
    return bench
  }

  /// An operator's permission is for one attempt, and takes nothing away from what is known.
  @Test func aWeakerHashIsTakenInOneAttemptOnly() throws {
    var bench = try Self.challengedForLess()
    #expect(try bench.lastRequest().first(.authorization)?.text.contains("algorithm=MD5") == true)
    #expect(bench.record?.nonces.contains { $0.isAccepted && $0.algorithm.hash == .sha256 } == true)
    try bench.respond(503)
    try Self.refresh(&bench)
    #expect(try bench.lastRequest().first(.authorization) == nil)
    try bench.respond(401, Self.challenge("m2", ", algorithm=MD5"))
    #expect(bench.status?.lastFailure == .weakerDigest)
  }

  @Test func aWeakerHashThatWasTakenStays() throws {
    var bench = try Self.challengedForLess()
    try bench.respond(200)
    for nonce in ["m2", "m3"] {
      try Self.refresh(&bench)
      try bench.respond(401, Self.challenge(nonce, ", algorithm=MD5"))
      try bench.respond(200)
      #expect(bench.state == .registered)
    }
  }

  @Test func everybodysRefreshTakesNoWeakerHash() throws {
    var bench = try Self.registered(", algorithm=SHA-256")
    bench.store()
    bench.advance(.seconds(10))
    bench.handle(.refresh(Bench.id))
    bench.store()
    bench.locate()
    try bench.respond(401, Self.challenge("m", ", algorithm=MD5"))
    #expect(bench.status?.lastFailure == .weakerDigest)
  }

  @Test(arguments: ["SHA-256", "SHA-256-sess", "SHA-512-256-sess"])
  func aRestartForgetsNoHashThatWasAccepted(algorithm: String) throws {
    var former = try Self.registered(", algorithm=\(algorithm)")
    former.store()
    var bench = try Bench { $0.expires = 60 }
    bench.now = former.now
    bench.start(former.record)
    try Self.refresh(&bench)
    try bench.respond(401, Self.challenge("m", ", algorithm=MD5"))
    #expect(bench.status?.lastFailure == .weakerDigest)
    for bytes in bench.sent {
      #expect(try Message(parsing: bytes).first(.authorization)?.text.contains("algorithm=MD5") != true)
    }
  }
}
