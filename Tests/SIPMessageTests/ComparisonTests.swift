import SIPMessage
import Testing

/// Texts are compared eight bytes at a time.
@Suite struct ComparisonTests {
  static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }

  static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.span.equals(right.span) }

  static func isSameIgnoringCase(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.span.equalsIgnoringCase(right.span)
  }

  @Test(arguments: 0...40) func aDifferenceIsFoundWhereverItIs(count: Int) {
    let text = (0..<count).map { UInt8(0x30 + $0) }
    #expect(Self.isSame(text, text))
    #expect(Self.isSameIgnoringCase(text, text))
    #expect(!Self.isSame(text, text + [0]))
    for index in text.indices {
      for bit in 0..<8 {
        var other = text
        other[index] ^= 1 << bit
        #expect(!Self.isSame(text, other))
        let isSame = Self.lowercased(other[index]) == Self.lowercased(text[index])
        #expect(Self.isSameIgnoringCase(text, other) == isSame)
        #expect(Self.isSameIgnoringCase(other, text) == isSame)
      }
    }
  }

  @Test(arguments: [1, 3, 6, 8, 11]) func onlyLettersHaveTwoCases(count: Int) {
    for left in UInt8.min...UInt8.max {
      for right in UInt8.min...UInt8.max {
        let isSame = Self.lowercased(left) == Self.lowercased(right)
        let (one, other) = ([UInt8](repeating: left, count: count), [UInt8](repeating: right, count: count))
        guard Self.isSameIgnoringCase(one, other) != isSame else { continue }
        Issue.record("\(left) and \(right)")
      }
    }
  }

  @Test(arguments: HeaderName.allCases) func aNameIsKnownInEitherCaseAndByNoOther(name: HeaderName) {
    let text = Array(name.text.description.utf8)
    #expect(HeaderName(text[...]) == name)
    #expect(HeaderName(text.map(Self.lowercased)[...]) == name)
    #expect(HeaderName(Bytes(name.text.description.uppercased())) == name)
    #expect(HeaderName(Bytes(name.text.description + "x")) == nil)
    for index in text.indices {
      for byte in UInt8.min...UInt8.max where Self.lowercased(byte) != Self.lowercased(text[index]) {
        var other = text
        other[index] = byte
        if HeaderName(other[...]) == name { Issue.record("\(String(decoding: other, as: UTF8.self))") }
      }
    }
  }
}
