import SIPMessage
import SIPUserAgent
import Testing

@testable import RegistrationRecords

/// What was granted stands behind the Service-Route of its binding.
@Suite struct GrantCodingTests {
  private static func decode(_ text: String) -> Granted? {
    GrantCoding.decode(text.split(separator: "\t", omittingEmptySubsequences: false)[1...])
  }

  private static func encode(_ granted: Granted) -> String {
    var bytes: [UInt8] = []
    GrantCoding.append(granted, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    arguments: [
      "\tpath <sip:a;lr>", "\tpath <sip:a;lr>\tpath <sip:b;lr>\turi tel:+1555", "\turi \"A B\" <sip:a@b>",
      "\tpub-gruu sip:a@b;gr=1\ttemp-gruu sip:t@b;gr\tpath x\turi y",
    ])
  func whatIsWrittenIsReadAgain(text: String) throws {
    #expect(Self.encode(try #require(Self.decode(text))) == text)
  }

  @Test(
    arguments: [
      "", "\t", "\tpath", "\tpath ", "\tPath a", "\troute a", "\tpath a\u{7}b", "\t path a", "\tpath \u{202E}",
    ])
  func whatNobodyWroteIsLeftOut(text: String) {
    #expect(Self.decode(text) == nil)
  }

  @Test func aDamagedColumnDoesNotGrowWithoutEnd() throws {
    let many = (0..<1_000).map { "\tpath \($0)\turi \($0)\tpub-gruu \($0)" }.joined()
    let granted = try #require(Self.decode(many))
    #expect(granted.path.count == Granted.Limits.values && granted.associatedURIs.count == Granted.Limits.values)
    #expect(granted.publicGRUU == "0")
    #expect(Self.decode("\tpath " + String(repeating: "a", count: Granted.Limits.length + 1)) == nil)
  }

  /// It reads the column as URIs with blanks between, finds one that is none, and refreshes the binding.
  @Test(
    arguments: ["", "sip:a.example.net;lr", "sip:a.example.net;lr sip:b.example.net"],
    [Granted.Kind.path, .publicGRUU])
  func whoeverDoesNotKnowOfItTakesTheColumnForNothing(serviceRoute: String, kind: Granted.Kind) throws {
    var granted = Granted()
    granted.add(kind, "sip:a@b;gr")
    let uris = (serviceRoute + Self.encode(granted)).split(separator: " ").map { try? URI(String($0)) }
    #expect(uris.contains(nil))
  }
}
