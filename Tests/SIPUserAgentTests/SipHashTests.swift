import Testing

@testable import SIPUserAgent

/// The vectors that its authors give: the key 00 01 … 0f, and the texts 00 01 … of each length.
@Suite struct SipHashTests {
  @Test(
    arguments: [
      (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (2, 0x0d6c_8009_d9a9_4f5a), (3, 0x8567_6696_d7fb_7e2d),
      (4, 0xcf27_94e0_2771_87b7), (5, 0x1876_5564_cd99_a68d), (6, 0xcbc9_466e_58fe_e3ce), (7, 0xab02_00f5_8b01_d137),
      (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5), (63, 0x958a_324c_eb06_4572),
    ] as [(UInt8, UInt64)])
  func vector(length: UInt8, expected: UInt64) {
    let key = SipHash.Key(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908)
    let text = Array(0..<length)
    for cut in 0...text.count {
      var hash = SipHash(key)
      hash.add(text.span.extracting(..<cut))
      hash.add(text.span.extracting(cut...))
      #expect(hash.value() == expected)
    }
  }

  @Test func textsInARowAreNotThoseOfAnotherCut() {
    let key = SipHash.Key(low: 1, high: 2)
    var (left, right) = (SipHash(key), SipHash(key))
    left.add(apart: [1, 2])
    left.add(apart: [3])
    right.add(apart: [1])
    right.add(apart: [2, 3])
    #expect(left.value() != right.value())
  }
}
