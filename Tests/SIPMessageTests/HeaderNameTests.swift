import Testing

@testable import SIPMessage

@Suite struct HeaderNameTests {
  @Test func everyNameHasABitOfItsOwn() {
    for name in HeaderName.allCases { #expect(name.bit.nonzeroBitCount == 1, "\(name)") }
    #expect(Set(HeaderName.allCases.map(\.bit)).count == HeaderName.allCases.count)
  }

  @Test func thereIsRoomForEveryName() {
    // Raw values count from 0 without a gap, so that this many fit.
    #expect(HeaderName.allCases.map { Int($0.rawValue) } == Array(0..<HeaderName.allCases.count))
    #expect(HeaderName.allCases.count <= UInt128.bitWidth)
  }

  @Test func everyNameIsReadAsItIsWritten() {
    for name in HeaderName.allCases { #expect(HeaderName(Bytes(name.text.description)) == name) }
  }

  @Test func aHeaderKnowsEachOfItsNamesAndNoOther() throws {
    for name in HeaderName.allCases {
      let message = try Message(parsing: Array("OPTIONS sip:a SIP/2.0\r\n\(name.text): 0\r\n\r\n".utf8))
      #expect(HeaderName.allCases.filter(message.contains) == [name])
    }
  }
}
