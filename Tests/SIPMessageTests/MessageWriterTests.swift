import SIPMessage
import Testing

@Suite struct MessageWriterTests {
  @Test(arguments: ["a\r\nEvil: 1", "a\nb", "a\rb", "a\u{0}b"]) func noValueBeginsAHeaderFieldOfItsOwn(value: String) {
    var writer = MessageWriter()
    #expect(throws: HeaderInjection.self) { try writer.field(.subject, text: value) }
    let bytes = writer.finish()
    #expect(String(decoding: bytes, as: UTF8.self) == "Content-Length: 0\r\n\r\n")
  }

  @Test func aReasonPhraseStaysInItsLine() throws {
    var writer = MessageWriter()
    writer.response(status: 200, reason: "OK\r\nEvil: 1\u{0}")
    let message = try Message(parsing: writer.finish())
    #expect(message.fields.count == 1)
    #expect(message.status == 200)
  }

  @Test func whatIsNotKnownIsKeptByteForByte() throws {
    let value = "\u{80}ÿ \t;,\"<x y"
    let bytes = Array("OPTIONS sip:a SIP/2.0\r\nX-Odd.~Name:  \(value) \r\nContent-Length: 0\r\n\r\n".utf8)
    let message = try Message(parsing: bytes)
    let field = try #require(message.fields.first)
    #expect(field.name == nil)
    #expect(message.name(of: field).text == "X-Odd.~Name")
    #expect(message.value(of: field).elementsEqual(value.utf8))
    #expect(message.bytes == bytes)
  }

  @Test func anotherMessagesHeaderFieldKeepsItsName() throws {
    let message = try Message(parsing: Array("OPTIONS sip:a SIP/2.0\r\nX-Odd: 1\r\nv : 2\r\n\r\n".utf8))
    var writer = MessageWriter()
    for field in message.fields { try writer.copy(field, of: message) }
    #expect(String(decoding: writer.finish(), as: UTF8.self) == "X-Odd: 1\r\nVia: 2\r\nContent-Length: 0\r\n\r\n")
  }

  @Test func anAnswerCopiesWhatItHasToAndInjectsNothing() throws {
    let request = try Message(
      parsing: Array(
        """
        OPTIONS sip:a SIP/2.0\r
        Via: SIP/2.0/UDP one.test;branch=z9hG4bK1, SIP/2.0/UDP two.test;branch=z9hG4bK2\r
        v: SIP/2.0/UDP three.test;branch=z9hG4bK3\r
        From: "x\r
         y" <sip:b@c>;tag=1\r
        To: <sip:a@b>\r
        Call-ID: c\r
        CSeq: 7 OPTIONS\r
        Content-Length: 0\r
        \r\n
        """.utf8))
    let source = Endpoint(address: .v4(0xC000_0201), port: 5060)
    let answer = try Message(
      parsing: request.response(
        status: 200, reason: "OK", toTag: "t", receivedFrom: source,
        adding: [(.server, Array("x\r\nEvil: 1".utf8)), (.allow, Array("BYE".utf8))]))
    #expect(answer.values(.via).count == 3)
    #expect(answer.values(.via).first?.text.contains("received=192.0.2.1") == true)
    #expect(try answer.to().tag?.text == "t")
    #expect(try answer.from().tag?.text == "1")
    #expect(try answer.cSeq().number == 7)
    #expect(answer.first(.server) == nil)
    #expect(answer.first(.allow)?.text == "BYE")
    #expect(!answer.fields.contains { answer.name(of: $0).text == "Evil" })
  }

  @Test func aTagOfTheRequestIsKeptAndATryingHasNone() throws {
    func request(_ tag: String) throws -> Message {
      try Message(parsing: Array("BYE sip:a SIP/2.0\r\nTo: <sip:a>\(tag)\r\n\r\n".utf8))
    }
    let source = Endpoint(address: .v4(1), port: 1)
    func tag(_ message: Message, _ status: Int) throws -> String? {
      try Message(parsing: message.response(status: status, reason: "X", toTag: "new", receivedFrom: source))
        .to().tag?.text
    }
    #expect(try tag(request(";tag=old"), 200) == "old")
    #expect(try tag(request(""), 200) == "new")
    #expect(try tag(request(""), 100) == nil)
  }
}
