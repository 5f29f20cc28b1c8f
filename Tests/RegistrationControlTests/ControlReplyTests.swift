import Testing

@testable import RegistrationControl

@Suite struct ControlReplyTests {
  @Test(
    arguments: [
      .noSuchAccount("nobody"), .notPermitted(method: "m"), .reloadFailed(["a:1: b", "c:2: d"]),
      .unavailable(reason: "stopping"), .interfaceNotFound("i"), .methodNotFound("m"), .invalidParameter("p"),
      .expectedMore, .other(name: "org.sipregd.Registrations.Later"),
    ] as [ControlError])
  func everyErrorReadsBackAsItWasWritten(_ error: ControlError) throws {
    let message = try VarlinkMessage(frame: error.frame.dropLast())
    #expect(try ControlError(reply: message) == error)
    #expect(try ControlReply<AffectedReply>.read(frame: error.frame.dropLast()).failure == error)
  }

  @Test func aReplyIsOneLineWithItsMembersSorted() {
    let frame = ControlReply(AffectedReply(affected: 3), continues: true).frame
    #expect(String(decoding: frame, as: UTF8.self) == "{\"continues\":true,\"parameters\":{\"affected\":3}}\u{0}")
    let last = ControlReply(AffectedReply(affected: 3)).frame
    #expect(String(decoding: last, as: UTF8.self) == "{\"parameters\":{\"affected\":3}}\u{0}")
  }

  @Test func anAccountKeepsEveryMemberUnderItsNameInTheInterface() throws {
    let account = AccountReport(
      name: "alice", aor: "sip:alice@example.com", registrar: "sip:example.com", state: .waiting, reason: "503",
      expiresAt: Timestamp(milliseconds: 1_000), expiresIn: 5, nextAction: "retry",
      nextActionAt: Timestamp(milliseconds: 1_500), via: "sip:edge;lr", contact: "sip:alice@192.0.2.1", failures: 2,
      lastStatus: 503, lastReason: "Busy")
    let json = String(decoding: VarlinkMessage.json(account), as: UTF8.self)
    #expect(
      json == """
        {"aor":"sip:alice@example.com","bound":false,"contact":"sip:alice@192.0.2.1","expires_at":1,"expires_in":5,"failures":2,\
        "last_reason":"Busy","last_status":503,"name":"alice","next_action":"retry","next_action_at":1.5,\
        "reason":"503","registrar":"sip:example.com","state":"waiting","via":"sip:edge;lr","wanted":true}
        """)
    let frame = ControlReply(ListReply(accounts: [account])).frame
    #expect(try ControlReply<ListReply>.read(frame: frame.dropLast()).get().parameters.accounts == [account])
  }

  @Test func aReplyOfAnotherShapeIsNoMessage() {
    #expect(throws: VarlinkDefect.notAMessage) {
      try ControlReply<AffectedReply>.read(frame: Array(#"{"parameters":{"affected":"many"}}"#.utf8))
    }
  }

  @Test func aTimestampSurvivesJSONToTheMillisecond() {
    for milliseconds in [0, 1, 1_764_000_000_123, 1_764_000_000_999, -1] as [Int64] {
      let timestamp = Timestamp(milliseconds: milliseconds)
      #expect(Timestamp(seconds: timestamp.seconds) == timestamp)
    }
    #expect(Timestamp(seconds: .infinity).milliseconds == 0)
    #expect(Timestamp(seconds: 1e300).milliseconds == 0)
  }

  @Test func countsAddUp() {
    var counts = StateCounts()
    for (index, state) in RegistrationState.allCases.enumerated() { counts[state] = 1 << index }
    #expect(counts.total == 127)
    #expect(RegistrationState.allCases.map { counts[$0] } == [1, 2, 4, 8, 16, 32, 64])
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
