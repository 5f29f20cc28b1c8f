import RegistrationControl
import SIPMessage
import SIPUserAgent
import Testing

@testable import RegistrationDaemon

/// A call, a notice and what can not be answered, in the journal.
@Suite struct ArrivedRequestWordsTests {
  static let source = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC633_6401), port: 5060))

  static func request(_ method: String, _ outcome: ArrivedRequest.Outcome, subject: String? = nil, untold: Int = 0)
    throws
    -> ArrivedRequest
  {
    // Made by an agent: nobody else makes one.
    var agent = UserAgent(random: SystemRandom())
    var effects: [Effect] = []
    let text =
      "NOTIFY sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=b\r\nFrom: <sip:bob@b.test>;tag=1\r\nTo: <sip:a>\r\n"
      + "Call-ID: c\r\nCSeq: 1 NOTIFY\r\nEvent: \(subject ?? "x")\r\n\r\n"
    agent.handle(.received(Array(text.utf8), Flow(target: source)), now: .origin, effects: &effects)
    for case .reportRequest(var request) in effects {
      (request.method, request.outcome, request.untold) = (method, outcome, untold)
      request.subject = subject
      return request
    }
    throw Missing()
  }

  struct Missing: Error {}

  @Test func aCallIsNews() throws {
    let entry = try Self.request("INVITE", .answered(status: 480), untold: 3).entry(for: nil)
    #expect(entry.level == .notice)
    #expect(
      entry.message
        == "INVITE from sip:bob@b.test at udp:198.51.100.1:5060 for sip:a@192.0.2.1: answered with 480; 3 more since the last entry"
    )
    #expect(entry.fields.contains { $0.name == "SIP_EVENT" && $0.value == "request" })
    #expect(entry.fields.contains { $0.name == "SIP_STATUS" && $0.value == "480" })
    #expect(!entry.fields.contains { $0.name == "SIP_ACCOUNT" })
  }

  @Test func aNoticeSaysWhatItIsAboutAndWhose() throws {
    let account = Account(
      name: "alice", addressOfRecord: try URI("sip:a@b.test"), registrar: try URI("sip:b.test"), credentials: [])
    let request = try Self.request("NOTIFY", .answered(status: 200), subject: "check-sync")
    let entry = request.entry(for: account)
    #expect(entry.level == .info)
    #expect(entry.message.hasPrefix("alice: NOTIFY (check-sync) from sip:bob@b.test"))
    #expect(entry.fields.contains { $0.name == "SIP_ACCOUNT" && $0.value == "alice" })
    let event = request.event(of: account, in: .registered, at: Timestamp(milliseconds: 1))
    #expect(event.kind == .request && event.status == 200 && event.account == "alice")
  }

  @Test func whatIsNotAnsweredIsNamed() throws {
    let entry = try Self.request("OPTIONS", .dropped(.tooLongToAnswer)).entry(for: nil)
    #expect(entry.level == .warning)
    #expect(entry.message.hasSuffix("not answered, Too Long To Be Answered"))
  }
}
