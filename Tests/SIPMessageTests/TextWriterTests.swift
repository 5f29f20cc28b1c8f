import Testing

@testable import SIPMessage

/// Whatever room is reserved, the same is written.
@Suite struct TextWriterTests {
  static let hints = [Int.min, -1, 0, 1, 2, 7, 15, 16, 17, 31, 64, 100, 255, 100_000]

  @Test(arguments: hints) func aGuessDecidesOverNothingThatIsWritten(hint: Int) throws {
    let uri = try URI("sip:alice@example.test")
    let (quoted, none) = (Array(#"a"b\c"#.utf8), [UInt8]())
    var text = Array("before ".utf8)
    text.append(reserving: hint) { text in
      text.append("constant ")
      text.append(text: "words ")
      text.append(bytes: Array("array ".utf8))
      text.append(bytes: Array("a slice ".utf8)[2...])
      text.append(decimal: 0)
      text.append(UInt8(ascii: " "))
      text.append(decimal: .max)
      text.append(hexadecimal: 0xFEDC_BA98_7654_3210, digits: 16)
      text.append(hexadecimal: 0xABC, digits: 3)
      text.append(quoted: quoted.span)
      text.append(quoted: none.span)
      text.append(uri)
      text.append(Host.name("a.test"))
      text.append(hostOf: .v6(0x2001_0DB8_0000_0000, 1))
    }
    let expected =
      #"before constant words array slice 0 18446744073709551615fedcba9876543210abc"a\"b\\c""""#
      + "sip:alice@example.testa.test[2001:db8::1]"
    #expect(String(decoding: text, as: UTF8.self) == expected)
  }

  @Test(arguments: hints) func whatIsTakenOutMakesPlaceAlsoWhereTheTextHasMoved(hint: Int) {
    let text = [UInt8](reserving: hint) { text in
      for number in UInt64(0)..<200 {
        let start = text.count
        text.append(decimal: number)
        var length = 0
        text.take(from: start) { length = $0.count }
        #expect(text.count == start)
        text.append(decimal: UInt64(length))
      }
    }
    let expected = (0..<200).map { "\("\($0)".utf8.count)" }.joined()
    #expect(String(decoding: text, as: UTF8.self) == expected)
  }

  @Test func nothingWrittenIsNothing() {
    for hint in Self.hints { #expect([UInt8](reserving: hint) { _ in }.isEmpty) }
  }

  @Test func credentialsAreTheSameInAnyRoom() throws {
    let credentials = DigestCredentials(
      username: Array(#"o"hara"#.utf8), realm: Array("a realm".utf8), nonce: Array("n".utf8),
      uri: Array("sip:example.test".utf8), response: Array("0123456789abcdef".utf8),
      algorithm: DigestAlgorithm(hash: .md5),
      opaque: Array(#"\\"#.utf8))
    let written = credentials.headerValue
    for hint in 0...(2 * written.count) {
      let text = [UInt8](reserving: hint) { text in
        DigestCredentials.append(
          username: credentials.username.span, realm: credentials.realm.span, nonce: credentials.nonce.span,
          uri: credentials.uri.span, algorithm: credentials.algorithm, opaque: credentials.opaque, to: &text
        ) { $0.append(bytes: credentials.response) }
      }
      #expect(text == written)
    }
    #expect(try DigestCredentials(parsing: written[...]) == credentials)
  }
}
