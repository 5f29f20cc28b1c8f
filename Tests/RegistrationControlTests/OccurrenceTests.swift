import RegistrationControl
import Testing

/// Every line of the journal and of `sipregctl watch` about an account, a next hop, a request of somebody else's, or the state.
@Suite struct OccurrenceTests {
  struct Line: CustomTestStringConvertible {
    var occurrence: Occurrence
    var words: String
    var kind: RegistrationEvent.Kind
    var status: Int?

    init(_ occurrence: Occurrence, _ kind: RegistrationEvent.Kind, _ status: Int?, _ words: String) {
      (self.occurrence, self.kind, self.status, self.words) = (occurrence, kind, status, words)
    }

    var testDescription: String { words }
  }

  static let lines: [Line] = [
    Line(.added, .added, nil, "added by a reload"),
    Line(.changed, .changed, nil, "changed by a reload"),
    Line(.removed, .removed, nil, "taken out by a reload"),
    Line(
      .registered(.at("192.0.2.1:5060"), for: .seconds(60)), .registered, 200, "registered at 192.0.2.1:5060 for 1 min"),
    Line(
      .refreshed(.via("sip:edge.test;lr"), for: .seconds(3_600)), .refreshed, 200,
      "refreshed via sip:edge.test;lr for 1 h"),
    Line(.noticed("accepted, but odd"), .step, 200, "accepted, but odd"),
    Line(.challenged(status: 401), .step, 401, "asked for credentials (401), and answered"),
    Line(
      .longerInterval(.seconds(120)), .step, 423, "the registrar wants 2 min at least: asked for, from now on"),
    Line(
      .extensions(status: 420, offered: ""), .step, 420, "420: extensions that are offered from now on: none"),
    Line(
      .extensions(status: 421, offered: "path"), .step, 421, "421: extensions that are offered from now on: path"),
    Line(.redirected(status: 302, to: "sip:b.test"), .step, 302, "redirected to sip:b.test (302)"),
    Line(.discarded(flaw: "Bad CSeq"), .discarded, nil, "an answer came and can not be used: Bad CSeq"),
    Line(.lapsed, .lapsed, nil, "the binding lapsed: nobody reaches this account now"),
    Line(
      .failed("no answer", status: nil, boundFor: nil, .answer, next: .seconds(12)), .failed, nil,
      "registration failed: no answer; next attempt in 12 s"),
    Line(
      .failed("503 Busy", status: 503, boundFor: .seconds(24), .inLine, next: .seconds(12)), .failed, 503,
      "refresh failed: 503 Busy; still bound for 24 s; the next hop answers again, and this account follows in its turn"
    ),
    Line(
      .paused(.byOperator, failure: nil, status: nil, boundFor: nil, probe: nil), .paused, nil,
      "paused by the operator"),
    Line(
      .paused(.refused(status: 403), failure: "403 No", status: 403, boundFor: .seconds(24), probe: nil), .paused, 403,
      "refused with 403 (403 No); still bound for 24 s; waits for `sipregctl resume`"),
    Line(
      .paused(.noCredentials, failure: nil, status: nil, boundFor: nil, probe: .seconds(60)), .paused, nil,
      "no configured credential answers the challenge: realm or algorithm differ; next probe in 1 min"),
    Line(.resumed, .resumed, nil, "resumed"),
    Line(.unregistered, .unregistered, 200, "un-registered"),
    Line(
      .unregisterFailed("no answer", status: nil), .failed, nil,
      "the binding was not removed and stays until it expires: no answer"),
  ]

  @Test(arguments: lines) func everyOccurrenceHasItsLine(line: Line) {
    #expect(line.occurrence.words == line.words)
    #expect(line.occurrence.kind == line.kind)
    #expect(line.occurrence.status == line.status)
  }

  @Test func everyKindButThatOfRequestsIsSaid() {
    #expect(Set(Self.lines.map(\.kind)) == Set(RegistrationEvent.Kind.allCases).subtracting([.request]))
  }

  @Test func aNextHopAndARegistrarBeyondIt() {
    #expect(
      HopOccurrence(hop: "sip:edge.test", .fails("no answer")).words
        == "sip:edge.test fails (no answer): one account asks it, the others wait or go elsewhere")
    #expect(
      HopOccurrence(hop: "sip:edge.test", .serves(after: .seconds(90), waiting: 0)).words
        == "sip:edge.test serves again after 1 min")
    #expect(
      HopOccurrence(hop: "sip:edge.test", registrar: "sip:b.test", .serves(after: .seconds(90), waiting: 2)).words
        == "sip:b.test through sip:edge.test serves again after 1 min; 2 accounts waited and follow")
  }

  @Test func aStoreSaysWhatIsWrongAndWhenItIsWellAgain() {
    let conditions: [StoreCondition] = [.good, .unwritten("disk full"), .unreadable("mode"), .lost("rm")]
    #expect(
      conditions.map(\.problem) == [
        nil, "disk full", "a start would not find it: mode", "it was lost and is written anew: rm",
      ])
    #expect(
      conditions.map(\.news) == [
        "state is written again", "state is not written, registrations go on from memory: disk full",
        "a start would not find the state: mode", "state was lost (rm), and is written anew from memory",
      ])
  }

  @Test func theServiceManagerReadsALine() {
    var counts = StateCounts()
    (counts.registered, counts.paused, counts.unregistering) = (3, 1, 2)
    #expect(
      StatusSummary.line(counts: counts, bound: 3, failing: 0, pausedByOperator: 1, storeProblem: "disk full")
        == "3 of 3 bound, apart from 1 paused by an operator, apart from 2 leaving; state: disk full")
    #expect(
      StatusSummary.line(counts: StateCounts(), bound: 0, failing: 0, pausedByOperator: 0, storeProblem: nil)
        == "no account is configured")
  }
}
