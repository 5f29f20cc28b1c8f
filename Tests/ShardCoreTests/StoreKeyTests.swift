import SIPMessage
import SIPUserAgent
import ShardCore
import Testing

@Suite struct StoreKeyTests {
  private func account(_ name: String, _ aor: String, _ registrar: String) throws -> Account {
    Account(name: name, addressOfRecord: try URI(aor), registrar: try URI(registrar))
  }

  @Test func anAccountKnowsItsOwnKeyAndNoOther() throws {
    let accounts = [
      try account("a", "sip:a@b", "sip:b"), try account("a", "sip:a@bb", "sip:b"), try account("a", "sip:a@b", "sip:c"),
      try account("aa", "sip:a@b", "sip:b"), try account("a sip:a@b", "sip:b@b", "sip:b"),
      try account("", "sip:a@b", "sip:b"),
      try account("Ünï 😀", "sip:%20@[2001:db8::1]:5070;a=b", "sip:[2001:db8::1]"),
    ]
    var room: [UInt8] = []
    for (index, one) in accounts.enumerated() {
      for (other, another) in accounts.enumerated() {
        #expect(one.isStored(under: another.storeKey, &room) == (index == other))
      }
    }
  }

  @Test func whatIsNoKeyIsNobodys() throws {
    let account = try account("a", "sip:a@b", "sip:b")
    var room: [UInt8] = []
    for key in ["", " ", "a", "a sip:a@b", "a sip:a@b sip:b ", "a  sip:a@bsip:b", "asip:a@b  sip:b", "b sip:a@b sip:b"]
    {
      #expect(!account.isStored(under: key, &room))
    }
  }
}
