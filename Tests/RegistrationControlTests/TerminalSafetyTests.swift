import Testing

@testable import RegistrationControl

/// A peer chooses the reason phrase; it must not choose what the operator's terminal does.
@Suite struct TerminalSafetyTests {
  static let hostile = "OK\u{1B}]0;pwned\u{07}\u{1B}[2J\r\nalice  registered\u{9B}31m\u{202E}cba\u{7F}\u{200B}"

  @Test func escapeSequencesBecomeText() {
    #expect(
      PlainText.neutralised(Self.hostile)
        == #"OK\x1b]0;pwned\x07\x1b[2J\x0d\x0aalice  registered\x9b31m\u{202e}cba\x7f\u{200b}"#)
    #expect(PlainText.neutralised("Grüße, 世界 👍 e\u{301}") == "Grüße, 世界 👍 e\u{301}")
  }

  @Test func nothingThatIsPrintedLetsAControlCharacterThrough() {
    let hostile = Self.hostile
    let now = Timestamp(milliseconds: 0)
    let palette = Palette(isColoured: false)
    let account = AccountReport(
      name: hostile, aor: hostile, registrar: hostile, state: .waiting, reason: hostile, nextAction: hostile,
      nextActionAt: now, via: hostile, contact: hostile, failures: 3, lastStatus: 200, lastReason: hostile)
    let details = AccountDetails(
      account: account, callID: hostile, cseq: 1, fromTag: hostile, routeSet: [hostile, hostile],
      targetAddress: hostile, localAddress: hostile, seenFrom: hostile, flow: hostile, keepAlive: hostile,
      credentials: [CredentialsInUse(username: hostile, realm: hostile, algorithm: hostile)], warnings: [hostile],
      exchanges: [ExchangeReport(at: now, method: hostile, target: hostile, outcome: hostile)],
      explanation: [hostile], terms: [hostile],
      lookups: [LookupReport(hop: hostile, at: now, steps: [hostile], order: [hostile], failure: hostile)])
    let event = RegistrationEvent(
      at: now, account: hostile, aor: hostile, kind: .failed, state: .waiting, text: hostile)
    let status = DaemonStatus(
      version: hostile, ready: true, startedAt: now, uptimeSeconds: 1, counts: StateCounts(), shards: 1,
      store: StoreHealth(healthy: false, path: hostile, problem: hostile), traffic: Traffic(),
      configurationPath: hostile, configurationLoadedAt: now)
    var refresh = RefreshReport()
    (refresh.refreshed, refresh.failed, refresh.open, refresh.paused, refresh.pausedNames) = (0, 1, 0, 1, [hostile])
    refresh.outcomes = [.init(name: hostile, words: hostile)]
    let report = ReloadReport(added: [hostile], changed: [hostile], removed: [hostile], restartNeeded: [hostile])
    let printed = [
      AccountTable.rendered([account], now: now, palette: palette),
      AccountSheet.show(details, now: now, palette: palette),
      AccountSheet.explain(details, now: now, palette: palette),
      EventLine.rendered(event, clock: "09:00:00.000", palette: palette),
      StatusSummary.rendered(status, now: now, palette: palette),
      ReloadSummary.rendered(report, dryRun: true, palette: palette),
      RefreshSummary.rendered(refresh, now: now, palette: palette),
      AccountTable.rendered([account], now: now, palette: palette, width: 80),
      AccountSheet.show(details, now: now, palette: palette, width: 200),
    ]
    for text in printed {
      #expect(text.contains("pwned"))
      let lines = text.split(separator: "\n").joined()
      #expect(lines == PlainText.neutralised(lines))
    }
  }

  /// What a peer chose may be long, and is printed to a length.
  @Test func nothingThatIsPrintedHasNoEnd() {
    let endless = String(repeating: "x", count: 100_000)
    let now = Timestamp(milliseconds: 0)
    let palette = Palette(isColoured: false)
    let account = AccountReport(
      name: endless, aor: endless, registrar: endless, state: .waiting, reason: endless, via: endless,
      contact: endless, lastStatus: 500, lastReason: endless)
    let details = AccountDetails(
      account: account, callID: endless, cseq: 1, routeSet: [endless], targetAddress: endless, seenFrom: endless,
      credentials: [CredentialsInUse(username: endless, realm: endless, algorithm: endless)], warnings: [endless],
      exchanges: [ExchangeReport(at: now, method: endless, target: endless, outcome: endless)], explanation: [endless],
      terms: [endless],
      lookups: [LookupReport(hop: endless, at: now, steps: [endless], order: [endless], failure: endless)])
    let event = RegistrationEvent(at: now, account: endless, aor: "", kind: .failed, state: .waiting, text: endless)
    for text in [
      AccountTable.rendered([account], now: now, palette: palette),
      AccountSheet.show(details, now: now, palette: palette),
      AccountSheet.explain(details, now: now, palette: palette),
      EventLine.rendered(event, clock: "09:00:00.000", palette: palette),
    ] {
      #expect(text.count < 20_000)
    }
  }

  @Test(arguments: [
    ("", 0), ("alice", 5), ("世界", 4), ("e\u{301}", 1), ("👍", 2), ("한글", 4), ("é", 1), ("…", 1),
  ])
  func widthIsWhatATerminalShows(_ text: String, _ width: Int) {
    #expect(PlainText.width(text) == width)
  }

  @Test(arguments: [("alice", 5, "alice"), ("alice", 4, "ali…"), ("世界中", 4, "世…"), ("世界", 4, "世界")])
  func clippingNeverExceedsTheLimit(_ text: String, _ limit: Int, _ clipped: String) {
    #expect(PlainText.clipped(text, to: limit) == clipped)
    #expect(PlainText.width(clipped) <= limit)
  }
}
