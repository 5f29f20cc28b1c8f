import SIPMessage
import Testing

@Suite struct NameAddrTests {
  @Test(
    arguments: [
      ("<sip:a@b>;tag=1", nil, "sip:a@b", "1"), ("sip:a@b;tag=1", nil, "sip:a@b", "1"),
      ("Bob <sip:a@b;x=1>;tag=1", "Bob", "sip:a@b;x=1", "1"),
      ("\"A, \\\"B\\\" <x>\" <sip:a@b>;tag=1", "\"A, \\\"B\\\" <x>\"", "sip:a@b", "1"),
      ("caller<sip:a@b>", "caller", "sip:a@b", nil), ("<sip:a@b> ; TAG = 1", nil, "sip:a@b", "1"),
      ("<tel:+1>", nil, "tel:+1", nil),
    ] as [(String, String?, String, String?)])
  func reading(text: String, name: String?, uri: String, tag: String?) throws {
    let address = try NameAddr(parsing: Bytes(text))
    #expect(address.displayName?.text == name)
    #expect(address.uri.description == uri)
    #expect(address.tag?.text == tag)
  }

  @Test(
    arguments: [
      "", "<", "<>", "<sip:a@b", "\"x <sip:a@b>", "\"x\" sip:a@b", "a, b <sip:a@b>", "sip:a@b?x=y", "sip:a@b,c",
      "<sip:a@b>x", "<sip:a@b>;", "<sip:a@b>;=", "<sip:a@b>;x=\"", "<sip:a b>",
    ])
  func whatIsNoAddressIsRefused(text: String) {
    #expect(throws: SyntaxError.self) { try NameAddr(parsing: Bytes(text)) }
  }

  @Test(
    arguments: [
      (";expires=0", 0), (";expires=7", 7), (";expires=4294967295", .max), (";expires=1099511627776", .max),
      (";expires=-1", nil), (";expires=", nil), (";expires=\"7\"", nil), ("", nil), (";EXPIRES=9", 9),
    ] as [(String, UInt32?)])
  func expires(parameters: String, seconds: UInt32?) {
    // An empty value is none of the grammar's.
    let address = try? NameAddr(parsing: Bytes("<sip:a@b>" + parameters))
    #expect(address?.expires?.value == seconds)
  }
}
