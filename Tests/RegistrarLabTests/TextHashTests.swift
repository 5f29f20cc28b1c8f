import Testing

@testable import RegistrarLab

@Suite struct TextHashTests {
  func hash(_ text: String) -> UInt64 {
    var hash = TextHash()
    hash.add(Array(text.utf8).span)
    return hash.value
  }

  @Test func everyByteCountsWhereverItStands() {
    let texts =
      (0..<100_000).map { "CSeq: \($0)" } + (0..<100_000).map { "\($0)" } + ["", "\0", "\0\0", "12", "33", "a0", "c1"]
    #expect(Set(texts.map(hash)).count == Set(texts).count)
  }
}
