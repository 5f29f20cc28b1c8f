import RegistrationControl
import SIPMessage
import SIPUserAgent
import ShardCore
import Testing

@testable import RegistrationDaemon

/// What happened, in the words of the journal.
@Suite struct HappeningWordsTests {
  private let at = Instant(nanoseconds: 1_000_000_000_000)

  private func text(
    _ report: Report, boundFor seconds: Int64? = nil, _ outlook: Outlook = .answer
  ) throws -> String {
    let account = Account(name: "alice", addressOfRecord: try URI("sip:a@b.test"), registrar: try URI("sip:b.test"))
    return Happening(
      at: at, account: account, state: .waiting, callID: "c", boundUntil: seconds.map { at + .seconds($0) },
      outlook: outlook, report: report
    ).occurrence.words
  }

  private var busy: Failure { .response(status: 503, reason: "Service Unavailable") }

  @Test func aFailureSaysWhetherAnythingIsBound() throws {
    let next = at + .seconds(12)
    #expect(
      try text(.failed(busy, next: next), boundFor: 24, .own(next))
        == "refresh failed: 503 Service Unavailable; still bound for 24 s; next attempt in 12 s")
    #expect(
      try text(.failed(.timedOut, next: next), .own(next))
        == "registration failed: no answer; next attempt in 12 s")
  }

  @Test func aFailureInALineNamesWhoAsks() throws {
    let next = at + .seconds(1_740)
    #expect(
      try text(.failed(.timedOut, next: next), .follows("a1"))
        == "registration failed: no answer; the next hop is asked by a1 at present, and this account follows")
    #expect(
      try text(.failed(.timedOut, next: next), boundFor: 24, .asked(by: "a1", at: at + .seconds(12)))
        == "refresh failed: no answer; still bound for 24 s; "
        + "the next hop is asked by a1 in 12 s, and this account follows")
  }

  @Test func aRefusalSaysWhatIsStillBound() throws {
    #expect(
      try text(.paused(.refused(status: 403), .response(status: 403, reason: "No"), probe: nil), boundFor: 24)
        == "refused with 403 (403 No); still bound for 24 s; waits for `sipregctl resume`")
  }

  @Test(
    arguments: [
      (.rest, .paused, nil), (.answer, .refreshing, nil), (.own(.origin), .registered, "refresh"),
      (.own(.origin), .waiting, "retry"), (.own(.origin), .paused, "probe"), (.own(.origin), .unregistered, "register"),
      (.follows("a1"), .waiting, "follows a1"), (.asked(by: "a1", at: .origin), .waiting, "asked by a1"),
      (.inLine, .waiting, "follows in its turn"),
      (.follows(String(repeating: "x", count: 60)), .waiting, "follows \(String(repeating: "x", count: 23))…"),
    ] as [(Outlook, StateName, String?)])
  func whatComesNextIsNoPlaceholder(outlook: Outlook, state: StateName, words: String?) {
    #expect(Prospect(outlook, now: .origin).words(in: RegistrationState(state)) == words)
  }

  /// The states of the machine are those that programs are told.
  @Test func aStateHasTheSameNameEverywhere() {
    for name in StateName.allCases { #expect(RegistrationState(name).rawValue == name.rawValue) }
    #expect(StateName.allCases.count == RegistrationState.allCases.count)
  }
}
