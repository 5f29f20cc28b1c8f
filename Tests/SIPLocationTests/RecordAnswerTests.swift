import SIPLocation
import Testing

/// The walk over a name server's answer: what it says, and what of it is not believed.
@Suite struct RecordAnswerTests {
  private static let srv: UInt16 = 33
  private static let naptr: UInt16 = 35
  private static let name = "_sip._udp.example.com"
  private static let host = DNSMessage.name("s1.example.com")

  private func read(_ message: DNSMessage, _ type: RecordAnswer.RecordType = .services) -> RecordAnswer? {
    RecordAnswer(message.bytes, to: Self.name, type)
  }

  private func services(_ message: DNSMessage) -> [String]? {
    guard let answer = read(message), case .services(let records) = answer.records else { return nil }
    return records.map(\.description)
  }

  @Test func recordsComeInTheOrderOfTheirPrioritiesWithTheShortestLife() throws {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 3)
    message.record(type: Self.srv, ttl: 300, DNSMessage.service(20, 0, 5060, Self.host))
    message.record(type: Self.srv, ttl: 60, DNSMessage.service(10, 1, 5061, DNSMessage.name("S2.Example.COM")))
    message.record(type: Self.srv, ttl: 300, DNSMessage.service(10, 2, 5062, [0]))
    #expect(services(message) == ["10 1 5061 s2.example.com", "10 2 5062 .", "20 0 5060 s1.example.com"])
    #expect(try #require(read(message)).timeToLive == .seconds(60))
  }

  @Test func pointersComeByOrderAndPreference() throws {
    var message = DNSMessage(Self.name, type: Self.naptr, answers: 2)
    let replacement = DNSMessage.name("_sip._tcp.example.com")
    message.record(type: Self.naptr, DNSMessage.pointers(90, 50, ["s", "SIP+D2T", ""], replacement))
    message.record(type: Self.naptr, DNSMessage.pointers(50, 50, ["u", "E2U+sip", "!^.*$!sip:a@b!"], [0]))
    let answer = try #require(read(message, .pointers))
    guard case .pointers(let records) = answer.records else {
      Issue.record("\(answer)")
      return
    }
    #expect(
      records.map(\.description) == [
        "50 50 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .", "90 50 \"s\" \"SIP+D2T\" \"\" _sip._tcp.example.com",
      ])
  }

  @Test func namesThatPointBackAreReadAndTheQuestionMayBeInAnyCase() {
    var message = DNSMessage("_SIP._udp.Example.com", type: Self.srv, answers: 1)
    // "example.com" within the question.
    let domain = DNSMessage.question + 10
    message.record(type: Self.srv, DNSMessage.service(1, 1, 5060, [2, 0x73, 0x31] + DNSMessage.pointer(domain)))
    #expect(services(message) == ["1 1 5060 s1.example.com"])
  }

  @Test func aliasesAreFollowedInAnyOrderAndBoundTheLife() throws {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 3)
    message.record(DNSMessage.name("b.example"), type: Self.srv, DNSMessage.service(1, 1, 5060, Self.host))
    message.record(DNSMessage.name("a.example"), type: 5, ttl: 20, DNSMessage.name("B.example"))
    message.record(type: 5, ttl: 100, DNSMessage.name("a.example"))
    #expect(services(message) == ["1 1 5060 s1.example.com"])
    #expect(try #require(read(message)).timeToLive == .seconds(20))
  }

  @Test func anAliasOfItselfLeadsNowhere() {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 2)
    message.record(type: 5, DNSMessage.name(Self.name))
    message.record(DNSMessage.name("b.example"), type: Self.srv, DNSMessage.service(1, 1, 5060, Self.host))
    #expect(services(message) == [])
  }

  @Test func whatHasAnotherNameTypeOrClassIsPassedOver() {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 4)
    message.record(DNSMessage.name("evil.example"), type: Self.srv, DNSMessage.service(1, 1, 66, Self.host))
    message.record(type: 1, [192, 0, 2, 66])
    message.record(type: Self.srv, in: 3, DNSMessage.service(1, 1, 67, Self.host))
    message.record(type: Self.srv, DNSMessage.service(1, 1, 5060, Self.host))
    #expect(services(message) == ["1 1 5060 s1.example.com"])
  }

  @Test func dataOfAnotherLengthIsPassedOver() {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 4)
    message.record(type: Self.srv, [])
    message.record(type: Self.srv, DNSMessage.service(1, 1, 66, Self.host) + [0])
    message.record(type: Self.srv, DNSMessage.service(1, 1, 67, Self.host).dropLast())
    message.record(type: Self.srv, DNSMessage.service(1, 1, 5060, Self.host))
    #expect(services(message) == ["1 1 5060 s1.example.com"])
  }

  @Test func absenceHoldsAsLongAsTheZoneSays() throws {
    for (ttl, minimum, expected) in [(3_600, 60, 60), (30, 900, 30), (0x8000_0000, 60, 0)] as [(UInt32, UInt16, Int)] {
      var message = DNSMessage(Self.name, type: Self.srv, flags: 0x8183, authorities: 1)
      let numbers = [0, 1, 0, 2, 0, 3, 0, 4, 0, minimum].flatMap(DNSMessage.number)
      message.record(DNSMessage.name("example.com"), type: 6, ttl: ttl, [0, 0] + numbers)
      let answer = try #require(read(message))
      #expect(answer.code == 3)
      #expect(answer.records.isEmpty)
      #expect(answer.negativeTimeToLive == .seconds(expected))
    }
    #expect(try #require(read(DNSMessage(Self.name, type: Self.srv))).negativeTimeToLive == nil)
  }

  @Test func aLifeWithTheHighestBitIsNone() throws {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 1)
    message.record(type: Self.srv, ttl: 0x8000_0001, DNSMessage.service(1, 1, 5060, Self.host))
    #expect(try #require(read(message)).timeToLive == .zero)
  }

  struct Trick: CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ description: String, _ make: (inout DNSMessage) -> Void) {
      testDescription = description
      var message = DNSMessage(RecordAnswerTests.name, type: RecordAnswerTests.srv, answers: 1)
      make(&message)
      bytes = message.bytes
    }
  }

  static let tricks = [
    Trick("no record where one is announced") { _ in },
    Trick("a name that points at itself") { $0.record(DNSMessage.pointer($0.bytes.count), type: srv, []) },
    Trick("a name that points forward") { $0.record(DNSMessage.pointer($0.bytes.count + 2), type: srv, []) },
    Trick("a name that points behind the end") { $0.record([0xFF, 0xFF], type: srv, []) },
    Trick("a label longer than the message") { $0.bytes += [63, 0x61, 0] },
    Trick("a label of an unknown kind") { $0.record([0x41, 0x61, 0], type: srv, []) },
    Trick("a name of 256 octets") { message in
      message.record(DNSMessage.name([String](repeating: "abc", count: 64).joined(separator: ".")), type: srv, [])
    },
    Trick("data longer than the message") {
      $0.record(type: srv, [1, 2, 3])
      $0.bytes.removeLast()
    },
    Trick("a query") { $0.bytes[2] = 0x01 },
    Trick("another operation") { $0.bytes[2] = 0xA8 },
    Trick("another question") { $0.bytes[13] ^= 1 },
    Trick("another type of question") { $0.bytes[$0.bytes.count - 3] ^= 1 },
    Trick("another class") { $0.bytes[$0.bytes.count - 1] = 3 },
    Trick("two questions") { $0.bytes[5] = 2 },
    Trick("nothing") { $0.bytes = [] },
    Trick("half a header") { $0.bytes.removeLast($0.bytes.count - 7) },
  ]

  @Test(arguments: tricks) func aTrickIsNoAnswer(_ trick: Trick) {
    #expect(RecordAnswer(trick.bytes, to: Self.name, .services) == nil)
  }

  @Test func everyPrefixOfAnAnswerIsRefused() {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 2)
    for port in [5060, 5061] as [UInt16] {
      message.record(type: Self.srv, DNSMessage.service(1, 1, port, Self.host))
    }
    for count in message.bytes.indices {
      #expect(RecordAnswer(Array(message.bytes[..<count]), to: Self.name, .services) == nil)
    }
    #expect(services(message)?.count == 2)
  }

  /// More do not fit into 65,535 octets.
  @Test func ofAFullMessageTheFirstByPriorityAreKept() throws {
    let count = 3_000
    var message = DNSMessage(Self.name, type: Self.srv, answers: count)
    let host = message.bytes.count + 18
    for number in 0..<count {
      let name = number == 0 ? Self.host : DNSMessage.pointer(host)
      message.record(type: Self.srv, DNSMessage.service(UInt16(count - number), 1, 5060, name))
    }
    try #require(message.bytes.count <= 65_535)
    let found = try #require(services(message))
    #expect(found.count == 256)
    #expect(found.first == "1 1 5060 s1.example.com")
    #expect(found.last == "256 1 5060 s1.example.com")
  }

  @Test func lettersOfNoHostNameAreWrittenAsNumbers() {
    var message = DNSMessage(Self.name, type: Self.srv, answers: 1)
    message.record(type: Self.srv, DNSMessage.service(1, 1, 1, [4, 0x61, 0x2E, 0x1B, 0x5C, 0]))
    #expect(services(message) == ["1 1 1 a\\046\\027\\092"])
  }
}
