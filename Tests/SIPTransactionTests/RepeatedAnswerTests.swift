import SIPMessage
import SIPTransaction
import Testing

/// An answer that repeats its request is compared with it, any other is read in full: nobody can tell which.
@Suite struct RepeatedAnswerTests {
  static let now = Instant(nanoseconds: 1_000_000_000)
  static let branch = Branch(slot: 0, serial: 1, chance: 0x0123_4567_89AB_CDEF)

  static let request = Array(
    """
    REGISTER sip:example.test SIP/2.0\r
    Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=\(branch)\r
    Max-Forwards: 70\r
    Route: <sip:edge.example.test;lr>\r
    From: <sip:a@example.test>;tag=a1b2c3d4\r
    To: <sip:a@example.test>\r
    Call-ID: 1f0e2d3c@example.test\r
    CSeq: 4711 REGISTER\r
    Contact: <sip:a@192.0.2.1:5060>\r
    Content-Length: 0\r
    \r\n
    """.utf8)

  /// As it was sent; as most registrars note where it came from; in another order, in other words.
  static let answers = [
    """
    Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=\(branch)\r
    From: <sip:a@example.test>;tag=a1b2c3d4\r
    To: <sip:a@example.test>\r
    Call-ID: 1f0e2d3c@example.test\r
    CSeq: 4711 REGISTER\r\n
    """,
    """
    Via: SIP/2.0/UDP 192.0.2.1:5060;rport=5060;branch=\(branch);received=192.0.2.1\r
    Call-ID: 1f0e2d3c@example.test\r
    From: <sip:a@example.test>;tag=a1b2c3d4\r
    To: <sip:a@example.test>;tag=z9;x="y;\\"z"\r
    CSeq: 4711 REGISTER\r\n
    """,
    """
    v: SIP/2.0/UDP 192.0.2.1:5060;branch=\(branch)\r
    i: 1f0e2d3c@example.test\r
    CSEQ:4711 REGISTER\r
    t: "A" <sip:a@example.test>;tag=z\r
    f: <sip:a@example.test>;tag=a1b2c3d4\r\n
    """,
  ].map { Array("SIP/2.0 200 OK\r\n\($0)Contact: <sip:a@192.0.2.1:5060>;expires=60\r\nContent-Length: 0\r\n\r\n".utf8) }

  /// From the status line to what is the registrar's own.
  static func repeated(_ answer: [UInt8]) -> Range<Int> {
    0..<(answer.firstRange(of: Array("Contact:".utf8))?.lowerBound ?? answer.count)
  }

  static func waiting() -> TransactionLayer {
    var layer = TransactionLayer()
    var actions: [TransactionAction] = []
    let branch = layer.reserve(chance: Self.branch.chance)
    layer.start(
      branch, request, user: Wire.user(7), method: .register, to: .target(Wire.peer), local: Wire.local, now: now,
      actions: &actions)
    return layer
  }

  /// What becomes of a response, in words.
  static func outcome(
    of message: Message, in layer: TransactionLayer,
    _ receive: (inout TransactionLayer, inout [TransactionAction]) -> Void
  ) -> String {
    var layer = layer
    var actions: [TransactionAction] = []
    receive(&layer, &actions)
    let counters = layer.counters
    let flaws = Flaw.allCases.filter { counters.ignored[$0] > 0 }.map(\.name)
    return
      "\(actions.map(\.words)) stray \(counters.strayResponses) repeated \(counters.repeatedResponses) clients \(layer.clientCount) in spite of \(flaws)"
  }

  /// - Returns: what becomes of it; nil when it is no response.
  static func check(_ bytes: [UInt8], in layer: TransactionLayer) throws -> String? {
    guard let message = try? Message(parsing: bytes), let status = message.status else { return nil }
    let outcome = outcome(of: message, in: layer) { layer, actions in
      layer.received(response: message, status: status, now: now, actions: &actions)
    }
    let inFull = Self.outcome(of: message, in: layer) { layer, actions in
      layer.received(reading: message, status: status, now: now, actions: &actions)
    }
    if outcome != inFull { Issue.record("\(outcome), but \(inFull): \(String(decoding: bytes, as: UTF8.self))") }
    return outcome
  }

