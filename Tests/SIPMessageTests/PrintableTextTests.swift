import SIPMessage
import Testing

@Suite struct PrintableTextTests {
  @Test(
    arguments: [
      ("Unauthorized", "Unauthorized"), ("", ""), ("Zugriff verweigert: für Müller", "Zugriff verweigert: für …"),
      ("a\r\nb\tc\u{0}", "a  b c "), ("\u{1B}[2J\u{7F}\u{9B}31m", " [2J  31m"),
      // Turns what stands behind it around.
      ("alice\u{202E}ecila", "alice ecila"), ("a\u{2028}b\u{2029}c\u{200B}d\u{E000}e", "a b c d e"),
      ("123456789012345678901234", "123456789012345678901234"),
      ("1234567890123456789012345", "123456789012345678901234…"), ("📞📞", "📞📞"),
    ]) func whatOthersWroteIsFitToBeShown(text: String, shown: String)
  {
    #expect(text.printable(atMost: 24, ending: "…") == shown)
    #expect(Bytes(text.utf8).printable(atMost: 24, ending: "…") == shown)
  }

  @Test func whatIsNoTextIsShownAsSuch() {
    #expect(Bytes([0x61, 0xFF, 0x62]).printable(atMost: 24) == "a\u{FFFD}b")
    #expect(Bytes(Array(repeating: 0xC3, count: 5_000)).printable(atMost: 24).unicodeScalars.count == 24)
  }

  @Test func aCharacterThatIsNotShownMayBeNamed() {
    #expect("a\u{202E}b".printable(atMost: 24) { "<\($0.value)>" } == "a<8238>b")
  }
}
