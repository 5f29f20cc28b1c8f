import SIPMessage
import Testing

@testable import SIPUserAgent

/// An identity survives a restart letter by letter, however it was spelled.
@Suite struct IdentityReaderTests {
  static let uuid = "0f1e2d3c-4b5a-4697-8899-aabbccddeeff"

  private func read(_ callID: String, _ fromTag: String) -> RecordedIdentity? {
    var reader = IdentityReader()
    return reader.read(callID: callID.utf8.span, fromTag: fromTag.utf8.span)
  }

  @Test(arguments: [
    ("\(uuid)@a.example", "00112233445566ff"), ("\(uuid)@192.0.2.1", "00112233445566ff"),
    ("\(uuid)@[2001:db8::1]", "00112233445566ff"), ("\(uuid)@[2001:DB8::1]", "00112233445566ff"),
    ("\(uuid)@A.example", "00112233445566ff"), ("\(uuid.uppercased())@a.example", "00112233445566ff"),
    ("\(uuid)@a.example", "00112233445566FF"), ("\(uuid)@a.example", "tag"), ("\(uuid)@", "00112233445566ff"),
    (uuid, "00112233445566ff"), ("a@b@c", "-"), ("\(uuid)@a/b", "00112233445566ff"),
    ("\(uuid.replacing("-", with: "0"))@a.example", "00112233445566ff"),
  ])
  func whatIsStoredComesBackLetterByLetter(callID: String, fromTag: String) throws {
    let identity = try #require(read(callID, fromTag))
    #expect(identity.identity == Identity(callID: callID, fromTag: fromTag))
    #expect(identity.key == RegistrationRecord.key(ofTag: fromTag))
    for domain: Host in [.name("a.example"), .address(.v4(0xC000_0201)), .name("b.example")] {
      let compact = try #require(identity.usable(domain: domain))
      #expect(compact.identity(domain: domain) == identity.identity)
      #expect(compact.key == identity.key)
    }
  }

  @Test(arguments: [
    ("", "tag"), ("a@b", ""), ("a\r\nEvil: 1", "tag"), ("a@b", "t g"), ("\(uuid)@a.exa mple", "00112233445566ff"),
    ("\(uuid)@a.example", "0011223344556\n6f"), ("\(uuid)@ä", "00112233445566ff"),
  ])
  func whatMayNotStandInARequestIsNone(callID: String, fromTag: String) {
    #expect(read(callID, fromTag) == nil)
    #expect(RecordedIdentity(Identity(callID: callID, fromTag: fromTag)).usable(domain: .name("a.example")) == nil)
  }

  @Test func whatWasMadeHereTakesNoText() throws {
    let identity = try #require(read("\(Self.uuid)@a.example", "00112233445566ff"))
    let made = CompactIdentity.made(high: 0x0F1E_2D3C_4B5A_4697, low: 0x8899_AABB_CCDD_EEFF, tag: 0x0011_2233_4455_66FF)
    #expect(identity.usable(domain: .name("a.example")) == made)
  }

  @Test func anIdentityOfOneAddressIsNoneOfAnotherDomain() throws {
    let (own, other) = (try URI("sip:alice@a.example"), try URI("sip:alice@b.example"))
    let made = CompactIdentity.made(high: 0x0F1E_2D3C_4B5A_4697, low: 0x8899_AABB_CCDD_EEFF, tag: 0x0011_2233_4455_66FF)
    let identity = RecordedIdentity(made, addressOfRecord: own)
    #expect(identity.usable(by: own) == made)
    #expect(identity.usable(by: try URI("sip:bob@a.example")) == made)
    // The Call-ID stays what it was, in words.
    #expect(identity.usable(by: other) == .other(identity.identity))
    let text = "a b@a.example"
    let bad = RecordedIdentity(.other(Identity(callID: text, fromTag: "t")), addressOfRecord: own)
    #expect(bad.usable(by: own) == nil)
  }

  @Test func domainsMayAlternate() throws {
    var reader = IdentityReader()
    for domain in ["a.example", "192.0.2.1", "a/b", "a.example", "b.example", "[2001:db8::1]"] {
      let callID = "\(Self.uuid)@\(domain)"
      let identity = reader.read(callID: callID.utf8.span, fromTag: "00112233445566ff".utf8.span)
      #expect(identity?.identity.callID == callID)
    }
  }
}
