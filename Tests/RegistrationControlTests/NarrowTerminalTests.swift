import Testing

@testable import RegistrationControl

/// A terminal has a width: nothing is wrapped by it, and nothing is lost.
@Suite struct NarrowTerminalTests {
  private let now = Timestamp(seconds: 1_764_000_000)
  private let plain = Palette(isColoured: false)

  private func after(_ seconds: Double) -> Timestamp { Timestamp(seconds: now.seconds + seconds) }

  private var accounts: [AccountReport] {
    [
      AccountReport(
        name: "alice", aor: "sip:alice@example.com", registrar: "sip:example.com", state: .registered,
        expiresAt: after(54), nextAction: "refresh", nextActionAt: after(33), via: "sip:edge1.example.net;lr"),
      AccountReport(
        name: "bob", aor: "sip:bob@example.com", registrar: "sip:example.com", state: .waiting, bound: true,
        reason: "no answer", expiresAt: after(24), nextAction: "asked by alice", nextActionAt: after(12),
        via: "sip:edge1.example.net;lr", failures: 2),
      AccountReport(
        name: "carol", aor: "sip:carol@example.com", registrar: "sip:example.com", state: .paused, wanted: false,
        reason: "paused by the operator", via: "sip:edge1.example.net;lr"),
    ]
  }

  @Test func whatDoesNotFitStandsBelowItsRow() {
    #expect(
      AccountTable.rendered(accounts, now: now, palette: plain, width: 80) == """
        NAME   ADDRESS OF RECORD      STATE       BOUND     NEXT
        alice  sip:alice@example.com  registered  for 54 s  refresh in 33 s
            via sip:edge1.example.net;lr
        bob    sip:bob@example.com    waiting     for 24 s  asked by alice in 12 s
            via sip:edge1.example.net;lr, no answer, 2 failures
        carol  sip:carol@example.com  paused      no
            via sip:edge1.example.net;lr, paused by the operator

        """)
  }

  @Test(arguments: [30, 40, 60, 80, 120, 400]) func noLineIsWiderThanTheTerminal(width: Int) {
    let details = AccountDetails(
      account: accounts[1], callID: "0b5e93a7-3f0a-4a3e-9d3c-000000000000@example.com", cseq: 7,
      routeSet: [String(repeating: "<sip:edge.example.net;lr>", count: 5)],
      exchanges: [
        ExchangeReport(at: after(-5), method: "REGISTER", target: "udp:192.0.2.20:5060", outcome: "no answer")
      ],
      explanation: [String(repeating: "one thought after the other ", count: 9), String(repeating: "x", count: 300)])
    let event = RegistrationEvent(
      at: now, account: "alice", aor: "sip:a@b", kind: .failed, state: .waiting,
      text: "refresh failed: 503 Service Unavailable; still bound for 24 s; next attempt in 12 s")
    for text in [
      AccountSheet.explain(details, now: now, palette: plain, width: width),
      AccountSheet.show(details, now: now, palette: plain, width: max(width, 60)),
      EventLine.rendered(event, clock: "16:00:00.000", palette: plain, width: max(width, 60)),
      AccountTable.rendered(accounts, now: now, palette: plain, width: max(width, 40)),
    ] {
      for line in text.split(separator: "\n") { #expect(line.count <= max(width, 60)) }
      #expect(text.contains("no answer") || text.contains("503"))
    }
  }

  @Test(
    arguments: [
      ("one two three four five six", 20, ["one two three four", "five six"]),
      ("onetwothreefourfivesixseven", 20, ["onetwothreefourfives", "ixseven"]),
      ("one onetwothreefourfivesixseven eight", 20, ["one", "onetwothreefourfives", "ixseven eight"]),
      ("short", 20, ["short"]), ("", 20, [""]), ("世界世界世界世界世界世界", 20, ["世界世界世界世界世界", "世界"]),
    ])
  func textIsBrokenBetweenWordsOrWhereAWordIsTooLong(text: String, width: Int, lines: [String]) {
    #expect(WrappedText.lines(text, width: width) == lines)
    #expect(WrappedText.lines(text, width: nil) == [text])
  }

  @Test func aRefreshSaysWhatReallyHappened() {
    var report = RefreshReport()
    (report.affected, report.sent, report.inFlight, report.planned, report.held, report.paused) = (8, 2, 1, 1, 1, 3)
    report.plannedBy = after(4.5)
    report.pausedNames = ["carol", "dave"]
    (report.refreshed, report.failed, report.open) = (3, 1, 1)
    report.outcomes = [.init(name: "bob", words: "503 Service Unavailable, still bound for 24 s")]
    #expect(
      RefreshSummary.rendered(report, now: now, palette: plain) == """
        2 REGISTERs sent.
        1 REGISTER in flight already.
        1 REGISTER leaves in 4 s: the last one was a moment ago, or others come first.
        1 account waits for its next hop and follows its return: see `sipregctl status`.
        Paused by an operator and not refreshed: carol, dave, and 1 more.
        3 of 5 accounts refreshed, 1 failed, 1 without an outcome in this time.
          bob: 503 Service Unavailable, still bound for 24 s

        """)
    #expect(RefreshSummary.rendered(RefreshReport(), now: now, palette: plain) == "No account matches.\n")
  }
}
