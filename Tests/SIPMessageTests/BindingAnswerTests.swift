import SIPMessage
import Testing

/// STUN as far as keep-alives have use for it, with the vectors of RFC 5769.
@Suite struct BindingAnswerTests {
  private static let transaction = BindingTransaction(upper: 0xB7E7_A701, lower: 0xBC34_D686_FA87_DFAE)
  private static let header: [UInt8] = [
    0x21, 0x12, 0xA4, 0x42, 0xB7, 0xE7, 0xA7, 0x01, 0xBC, 0x34, 0xD6, 0x86, 0xFA, 0x87, 0xDF, 0xAE,
  ]
  private static let software: [UInt8] = [0x80, 0x22, 0x00, 0x0B] + Array("test vector ".utf8)
  private static let integrity: [UInt8] =
    [0x00, 0x08, 0x00, 0x14] + [UInt8](repeating: 0x2B, count: 20) + [0x80, 0x28, 0x00, 0x04, 0xC0, 0x7D, 0x4C, 0x96]
  /// RFC 5769 §2.2: 192.0.2.1, port 32853.
  private static let addressV4: [UInt8] = [0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43]
  /// RFC 5769 §2.3: 2001:db8:1234:5678:11:2233:4455:6677, port 32853.
  private static let addressV6: [UInt8] = [
    0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xA1, 0x47, 0x01, 0x13, 0xA9, 0xFA, 0xA5, 0xD3, 0xF1, 0x79, 0xBC, 0x25, 0xF4,
    0xB5, 0xBE, 0xD2, 0xB9, 0xD9,
  ]
  /// 203.0.113.5, port 40000, as old servers say it.
  private static let plain: [UInt8] = [0x00, 0x01, 0x00, 0x08, 0x00, 0x01, 0x9C, 0x40, 203, 0, 113, 5]

  private static func message(_ type: UInt16, _ attributes: [UInt8], length: Int? = nil) -> [UInt8] {
    let length = length ?? attributes.count
    return [UInt8(type >> 8), UInt8(type & 0xFF), UInt8(length >> 8), UInt8(length & 0xFF)] + header + attributes
  }

  private static func mapped(_ attributes: [UInt8]) -> Endpoint? {
    BindingAnswer(parsing: message(0x0101, attributes))?.mapped
  }

  @Test func theVectorsAreRead() throws {
    let v4 = try #require(BindingAnswer(parsing: Self.message(0x0101, Self.software + Self.addressV4 + Self.integrity)))
    #expect(v4.transaction == Self.transaction)
    #expect(v4.mapped == Endpoint(address: .v4(0xC000_0201), port: 32_853))
    let v6 = try #require(BindingAnswer(parsing: Self.message(0x0101, Self.software + Self.addressV6 + Self.integrity)))
    #expect(
      v6.mapped == Endpoint(address: .v6(0x2001_0DB8_1234_5678, 0x0011_2233_4455_6677), port: 32_853))
  }

  @Test func aRequestIsTwentyBytes() {
    #expect(Self.transaction.request == [0x00, 0x01, 0x00, 0x00] + Self.header)
    #expect(BindingAnswer.isSTUN(Self.transaction.request))
    #expect(BindingAnswer(parsing: Self.transaction.request) == nil)
  }

  @Test func thePlainAddressCountsWhereThereIsNoOther() {
    let plain = Endpoint(address: .v4(0xCB00_7105), port: 40_000)
    #expect(Self.mapped(Self.plain) == plain)
    #expect(Self.mapped(Self.plain + Self.addressV4) == Endpoint(address: .v4(0xC000_0201), port: 32_853))
    let draft: [UInt8] = [0x80] + Self.addressV4.dropFirst()
    #expect(Self.mapped(draft) == Endpoint(address: .v4(0xC000_0201), port: 32_853))
  }

  @Test func aRefusalIsAnAnswerThatSaysNothing() throws {
    let refusal = try #require(BindingAnswer(parsing: Self.message(0x0111, Self.addressV4)))
    #expect(refusal.transaction == Self.transaction)
    #expect(refusal.mapped == nil)
  }

  static let useless: [(String, [UInt8])] = [
    ("nothing", []), ("line ends", [0x0D, 0x0A, 0x0D, 0x0A]), ("zeros", [UInt8](repeating: 0, count: 20)),
    ("another cookie", [0x01, 0x01, 0, 0] + [UInt8](repeating: 7, count: 16)),
    ("an indication", message(0x0011, [])), ("another method", message(0x0103, addressV4)),
    ("shorter than it says", message(0x0101, addressV4, length: 16)),
    ("longer than it says", message(0x0101, addressV4, length: 8)),
    ("not whole words", message(0x0101, [0, 0, 0], length: 3)),
    ("SIP", Array("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n".utf8)),
  ]

  @Test(arguments: useless) func whatIsNoAnswerIsNone(name: String, bytes: [UInt8]) {
    #expect(BindingAnswer(parsing: bytes) == nil)
  }

  static let unsaid: [(String, [UInt8])] = [
    ("nothing", []), ("an attribute beyond the end", [0x00, 0x20, 0x00, 0x40, 0, 1, 0, 0]),
    ("a length of 65535", [0x00, 0x20, 0xFF, 0xFF]), ("an empty address", [0x00, 0x20, 0x00, 0x00]),
    ("another family", [0x00, 0x20, 0x00, 0x08, 0x00, 0x03, 0xA1, 0x47, 1, 2, 3, 4]),
    ("IPv6 as long as IPv4", [0x00, 0x20, 0x00, 0x08, 0x00, 0x02, 0xA1, 0x47, 1, 2, 3, 4]),
    ("port 0", [0x00, 0x01, 0x00, 0x08, 0x00, 0x01, 0x00, 0x00, 1, 2, 3, 4]),
    ("nobody's address", [0x00, 0x01, 0x00, 0x08, 0x00, 0x01, 0x13, 0xC4, 0, 0, 0, 0]),
    ("everybody's address", [0x00, 0x01, 0x00, 0x08, 0x00, 0x01, 0x13, 0xC4, 224, 0, 0, 1]),
  ]

  @Test(arguments: unsaid) func anAddressThatCanNotBeIsNotSaid(name: String, attributes: [UInt8]) {
    let answer = BindingAnswer(parsing: Self.message(0x0101, attributes))
    #expect(answer?.transaction == Self.transaction)
    #expect(answer?.mapped == nil)
  }

  /// Any byte of an answer may be any other: it is read, or not, and nothing else happens.
  @Test func everyChangedByteIsSurvived() {
    let whole = Self.message(0x0101, Self.software + Self.plain + Self.addressV6 + Self.integrity)
    for index in whole.indices {
      for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
        var changed = whole
        changed[index] = value
        _ = BindingAnswer(parsing: changed)
        _ = BindingAnswer(parsing: Array(whole[..<index]))
      }
    }
  }
}
