import SIPMessage
import Testing

@testable import SIPUserAgent

/// Where the Contact of an account lies: there are a million, and heaps have holes.
@Suite struct ContactMemoryTests {
  private func address(_ bytes: [UInt8]) -> UnsafePointer<UInt8>? { bytes.withUnsafeBufferPointer { $0.baseAddress } }

  @Test func whatIsBoundUnderTheSameWordsStaysWhereItIs() throws {
    let made = try OwnContactTests.contact()
    let bound = Array(made.text[...])
    let stored = made.stored(as: bound)
    #expect(stored == made)
    #expect(address(stored.text) == address(bound))
  }

  @Test func otherWordsAreNew() throws {
    let made = try OwnContactTests.contact()
    #expect(made.stored(as: nil) == made)
    #expect(made.stored(as: Array("sip:alice@192.0.2.9".utf8)) == made)
  }
}
