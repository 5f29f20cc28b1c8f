import SIPMessage
import Testing

/// What a parser of this field has fallen for, and this one must not.
@Suite struct HostileMessageTests {
  static func response(_ statusLine: String, adding fields: String = "", body: String = "") -> [UInt8] {
    Array(
      """
      \(statusLine)\r
      Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r
      From: <sip:a@b>;tag=1\r
      To: <sip:a@b>;tag=2\r
      Call-ID: c\r
      CSeq: 7 REGISTER\r
      \(fields)Content-Length: \(body.utf8.count)\r
      \r
      \(body)
      """.utf8)
  }

  @Test func whatTheOthersDoctorIsGood() throws {
    #expect(try Message(parsing: Self.response("SIP/2.0 200 OK")).defect() == nil)
  }

  /// 4294967496 is 200 again in 32 bits, 4294967301 is 5.
  @Test(
    arguments: [
      "0", "99", "099", "00", "700", "999", "1000", "2000", "4294967301", "4294967496", "18446744073709551816", "-200",
      "+200", "2 0", "20", "2OO", "0x200", "２００", "", " 200", "200.0",
    ])
  func aStatusCodeOfNoClassIsNoStatusCode(code: String) {
    #expect(throws: MessageError.badStatusCode) { try Message(parsing: Self.response("SIP/2.0 \(code) OK")) }
  }

  @Test(arguments: ["100", "199", "299", "300", "499", "599", "600", "699"])
  func aStatusCodeThatIsNotRegisteredHasTheMeaningOfItsClass(code: String) throws {
    #expect(try Message(parsing: Self.response("SIP/2.0 \(code) X")).status == Int(code))
  }

  @Test(
    arguments: [
      "", " ", "Con tact", "Con\ttact", "Contact\u{0}", "\u{0}Contact", "\u{1}Contact", "Con\u{B}tact", "Contact\u{7F}",
      "C\u{F6}ntact", "Contact\u{85}", "Cont\ract", "Cont\nact", "\"Contact\"", "Contact;x", "(Contact)", "Con@tact",
    ])
  func aHeaderNameIsATokenOrTheMessageIsBad(name: String) throws {
    let message = try? Message(parsing: Self.response("SIP/2.0 200 OK", adding: "\(name): <sip:a@b>\r\n"))
    #expect(message == nil || message?.defect() != nil)
    #expect(message?.values(.contact).isEmpty != false, "read as a Contact all the same")
  }

  /// HCOLON = *( SP / HTAB ) ":" SWS (§25.1)
  @Test(arguments: ["Contact ", "Contact\t", "Contact \t ", "m", "CONTACT"])
  func spaceBeforeTheColonBelongsToTheGrammar(name: String) throws {
    let message = try Message(parsing: Self.response("SIP/2.0 200 OK", adding: "\(name): <sip:a@b>\r\n"))
    #expect(message.defect() == nil)
    #expect(try message.contacts().count == 1)
  }

  /// What begins with white space belongs to the line before it (§7.3.1), whatever it looks like.
  @Test func aNameAfterWhiteSpaceIsNoName() throws {
    let message = try Message(
      parsing: Self.response("SIP/2.0 200 OK", adding: "Subject: x\r\n Contact: <sip:evil@b>\r\n"))
    #expect(message.values(.contact).isEmpty)
  }

  /// A body is bytes to whoever does not need it, also one that pretends to be several.
  @Test(
    arguments: [
      "--b\r\nContact: <sip:evil@b>;expires=0\r\n\r\nx\r\n--b--\r\n",
      "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\n--b\r\n", "--b", "\r\n\r\n--b--",
      "\r\nSIP/2.0 403 Forbidden\r\n\r\n", String(repeating: "--b\r\n", count: 5_000),
    ])
  func aMultipartBodyIsNotLookedInto(body: String) throws {
    for type in ["multipart/mixed;boundary=b", "multipart/mixed", "multipart/signed;boundary=\"\"", "multipart/"] {
      let message = try Message(
        parsing: Self.response("SIP/2.0 200 OK", adding: "Content-Type: \(type)\r\n", body: body))
      #expect(message.defect() == nil)
      #expect(message.status == 200)
      #expect(message.values(.contact).isEmpty)
      #expect(message.body.elementsEqual(body.utf8))
    }
  }

  /// Wherever a stream is split, the same lie is found, and nothing behind it is taken for a message.
  @Test(
    arguments: [
      ("Content-Length: -1", .badContentLength), ("Content-Length: 9223372036854775808", .badContentLength),
      ("Content-Length: 18446744073709551621", .badContentLength), ("Content-Length: 5\r\nl: 5", .badContentLength),
      ("Content-Length: 5, 5", .badContentLength), ("Content-Length: ٥", .badContentLength),
      ("Subject: none", .missingContentLength), ("Content-Length: 65536", .messageTooLarge),
    ] as [(String, FramingError)])
  func aLieAboutTheLengthIsFoundWhereverItIsSplit(line: String, error: FramingError) throws {
    let stream = Array("OPTIONS sip:a SIP/2.0\r\n\(line)\r\n\r\nhello".utf8) + Self.response("SIP/2.0 200 OK")
    for split in 0...stream.count {
      var framer = MessageFramer()
      var frames: [MessageFramer.Frame?] = []
      #expect(throws: error, "split at \(split)") {
        for part in [stream[..<split], stream[split...]] {
          framer.append(part)
          frames.append(try framer.next())
        }
      }
      #expect(frames.allSatisfy { $0 == nil }, "split at \(split)")
    }
  }
}
