import SIPMessage
import Testing

@Suite struct ChallengeTests {
  static func read(_ text: String) throws(SyntaxError) -> Challenge {
    try Challenge(parsing: Bytes(text), from: .server)
  }

  @Test func everyParameterIsRead() throws {
    let challenge = try Self.read(
      #"Digest realm="a \"b\", c", nonce="n==", opaque="", stale=TRUE, algorithm=SHA-256-sess, qop="auth-int, auth", userhash=true, x=y"#
    )
    #expect(challenge.realm == Array(#"a "b", c"#.utf8))
    #expect(challenge.nonce == Array("n==".utf8))
    #expect(challenge.opaque == [])
    #expect(challenge.isStale)
    #expect(challenge.algorithm == DigestAlgorithm(hash: .sha256, isSession: true))
    #expect(challenge.qualities == [.authInt, .auth])
    #expect(challenge.allowsUserHash)
  }

  @Test func whatIsMissingHasItsDefault() throws {
    let challenge = try Self.read(#"digest nonce="n",realm="r""#)
    #expect(challenge.algorithm == DigestAlgorithm(hash: .md5))
    #expect(challenge.qualities.isEmpty && !challenge.hasUnknownQualityOnly)
    #expect(!challenge.isStale && challenge.opaque == nil)
    #expect(try Self.read(#"Digest nonce="n",realm="r",algorithm=X"#).algorithm == nil)
    #expect(try Self.read(#"Digest nonce="n",realm="r",qop="x""#).hasUnknownQualityOnly)
  }

  @Test func unquotedValuesAreTaken() throws {
    let challenge = try Self.read("Digest realm=example.test, nonce=abc/d==, qop=auth")
    #expect(challenge.realm == Array("example.test".utf8))
    #expect(challenge.nonce == Array("abc/d==".utf8))
    #expect(challenge.qualities == [.auth])
  }

  @Test(
    arguments: [
      "", "Digest", "Digest ", "Basic realm=\"r\"", #"Digest realm="r""#, #"Digest nonce="n""#,
      #"Digest realm="r", nonce="""#, #"Digest realm="r", nonce="n", NONCE="m""#,
      #"Digest realm="r", realm="s", nonce="n""#, #"Digest realm="r, nonce="n"#, #"Digest realm "r", nonce="n""#,
      #"Digest ="r", nonce="n""#, #"Digest realm=, nonce="n""#,
      #"Digestrealm="r", nonce="n""#,
    ])
  func hostileChallengesAreRefused(text: String) {
    #expect(throws: SyntaxError.self) { try Self.read(text) }
  }

  /// What a challenge says, read in a simpler way.
  static func words(_ value: Bytes) throws(SyntaxError) -> String {
    var parameters: [String: [UInt8]] = [:]
    for (name, raw) in try SimpleChallenge.parameters(Array(value)) {
      let content = raw[...].unquoted
      if let former = parameters[name], former != content, ["realm", "nonce", "opaque", "algorithm"].contains(name) {
        throw SyntaxError("auth-param")
      }
      parameters[name] = parameters[name] ?? content
    }
    guard let realm = parameters["realm"], let nonce = parameters["nonce"], !nonce.isEmpty else {
      throw SyntaxError("challenge")
    }
    func isTrue(_ name: String) -> Bool { parameters[name].map { $0[...].equalsIgnoringCase("true") } ?? false }
    let offer = (parameters["qop"] ?? []).split { !$0.isToken }
    let qualities = offer.compactMap { QualityOfProtection($0) }
    let algorithm = parameters["algorithm"].flatMap { $0.isEmpty ? nil : $0 }
    return words(
      realm, nonce, parameters["opaque"], isTrue("stale"), isTrue("userhash"),
      algorithm.map { DigestAlgorithm($0[...]) } ?? DigestAlgorithm(hash: .md5), qualities,
      qualities.contains(.auth) ? .auth : qualities.first, !offer.isEmpty && qualities.isEmpty)
  }

  static func words(
    _ realm: [UInt8], _ nonce: [UInt8], _ opaque: [UInt8]?, _ isStale: Bool, _ allowsUserHash: Bool,
    _ algorithm: DigestAlgorithm?, _ qualities: [QualityOfProtection], _ quality: QualityOfProtection?,
    _ hasUnknownQualityOnly: Bool
  ) -> String {
    let flags = (isStale, allowsUserHash, hasUnknownQualityOnly)
    return "\(realm) \(nonce) \(opaque as Any) \(flags) \(algorithm as Any) \(qualities) \(quality as Any)"
  }

  static let odd = [
    #"Digest realm="a \"b\", c", nonce="n==", opaque="o\\p", stale="t\rue", algorithm="MD5", qop="auth-int, au\th""#,
    #"digest nonce=abc , realm = "r",x="y",X2=z,Qop=auth,STALE=false,algorithm=SHA-256-sess, userhash=true"#,
    #"Digest realm="", nonce="n", opaque="", qop="", stale=true, qop2=auth"#,
    #"Digest realm="r"; nonce=a;b;c=d,, algorithm=MD5 qop=auth-int,auth, algorithm="MD5", Basic realm="s", nonce="m""#,
  ]

  @Test(arguments: odd) func aChallengeInWhichOneByteIsAnotherSaysWhatItsParametersSay(text: String) {
    for index in text.utf8.indices {
      for byte in Array("a =,\"\\\t\r\nA".utf8) + [text.utf8[index] ^ 0x20, 0, 0x7F, 0xFF] {
        var value = Array(text.utf8)
        value[text.utf8.distance(from: text.startIndex, to: index)] = byte
        let challenge = try? Challenge(parsing: value[...], from: .proxy)
        let words = challenge.map {
          Self.words(
            $0.realm, $0.nonce, $0.opaque, $0.isStale, $0.allowsUserHash, $0.algorithm, $0.qualities, $0.quality,
            $0.hasUnknownQualityOnly)
        }
        #expect(words == (try? Self.words(value[...])), "\(String(decoding: value, as: UTF8.self))")
        guard let challenge else { continue }
        #expect(challenge.isFor(challenge.realm) && !challenge.isFor(challenge.realm + [0x61]))
        let copied = challenge.realm + challenge.nonce + (challenge.opaque ?? [])
        #expect(challenge.isPrintable == copied.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
      }
    }
  }

  /// What credentials are read with lets less pass; what it takes is the same in a challenge.
  @Test(arguments: odd + [#"Digest realm="r", nonce="n", opaque="o", qop="auth""#])
  func whatIsLegalIsReadAsInCredentials(text: String) {
    var legal = 0
    for index in text.utf8.indices {
      for byte in Array("a =,\"\\\tA".utf8) + [text.utf8[index] ^ 0x20] {
        var value = Array(text.utf8)
        value[text.utf8.distance(from: text.startIndex, to: index)] = byte
        // A semicolon parts the parameters of a challenge only.
        guard !value.contains(UInt8(ascii: ";")), let parameters = try? AuthParameters(parsing: value[...]),
          parameters.scheme.equalsIgnoringCase("Digest"), let realm = parameters["realm"],
          let nonce = parameters["nonce"], !nonce.isEmpty
        else { continue }
        legal += 1
        let challenge = try? Challenge(parsing: value[...], from: .server)
        #expect(challenge?.realm == realm && challenge?.nonce == nonce, "\(String(decoding: value, as: UTF8.self))")
        #expect(challenge?.opaque == parameters["opaque"], "\(String(decoding: value, as: UTF8.self))")
      }
    }
    #expect(legal > 100 || text.contains(";"))
  }

  /// Nothing of these is legal, and all of it can mean one thing only.
  @Test(
    arguments: [
      #"Digest realm="r",, nonce="n", qop="auth","#, #"Digest realm="r"; nonce="n"; qop=auth"#,
      #"Digest realm="r" nonce="n" qop="auth""#, #"Digest , realm="r", nonce="n", qop="auth" ;"#,
      #"Digest realm="r", nonce="n", realm="r", qop="auth", NONCE="n", qop="auth-int""#,
      #"Digest realm="r", nonce="n", qop=auth,auth-int"#, #"Digest realm="r", nonce="n", qop=auth-int,auth"#,
      #"Digest realm="r", nonce="n", qop="auth-int auth""#, #"Digest realm="r", nonce="n", algorithm=, qop=auth"#,
      #"Digest realm="r", nonce="n", algorithm="", qop=auth, opaque="#, #"Digest realm="r", x, nonce="n", qop=auth"#,
      #"Digest realm="r", x=1, nonce="n", x=2, qop=auth"#, #"Digest realm="r",nonce=n;qop=auth"#,
    ])
  func whatIsOddAndClearIsTaken(text: String) throws {
    let challenge = try Self.read(text)
    #expect(challenge.realm == Array("r".utf8))
    #expect(challenge.nonce == Array("n".utf8))
    #expect(challenge.opaque == nil)
    #expect(challenge.quality == .auth)
    #expect(challenge.algorithm == DigestAlgorithm(hash: .md5))
  }

  @Test(
    arguments: [
      (#"Digest realm="a", nonce="1", qop="auth", Digest realm="b", nonce="2", algorithm=SHA-256"#, ["a1", "b2"]),
      (#"Digest realm="a", nonce="1"; digest realm="b", nonce="2""#, ["a1", "b2"]),
      (#"Basic realm="x", Digest realm="a", nonce="1", Bearer realm="y, Digest z=", scope="s""#, ["a1"]),
      (#"Kerberos, NTLM, Digest realm="a", nonce="1""#, ["a1"]),
      (#"Negotiate oYG2MIGzoAMKAQA=, Digest realm="a", nonce="1""#, ["a1"]),
      (#"Digest realm="a", Digest realm="b", nonce="2""#, ["b2"]),
      (#"Digest realm="a", nonce="1, Digest realm="b", nonce="2""#, []),
      (#", Digest realm = "a" , nonce = "1" , Digest realm = "b" , nonce = "2" ,"#, ["a1", "b2"]),
      (#"Digest realm="a\"b", nonce="1", Digest realm="c\\", nonce="2""#, [#"a"b1"#, #"c\2"#]), ("", []), (",", []),
    ] as [(String, [String])])
  func oneFieldMayHoldSeveralChallenges(text: String, expected: [String]) throws {
    let message = try Message(parsing: Array("SIP/2.0 401 X\r\nWWW-Authenticate: \(text)\r\n\r\n".utf8))
    #expect(message.challenges.map { String(decoding: $0.realm + $0.nonce, as: UTF8.self) } == expected)
  }

  @Test(arguments: ["\"", "\"\\", "a b=, ", "<", "Digest x=\", ", "a=b;"]) func hostileFieldsAreReadInNoTime(
    text: String
  ) throws {
    let value = "Digest realm=\"r\", nonce=\"n\", " + String(repeating: text, count: 60_000 / text.utf8.count)
    let message = try Message(parsing: Array("SIP/2.0 401 X\r\nWWW-Authenticate: \(value)\r\n\r\n".utf8))
    let took = ContinuousClock().measure { #expect(message.challenges.count <= 1) }
    // What looks again and again takes minutes.
    #expect(took < .seconds(20))
  }

  @Test func fourKibibytesOfEachAreTaken() throws {
    let long = String(repeating: "n", count: 4096)
    let challenge = try Self.read(#"Digest realm="\#(long)", nonce="\#(long)", opaque="\#(long)""#)
    #expect(challenge.nonce.count == 4096)
    #expect(challenge.repeatedLength == 3 * 4096)
  }

  @Test func enormousValuesAreRefused() {
    let long = String(repeating: "n", count: Challenge.maximumNonceLength + 1)
    #expect(throws: SyntaxError.self) { try Self.read(#"Digest realm="r", nonce="\#(long)""#) }
    #expect(throws: SyntaxError.self) { try Self.read(#"Digest realm="\#(long)", nonce="n""#) }
    #expect(throws: SyntaxError.self) { try Self.read(#"Digest realm="r", nonce="n", opaque="\#(long)""#) }
    let many = (0...AuthParameters.maximumCount).map { "x\($0)=y" }.joined(separator: ", ")
    #expect(throws: SyntaxError.self) { try Self.read(#"Digest realm="r", nonce="n", \#(many)"#) }
  }

  @Test func credentialsAreReadAsTheyWereWritten() throws {
    let credentials = DigestCredentials(
      username: Array(#"a"\b"#.utf8), realm: Array("r".utf8), nonce: Array("n".utf8), uri: Array("sip:x".utf8),
      response: Array("00".utf8), algorithm: DigestAlgorithm(hash: .sha512_256), opaque: Array("o".utf8),
      quality: .auth, clientNonce: Array("c".utf8), nonceCount: 0xFF)
    let value = String(decoding: credentials.headerValue, as: UTF8.self)
    #expect(value.contains("qop=auth, nc=000000ff, cnonce=\"c\""))
    #expect(value.contains("algorithm=SHA-512-256"))
    #expect(try DigestCredentials(parsing: credentials.headerValue[...]) == credentials)
  }

  @Test func nextnonceIsReadAndLimited() throws {
    #expect(try AuthenticationInfo(parsing: Bytes(#"nextnonce="x", rspauth="y""#)).nextNonce == Array("x".utf8))
    #expect(try AuthenticationInfo(parsing: Bytes(#"nextnonce="""#)).nextNonce == nil)
    let long = String(repeating: "n", count: Challenge.maximumNonceLength + 1)
    #expect(throws: SyntaxError.self) { try AuthenticationInfo(parsing: Bytes("nextnonce=\"\(long)\"")) }
  }
}
