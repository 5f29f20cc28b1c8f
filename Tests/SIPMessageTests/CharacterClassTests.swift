import SIPMessage
import Testing

/// The sets of RFC 3261 §25.1, letter by letter.
@Suite struct CharacterClassTests {
  static let alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  static let token = alphanumeric + "-.!%*_+`'~"
  static let unreserved = alphanumeric + "-_.!~*'()"

  @Test(
    arguments: [
      (.token, token), (.word, token + "()<>:\\\"/[]?{}"), (.unreserved, unreserved),
      (.user, unreserved + "&=+$,;?/"), (.parameterValue, token + ":[]/"), (.hostname, alphanumeric + "-._"),
    ] as [(CharacterClass, String)])
  func aClassHoldsItsLettersAndNoOthers(characters: CharacterClass, members: String) {
    let members = Set(members.utf8)
    for byte in UInt8.min...UInt8.max { #expect(characters.contains(byte) == members.contains(byte)) }
  }

  @Test func aURIHoldsWhatIsPrintableAndEndsNone() {
    for byte in UInt8.min...UInt8.max {
      let isExpected = (0x21...0x7E).contains(byte) && !"<>\"".utf8.contains(byte)
      #expect(CharacterClass.uri.contains(byte) == isExpected)
    }
  }
}
