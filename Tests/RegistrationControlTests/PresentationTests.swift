import Testing

@testable import RegistrationControl

@Suite struct PresentationTests {
  private let now = Timestamp(seconds: 1_764_000_000)
  private let plain = Palette(isColoured: false)

  private func after(_ seconds: Double) -> Timestamp { Timestamp(seconds: now.seconds + seconds) }

  private var alice: AccountReport {
    AccountReport(
      name: "alice", aor: "sip:alice@example.com", registrar: "sip:example.com", state: .registered,
      expiresAt: after(2_460), nextAction: "refresh", nextActionAt: after(2_100), via: "sip:edge1.example.net;lr",
      contact: "sip:alice@192.0.2.7:5060", lastStatus: 200, lastReason: "OK")
  }

  private var wide: AccountReport {
    AccountReport(
      name: "世界", aor: "sip:1001@example.com", registrar: "sip:example.com", state: .waiting,
      reason: "no answer from 192.0.2.20", nextAction: "retry", nextActionAt: after(12), failures: 3, lastStatus: 503,
      lastReason: "Service Unavailable")
  }

  @Test func aTableIsAlignedAlsoUnderWideCharacters() {
    #expect(
      AccountTable.rendered([alice, wide], now: now, palette: plain) == """
        NAME   ADDRESS OF RECORD      STATE       BOUND       NEXT               VIA                       NOTE
        alice  sip:alice@example.com  registered  for 41 min  refresh in 35 min  sip:edge1.example.net;lr
        世界   sip:1001@example.com   waiting     no          retry in 12 s                                \
        no answer from 192.0.2.20, last answer 503 Service Unavailable, 3 failures

        """)
  }

  @Test func aColumnWithoutContentIsLeftOut() {
    let bare = AccountReport(name: "a", aor: "sip:a@b", registrar: "sip:b", state: .paused, reason: "by the operator")
    #expect(
      AccountTable.rendered([bare], now: now, palette: plain) == """
        NAME  ADDRESS OF RECORD  STATE   BOUND  NOTE
        a     sip:a@b            paused  no     by the operator

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
    traffic.transactionsUnderWay = 10
    traffic.answersGood = 100_000
    traffic.answersChallenges = 104_000
    traffic.messagesSent = 206_000
    traffic.messagesReceived = 204_000
    traffic.retransmissions = 1_000
    traffic.drop(2, "defective responses")
    traffic.drop(1, "no SIP messages")
    let status = DaemonStatus(
      version: "0.1.0", ready: true, startedAt: after(-7_380), uptimeSeconds: 7_380, counts: counts,
      bound: 98_700, failingRefreshes: 200, pausedByOperator: 100, shards: 2,
      store: StoreHealth(healthy: true, path: "/var/lib/sipregd/state.sqlite"), traffic: traffic,
      configurationPath: "/etc/sipregd/sipregd.toml", configurationLoadedAt: after(-720))
    #expect(!StatusSummary.isAllWell(status))
    #expect(
      StatusSummary.rendered(status, now: now, palette: plain) == """
        sipregd 0.1.0 is ready, up 2 h 3 min
             accounts  98,700 of 99,900 bound (98.7 %), 200 refreshes failing
           apart from  100 accounts that an operator has paused
             by state  98,400 registered, 100 refreshing, 1,200 waiting, 300 paused
                 look  sipregctl list --unbound
           state file  /var/lib/sipregd/state.sqlite, healthy
        configuration  /etc/sipregd/sipregd.toml, loaded 12 min ago
               shards  2
             requests  205,000 sent: 204,000 answered, 990 without an answer, 10 under way
              answers  204,000: 100,000 good, 104,000 challenges
             messages  206,000 sent (1,000 of them again), 204,000 received
              dropped  3: 2 defective responses, 1 no SIP messages

        """)
  }

  /// (bound, failing, paused by an operator, leaving) of five accounts
  @Test(
    arguments: [
      (5, 0, 0, 0, true, "5 of 5 bound (100 %)"), (5, 5, 0, 0, true, "5 of 5 bound (100 %), 5 refreshes failing"),
      (5, 1, 0, 0, true, "5 of 5 bound (100 %), 1 refresh failing"), (4, 0, 0, 0, false, "4 of 5 bound (80 %)"),
      (3, 0, 2, 0, true, "3 of 3 bound (100 %)"), (4, 0, 0, 1, true, "4 of 4 bound (100 %)"),
      (0, 0, 5, 0, true, "0 of 0 bound"),
    ])
  func allIsWellWhileAllAreBoundThatAreMeantToBe(
    bound: Int, failing: Int, paused: Int, leaving: Int, isWell: Bool, words: String
  ) {
    var counts = StateCounts()
    (counts.paused, counts.unregistering, counts.waiting) = (paused, leaving, 5 - paused - leaving)
    let status = DaemonStatus(
      version: "0.1.0", ready: true, startedAt: now, uptimeSeconds: 0, counts: counts, bound: bound,
      failingRefreshes: failing, pausedByOperator: paused, shards: 1, store: StoreHealth(healthy: true, path: "s"),
      traffic: Traffic(), configurationPath: nil, configurationLoadedAt: now)
    #expect(StatusSummary.isAllWell(status) == isWell)
    #expect(StatusSummary.rendered(status, now: now, palette: plain).contains("  accounts  \(words)\n"))
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
      routeSet: ["<sip:edge1.example.net;lr>", "<sip:core.example.net;lr>"], requestedExpirySeconds: 7_200,
      grantedExpirySeconds: 3_600, boundSince: after(-1_140), targetAddress: "192.0.2.20:5060 (UDP)",
      localAddress: "192.0.2.7:5060", seenFrom: "203.0.113.5:40000",
      credentials: [CredentialsInUse(username: "alice", realm: "example.com", algorithm: "SHA-256")],
      warnings: ["the registrar lists another Contact: <sip:x@y>"],
      exchanges: [
        ExchangeReport(
          at: after(-1_140), method: "REGISTER", target: "192.0.2.20:5060", status: 200, outcome: "OK",
          roundTripMilliseconds: 8),
        ExchangeReport(at: after(-1_172), method: "REGISTER", target: "192.0.2.20:5060", outcome: "timer F: no answer"),
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
                    bound  for 41 min, last renewed 19 min ago
                  warning  the registrar lists another Contact: <sip:x@y>
              last answer  200 OK
                   expiry  3600 s granted, 7200 s asked for
                     next  refresh in 35 min
                  contact  sip:alice@192.0.2.7:5060
            local address  192.0.2.7:5060
                seen from  203.0.113.5:40000, says the registrar
                      via  sip:edge1.example.net;lr
                route set  <sip:edge1.example.net;lr>
                           <sip:core.example.net;lr>
                   target  192.0.2.20:5060 (UDP)
              credentials  alice, realm example.com, SHA-256
                  Call-ID  0b5e@example.com
                     CSeq  7
                 From tag  9fxced76sl

        WHEN        REQUEST   TO               TOOK  ANSWER
        19 min ago  REGISTER  192.0.2.20:5060  8 ms  200 OK
        19 min ago  REGISTER  192.0.2.20:5060        timer F: no answer

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

  @Test func showAndExplainSayOnWhichTermsNextHopsAreSpokenTo() {
    var details = details
    details.terms = ["sip:a: what we send leaves through eth0", "sip:b;transport=ws: its WebSocket is at /ws"]
    let shown = AccountSheet.show(details, now: now, palette: plain)
    #expect(
      shown.contains(
        """
                    terms  sip:a: what we send leaves through eth0
                           sip:b;transport=ws: its WebSocket is at /ws

        """))
    let explained = AccountSheet.explain(details, now: now, palette: plain)
    #expect(
      explained.contains(
        """
          Next: refresh in 35 min.
          sip:a: what we send leaves through eth0
          sip:b;transport=ws: its WebSocket is at /ws

        """))
  }

  @Test func explainSaysHowANextHopWasLookedUp() {
    var details = details
    details.targetAddress = "udp:192.0.2.2:5060"
    details.lookups = [
      LookupReport(
        hop: "sip:example.com", at: after(-12), steps: ["NAPTR example.com: none"],
        order: ["udp:192.0.2.1:5060", "udp:192.0.2.2:5060"]),
      LookupReport(hop: "sip:b.example", at: now, steps: [], failure: "no name server answered in time"),
    ]
    let text = AccountSheet.explain(details, now: now, palette: plain)
    #expect(
      text.contains(
        """
          Next: refresh in 35 min.
          sip:example.com was looked up 12 s ago:
            NAPTR example.com: none
            order: udp:192.0.2.1:5060, udp:192.0.2.2:5060
            now at udp:192.0.2.2:5060
          sip:b.example was looked up now:
            no name server answered in time

        """))
  }

  @Test(arguments: [
    (NameStep(.naptr, "example.com", .none), "NAPTR example.com: none"),
    (
      NameStep(
        .srv, "_sip._udp.example.com", .records(["10 60 5060 a.example", "20 0 5060 b.example"], expiry: .seconds(300))),
      "SRV _sip._udp.example.com: 10 60 5060 a.example, 20 0 5060 b.example (TTL 300 s)"
    ),
    (
      NameStep(.addresses, "a.example", .oldRecords(["192.0.2.1"])),
      "A, AAAA a.example: 192.0.2.1 (an old answer: there is no new one)"
    ),
    (NameStep(.addresses, "a.example", .failed("the name server failed")), "A, AAAA a.example: the name server failed"),
    (
      NameStep(.addresses, "a.example", .records((0..<18).map { "192.0.2.\($0)" }, expiry: .seconds(1))),
      "A, AAAA a.example: \((0..<16).map { "192.0.2.\($0)" }.joined(separator: ", ")), and 2 more (TTL 1 s)"
    ),
    (
      NameStep(.hostsFile, "pbx.example", .records(["192.0.2.1"], expiry: .seconds(5))),
      "hosts file: pbx.example is 192.0.2.1"
    ),
    (NameStep(.hostsFile, "pbx.example", .none), nil),
  ])
  func aStepOfALookupIsASentence(_ step: NameStep, _ sentence: String?) { #expect(step.sentence == sentence) }

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