  @Test func theUsualAnswersAreNotReadInFull() throws {
    for (answer, isRepetition) in zip(Self.answers, [true, true, false]) {
      let message = try Message(parsing: answer)
      let repeats = message.repetition.map { message.repeats(Self.request.span, in: $0) }
      #expect(repeats == isRepetition)
      #expect(try Self.check(answer, in: Self.waiting())?.hasPrefix(#"["response 200 for 7"]"#) == true)
    }
  }

  @Test(arguments: answers) func anAnswerInWhichOneByteIsAnotherHasTheSameVerdict(answer: [UInt8]) throws {
    let layer = Self.waiting()
    var outcomes: Set<String?> = []
    for index in Self.repeated(answer) {
      for byte in Array(" ;\"\r".utf8) + [answer[index] ^ 0x20, answer[index] ^ 1] {
        var changed = answer
        changed[index] = byte
        outcomes.insert(try Self.check(changed, in: layer))
      }
    }
    // It was for somebody, for nobody, or for the bin.
    #expect(outcomes.count > 5)
    #expect(outcomes.contains { $0?.hasPrefix(#"["response 200"#) == true })
  }

  @Test(arguments: answers) func anAnswerWithAByteMoreOrLessHasTheSameVerdict(answer: [UInt8]) throws {
    let layer = Self.waiting()
    for index in Self.repeated(answer) {
      var shorter = answer
      shorter.remove(at: index)
      _ = try Self.check(shorter, in: layer)
      for byte in "a;\"".utf8 {
        var longer = answer
        longer.insert(byte, at: index)
        _ = try Self.check(longer, in: layer)
      }
    }
  }

  @Test(arguments: answers) func anAnswerWithALineMoreOrLessHasTheSameVerdict(answer: [UInt8]) throws {
    let lines = String(decoding: answer, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
      .map(String.init)
    let more = [
      "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=\(Self.branch)", "From: <sip:b@example.test>", "CSeq: 4711 OPTIONS",
      "Expires: 1", " folded", "no field", "Content-Length: 9", "Call-ID: x", "To: <sip:a@example.test>",
    ]
    for index in lines.indices {
      var shorter = lines
      shorter.remove(at: index)
      _ = try Self.check(Array(shorter.joined(separator: "\r\n").utf8), in: Self.waiting())
      for line in more {
        var longer = lines
        longer.insert(line, at: index)
        _ = try Self.check(Array(longer.joined(separator: "\r\n").utf8), in: Self.waiting())
      }
    }
  }

  @Test(
    arguments: [
      ";branch=", ";branch=x", ";BRANCH=z9hG4bK00000000000000010123456789abcdef",
      ";branch=z9hG4bK00000000000000010123456789abcdee", ";branch=z9hG4bK0000000000000001 0123456789abcdef",
      ";branch=\"z9hG4bK00000000000000010123456789abcdef\"", ";branch", ";ttl=\"", ";ttl=\"a;b\"", ";ttl=a;;", ";",
      ";=",
      ";ttl=", ";received=[2001:db8::9]", ";a, SIP/2.0/UDP 192.0.2.1", " ;x", ";x= 1", ";x=1 ", ";b.anch=1",
    ])
  func whateverStandsBesideTheBranchHasTheSameVerdict(text: String) throws {
    let good = ";branch=\(Self.branch)"
    for parameters in [text + good, good + text, text] {
      let answer = String(decoding: Self.answers[0], as: UTF8.self)
        .replacing(";rport;branch=\(Self.branch)", with: parameters)
      _ = try Self.check(Array(answer.utf8), in: Self.waiting())
    }
  }
}
