import SIPMessage
import Testing

/// What is wrong with a message has a name, and is no reason not to read the rest.
@Suite struct FlawTests {
  static func response(_ fields: String, lineEnd: String = "\r\n", end: String = "\r\n\r\n") -> [UInt8] {
    let text =
      """
      SIP/2.0 200 OK\r
      Via: SIP/2.0/UDP 192.0.2.1:5060;branch=b\r
      From: <sip:a@b.test>;tag=1\r
      To: <sip:a@b.test>;tag=2\r
      Call-ID: c\r
      CSeq: 7 REGISTER\r
      \(fields)
      """
    return Array((text + end).replacing("\r\n", with: lineEnd).utf8)
  }

  @Test func everyFlawHasANameOfItsOwn() {
    #expect(Set(Flaw.allCases.map(\.name)).count == Flaw.allCases.count)
  }

  @Test func aTallyCountsEachByItself() {
    var tally = FlawTally()
    #expect(tally.total == 0 && tally[.via] == 0)
    var flaws = Flaws()
    flaws.insert(.via)
    flaws.insert(.tooLongToAnswer)
    tally.count(flaws)
    tally.count(.via)
    var sum = FlawTally()
    sum.add(tally)
    sum.add(tally)
    #expect((tally[.via], tally[.tooLongToAnswer], tally.total) == (2, 1, 3))
    #expect(sum[.via] == 4 && sum.total == 6)
  }

  @Test func linesMayEndWithLineFeedAlone() throws {
    let message = try Message(parsing: Self.response("Expires: 9\r\nSubject: a\r\n b", lineEnd: "\n"))
    #expect(message.status == 200)
    #expect(message.expires?.value == 9)
    #expect(message.first(.subject)?.text == "a b")
    #expect(message.matching.method == .register)
    #expect(message.flaws.first == .bareLineFeed)
    #expect(message.defect()?.status == 400)
  }

  /// Only whoever begins so: elsewhere it is a stray byte within a line, and no way to begin another.
  @Test func aLineFeedWithinALineBeginsNoOther() throws {
    let message = try Message(parsing: Self.response("Subject: a\nExpires: 9"))
    #expect(message.expires == nil)
    #expect(message.first(.subject)?.text == "aExpires: 9")
  }

  @Test func fieldsByTheHundredAreRead() throws {
    let contacts = (0..<1500).map { "m: <sip:u\($0)@b.test>\r\n" }.joined()
    let message = try Message(parsing: Self.response(contacts + "Expires: 9"))
    #expect(message.values(.contact).count == 1500)
    #expect(message.expires?.value == 9)
    #expect(message.flaws.isEmpty)
  }

  @Test func whatIsBehindTheLastFieldThatIsReadIsCountedOnce() throws {
    let many = String(repeating: "a:\r\n", count: Limits.standard.headerFields)
    let message = try Message(parsing: Self.response(many + "Expires: 9"))
    #expect(message.fields.count == Limits.standard.headerFields)
    #expect(message.expires == nil)
    #expect(message.matching.obstacle == nil)
    #expect(message.flaws.first == .tooManyFields)
  }

  /// What is needed later is the first that can be read.
  @Test func ofDoubledFieldsTheFirstReadableCounts() throws {
    let message = try Message(
      parsing: Self.response(
        "Expires: soon\r\nExpires: 9\r\nExpires: 8\r\nMin-Expires: \r\nMin-Expires: 7\r\nRetry-After: ?\r\nRetry-After: 6"
      ))
    #expect(message.expires?.value == 9)
    #expect(message.minExpires?.value == 7)
    #expect(message.retryAfter?.seconds.value == 6)
    #expect(message.flaws.contains(.doubledField))
  }

  @Test(arguments: ["\r\n", ""]) func theEndOfADatagramIsTheEndOfItsHeader(end: String) throws {
    let message = try Message(parsing: Self.response("Expires: 9", end: end))
    #expect(message.expires?.value == 9)
    #expect(message.matching.obstacle == nil)
    #expect(message.flaws.contains(.unendedHeader))
  }

  @Test func aBranchBehindAnOpenQuoteIsFound() throws {
    let bytes = String(decoding: Self.response(""), as: UTF8.self).replacing(";branch=b", with: ";x=\"a;branch=b")
    #expect(try Message(parsing: Array(bytes.utf8)).matching.branch?.text == "b")
  }

  /// The tag of To is what says that somebody means a dialog.
  @Test(
    arguments: [
      ("<sip:a@b>;tag=x", "x"), ("Zo\u{EB} <sip:a@b>;;tag=x;", "x"), ("sip:a@b;tag=x==", "x=="), (";tag=x", "x"),
      ("\"\"a\"\" <sip:a@b>;tag=x", "x"), ("<sip:a@b;tag=no>", nil), ("<sip:a@b>;tag=", nil), ("<sip:a@b>;tags=x", nil),
    ] as [(String, String?)])
  func theTagOfAnOddAddress(value: String, tag: String?) throws {
    let text = "OPTIONS sip:a SIP/2.0\r\nTo: \(value)\r\n\r\n"
    #expect(try Message(parsing: Array(text.utf8)).toTag?.text == tag)
  }
}
