import SIPMessage
import Testing

@testable import SIPUserAgent

/// A Contact that comes back as it was sent is compared and any other list is read in full: nobody can tell which.
@Suite struct KnownContactTests {
  static let contact = OwnContact(sent: Array("sip:alice@192.0.2.1:5060;line=abc123".utf8))

  static let lists = [
    "<sip:alice@192.0.2.1:5060;line=abc123>", "<sip:alice@192.0.2.1:5060;line=abc123>;expires=60",
    #"<sip:alice@192.0.2.1:5060;line=abc123>;q=0.5;+sip.instance="<urn:uuid:1>";expires=60;reg-id=1"#,
    "<sip:alice@192.0.2.1:5060;line=abc123>;expires=60, <sip:alice@192.0.2.9>;expires=5",
    "<sip:alice@192.0.2.1:5060;line=abc123>;expires=0;Expires=7",
  ]

  private static func expectOneVerdict(
    _ list: [UInt8], _ sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> OwnContact.Grant? {
    let bytes = Array("SIP/2.0 200 OK\r\nExpires: 90\r\nContact: ".utf8) + list + Array("\r\n\r\n".utf8)
    let response = try Message(parsing: bytes)
    var verdict: OwnContact.Grant?
    for matching in ContactMatching.allCases {
      verdict = contact.grant(by: response, asked: 600, matching: matching)
      let inFull = contact.grant(reading: response, asked: 600, matching: matching)
      #expect(verdict == inFull, "\(String(decoding: list, as: UTF8.self))", sourceLocation: sourceLocation)
    }
    return verdict
  }

  @Test func whatIsGrantedIsWhatTheListSays() throws {
    let seconds = try Self.lists.map { try Self.expectOneVerdict(Array($0.utf8))?.seconds }
    #expect(seconds == [90, 60, 60, 60, nil])
  }

  @Test(arguments: lists) func aListInWhichOneByteIsAnotherHasTheSameVerdict(list: String) throws {
    let list = Array(list.utf8)
    for index in list.indices {
      var shorter = list
      shorter.remove(at: index)
      _ = try Self.expectOneVerdict(shorter)
      for byte in Array(" ;\",<>=0".utf8) + [list[index] ^ 0x20, list[index] ^ 1] {
        var changed = list
        changed[index] = byte
        _ = try Self.expectOneVerdict(changed)
        changed.insert(list[index], at: index)
        _ = try Self.expectOneVerdict(changed)
      }
    }
  }
}
