import Testing

@testable import RegistrationControl

/// What is written by hand is, byte for byte, what the general encoder writes.
@Suite struct JSONWriterTests {
  private static let hostile = "\u{0}\u{1}\u{8}\t\n\u{B}\u{C}\r\u{1F}\"\\/\u{7F}é\u{2028}\u{1F600}"
  private static let moment = Timestamp(milliseconds: 1_764_000_000_123)

  @Test func anAccountIsWrittenAsTheEncoderDoes() {
    expectAgreement(AccountReport(name: "a", aor: "sip:a@b", registrar: "sip:b", state: .registered))
    expectAgreement(
      AccountReport(
        name: Self.hostile, aor: Self.hostile, registrar: "", state: .waiting, bound: true,
        wanted: false, reason: Self.hostile, expiresAt: Self.moment, expiresIn: -5, nextAction: "retry",
        nextActionAt: Self.moment, via: "sip:edge;lr",
        contact: "sip:a@192.0.2.1", failures: .max, lastStatus: 503, lastReason: "Busy"))
  }

  @Test func aStatusIsWrittenAsTheEncoderDoes() {
    var counts = StateCounts()
    for (index, state) in RegistrationState.allCases.enumerated() { counts[state] = index + 1 }
    var traffic = Traffic()
    traffic.transactionsStarted = 1_234_567
    traffic.answersRefused = 7
    (traffic.requestsReceived, traffic.requestsAnswered, traffic.callsReceived) = (9, 8, 3)
    traffic.flaws = [FlawCount(name: "Malformed Via", ignored: 5, dropped: 0)]
    traffic.drop(3, "defective responses")
    for hops in [
      [],
      [
        SilentHopReport(uri: "sip:a", since: Self.moment, waiting: 3, askedBy: "a", askedAt: Self.moment),
        .init(uri: "b", since: Self.moment, waiting: 0),
      ],
    ] {
      expectAgreement(
        StatusReply(
          status: DaemonStatus(
            version: "1", ready: hops.isEmpty, startedAt: Self.moment, uptimeSeconds: 0, counts: counts,
            bound: 3, failingRefreshes: 2, pausedByOperator: 1, shards: 2,
            store: StoreHealth(healthy: false, path: "/", problem: hops.isEmpty ? nil : Self.hostile), traffic: traffic,
            silentHops: hops, configurationPath: hops.isEmpty ? nil : "/etc", configurationLoadedAt: Self.moment)))
    }
  }

  @Test(arguments: RegistrationEvent.Kind.allCases) func anEventIsWrittenAsTheEncoderDoes(
    _ kind: RegistrationEvent.Kind
  ) {
    for state in RegistrationState.allCases {
      expectAgreement(
        RegistrationEvent(at: Self.moment, account: "a", aor: "sip:a@b", kind: kind, state: state, text: Self.hostile))
      expectAgreement(
        RegistrationEvent(
          at: Self.moment, account: "a", aor: "b", kind: kind, state: .paused, previousState: state, status: 200,
          text: ""))
    }
  }

  @Test(
    arguments: [
      0, 1, -1, 9, 10, 100, 120, 999, 1000, 1001, -1500, 1_764_000_000_000, 1_764_000_000_120, .max / 1_000_000,
    ] as [Int64])
  func aTimeIsWrittenAsTheEncoderDoes(_ milliseconds: Int64) {
    expectAgreement(Timestamp(milliseconds: milliseconds))
  }

  @Test func aReplyIsWrittenAsTheEncoderDoes() {
    expectAgreement(ListReply(accounts: []))
    let account = AccountReport(name: "a", aor: "sip:a@b", registrar: "sip:b", state: .registered)
    expectAgreement(ListReply(accounts: [account, account]))
    expectAgreement(AffectedReply(affected: .min))
    expectAgreement(ReloadReport(added: ["a"], unchanged: 3))
  }

  @Test func linesEndWhereTheyEnd() {
    var json = JSONWriter()
    json.lines([1, 2])
    #expect(json.bytes == Array("1\n2\n".utf8))
  }

  private func expectAgreement(_ value: some JSONWritable, sourceLocation: SourceLocation = #_sourceLocation) {
    var json = JSONWriter()
    value.write(to: &json)
    let (found, expected) = (json.bytes, VarlinkMessage.json(value))
    #expect(
      String(decoding: found, as: UTF8.self) == String(decoding: expected, as: UTF8.self),
      sourceLocation: sourceLocation)
  }
}
