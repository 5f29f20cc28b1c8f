import Testing

@testable import RegistrationControl

@Suite struct PresentationTests {
  private let now = Timestamp(seconds: 1_764_000_000)
  private let plain = Palette(isColoured: false)

  private func after(_ seconds: Double) -> Timestamp { Timestamp(seconds: now.seconds + seconds) }

  private var alice: Account {
    Account(
      name: "alice", aor: "sip:alice@example.com", registrar: "sip:example.com", state: .registered,
      expiresAt: after(2_460), nextAction: "refresh", nextActionAt: after(2_100), via: "sip:edge1.example.net;lr",
      contact: "sip:alice@192.0.2.7:5060", lastStatus: 200, lastReason: "OK")
  }

  private var wide: Account {
    Account(
      name: "世界", aor: "sip:1001@example.com", registrar: "sip:example.com", state: .waiting,
      reason: "no answer from 192.0.2.20", nextAction: "retry", nextActionAt: after(12), failures: 3, lastStatus: 503,
      lastReason: "Service Unavailable")
  }

  @Test func aTableIsAlignedAlsoUnderWideCharacters() {
    #expect(
      AccountTable.rendered([alice, wide], now: now, palette: plain) == """
        NAME   ADDRESS OF RECORD      STATE       EXPIRES    NEXT               VIA                       NOTE
        alice  sip:alice@example.com  registered  in 41 min  refresh in 35 min  sip:edge1.example.net;lr
        世界   sip:1001@example.com   waiting                retry in 12 s                                \
        no answer from 192.0.2.20, 503 Service Unavailable, 3 failures

        """)
  }

  @Test func aColumnWithoutContentIsLeftOut() {
    let bare = Account(name: "a", aor: "sip:a@b", registrar: "sip:b", state: .paused, reason: "by the operator")
    #expect(
      AccountTable.rendered([bare], now: now, palette: plain) == """
        NAME  ADDRESS OF RECORD  STATE   NOTE
        a     sip:a@b            paused  by the operator

        """)
  }

  @Test func colourIsAppliedOnlyWhenAsked() {
    let coloured = AccountTable.rendered([alice], now: now, palette: Palette(isColoured: true))
    #expect(coloured.contains("\u{1B}[32mregistered\u{1B}[0m"))
    #expect(!AccountTable.rendered([alice], now: now, palette: plain).contains("\u{1B}"))
  }

  @Test func aHundredThousandAccountsAreASummary() {
    var counts = StateCounts()
    counts.registered = 98_400
    counts.refreshing = 100
    counts.waiting = 1_200
    counts.paused = 300
    var traffic = Traffic()
    traffic.transactionsStarted = 205_000
    traffic.transactionsSucceeded = 100_000
    traffic.transactionsRefused = 104_000
    traffic.transactionsTimedOut = 1_000
    traffic.messagesSent = 206_000
    traffic.messagesReceived = 204_000
    traffic.retransmissions = 1_000
    let status = DaemonStatus(
      version: "0.1.0", ready: true, startedAt: after(-7_380), uptimeSeconds: 7_380, counts: counts, shards: 2,
      store: StoreHealth(healthy: true, path: "/var/lib/sipregd/state.sqlite"), traffic: traffic,
      configurationPath: "/etc/sipregd/sipregd.toml", configurationLoadedAt: after(-720))
    #expect(!StatusSummary.isAllWell(status))
    #expect(
      StatusSummary.rendered(status, now: now, palette: plain) == """
        sipregd 0.1.0 is ready, up 2 h 3 min
             accounts  98,500 of 100,000 registered (98.5 %)
              of them  100 refreshing, 1,200 waiting, 300 paused
                 look  sipregctl list --state waiting --state paused
           state file  /var/lib/sipregd/state.sqlite, healthy
        configuration  /etc/sipregd/sipregd.toml, loaded 12 min ago
               shards  2
             requests  205,000 sent: 100,000 succeeded, 104,000 refused or challenged, 1,000 timed out
             messages  206,000 sent (1,000 of them again), 204,000 received, 0 dropped

        """)
  }

  @Test func noAccountsAtAllIsNotAllWell() {
    let status = DaemonStatus(
      version: "0.1.0", ready: true, startedAt: now, uptimeSeconds: 0, counts: StateCounts(), shards: 1,
      store: StoreHealth(healthy: true, path: "s"), traffic: Traffic(), configurationPath: nil,
      configurationLoadedAt: now)
    #expect(!StatusSummary.isAllWell(status))
    let text = StatusSummary.rendered(status, now: now, palette: plain)
    #expect(text.contains("accounts  none configured\n"))
    #expect(text.contains("configuration  from the command line, loaded now\n"))
  }

  private var details: AccountDetails {
    AccountDetails(
      account: alice, callID: "0b5e@example.com", cseq: 7, fromTag: "9fxced76sl",
      routeSet: ["<sip:edge1.example.net;lr>", "<sip:core.example.net;lr>"], grantedExpirySeconds: 3_600,
      boundSince: after(-7_200), targetAddress: "192.0.2.20:5060 (UDP)",
      exchanges: [
        Exchange(
          at: after(-1_140), method: "REGISTER", target: "192.0.2.20:5060", status: 200, outcome: "OK",
          roundTripMilliseconds: 8),
        Exchange(at: after(-1_172), method: "REGISTER", target: "192.0.2.20:5060", outcome: "timer F: no answer"),
      ],
      explanation: ["The registrar granted 3600 s; a refresh goes out 360 s before it lapses."])
  }

  @Test func showPrintsEverythingOnOneScreen() {
    #expect(
      AccountSheet.show(details, now: now, palette: plain) == """
                  account  alice
        address of record  sip:alice@example.com
                registrar  sip:example.com
                    state  registered
            last response  200 OK
                    bound  2 h ago
                  expires  in 41 min (granted 3600 s)
                     next  refresh in 35 min
                  contact  sip:alice@192.0.2.7:5060
                      via  sip:edge1.example.net;lr
                route set  <sip:edge1.example.net;lr>
                           <sip:core.example.net;lr>
                   target  192.0.2.20:5060 (UDP)
                  Call-ID  0b5e@example.com
                     CSeq  7
                 From tag  9fxced76sl

        WHEN        REQUEST   TO               ANSWER              TOOK
        19 min ago  REGISTER  192.0.2.20:5060  200 OK              8 ms
        19 min ago  REGISTER  192.0.2.20:5060  timer F: no answer

        """)
  }

  @Test func explainSaysWhatHappensNextAndWhy() {
    let text = AccountSheet.explain(details, now: now, palette: plain)
    #expect(
      text.hasPrefix(
        """
        alice is registered.
          The registrar granted 3600 s; a refresh goes out 360 s before it lapses.
          Next: refresh in 35 min.

        WHEN  \

        """.dropLast()))
  }

  @Test func anEventIsALine() {
    let event = RegistrationEvent(
      at: now, account: "alice", aor: "sip:alice@example.com", kind: .failed, state: .waiting,
      previousState: .refreshing, status: 503, text: "503 Service Unavailable, retry in 30 s")
    #expect(
      EventLine.rendered(event, clock: "16:00:00.000", palette: plain)
        == "16:00:00.000  alice  failed  503 Service Unavailable, retry in 30 s\n")
  }

  @Test func aReloadNamesTenOfEachKindAndCountsTheRest() {
    let report = ReloadReport(
      added: (1...12).map { "a\($0)" }, removed: ["bob"], unchanged: 99_987, restartNeeded: ["daemon.local_port"])
    #expect(
      ReloadSummary.rendered(report, dryRun: true, palette: plain) == """
        A reload would do this:
              added  12: a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, and 2 more
            removed  1: bob
          unchanged  99,987
        restart for  daemon.local_port

        """)
    #expect(
      ReloadSummary.rendered(ReloadReport(unchanged: 3), dryRun: false, palette: plain)
        == "Nothing has changed.\nunchanged  3\n")
  }
}
