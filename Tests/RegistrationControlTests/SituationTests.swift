import RegistrationControl
import Testing

/// Every sentence of `explain`, and what causes it; and why a row of `list` is as it is.
@Suite struct SituationTests {
  struct Case: CustomTestStringConvertible {
    var cause: String
    var state: RegistrationState
    var change: @Sendable (inout Situation) -> Void = { _ in }
    var lines: [String]
    var reason: String?

    var testDescription: String { cause }

    var situation: Situation {
      var situation = Situation(name: "alice", registrar: "pbx.test", state: state)
      change(&situation)
      return situation
    }
  }

  private static let bound = Situation.Binding(granted: .seconds(60), remaining: .seconds(24))
  private static let ends = "The registrar granted 1 min; it ends in 24 s."
  private static let asked = Situation.Flow(
    method: .stun, shortest: .seconds(24), longest: .seconds(29), lastAnswer: .seconds(3))
  private static func beyond(_ remedy: Situation.Obstacle.Remedy) -> Situation.Obstacle {
    Situation.Obstacle(
      seenFrom: "203.0.113.5:40000", contact: "192.0.2.1:5060", isAddress: true, remedy: remedy)
  }
  private static let busy = Situation.Failure("503 Service Unavailable")
  private static let use = CredentialsInUse(username: "alice", realm: "pbx", algorithm: "MD5")
  private static let tries = "`sipregctl refresh alice` tries now."

  static let inFlight: [Case] = [
    Case(cause: "at the start", state: .unregistered, lines: ["Not registered yet; the first REGISTER leaves soon."]),
    Case(
      cause: "at the start, with a time", state: .unregistered, change: { $0.next = .seconds(12) },
      lines: ["Not registered yet; the first REGISTER leaves in 12 s."]),
    Case(cause: "a first REGISTER", state: .registering, lines: ["Nothing is bound; a REGISTER is in flight."]),
    Case(
      cause: "another REGISTER", state: .registering,
      change: { ($0.failure, $0.failures) = (busy, 3) },
      lines: ["Nothing is bound; a REGISTER is in flight after 503 Service Unavailable, 3 attempts in a row."],
      reason: "503 Service Unavailable"),
    Case(
      cause: "answers that can not be used", state: .registering,
      change: { $0.discarded = "an answer came and could not be used: Bad CSeq" },
      lines: [
        "Nothing is bound; a REGISTER is in flight.", "So far an answer came and could not be used: Bad CSeq.",
      ]),
    Case(
      cause: "a refresh", state: .refreshing, change: { $0.binding = bound },
      lines: ["Registered and reachable; a refresh is in flight.", ends]),
    Case(
      cause: "a refresh after failures", state: .refreshing,
      change: { ($0.binding, $0.failure, $0.failures) = (bound, busy, 1) },
      lines: ["A refresh is in flight after 503 Service Unavailable; still bound for 24 s.", ends],
      reason: "503 Service Unavailable"),
    Case(
      cause: "on the way out", state: .unregistering, change: { $0.binding = bound },
      lines: ["The binding is being removed.", ends]),
  ]

  static let registered: [Case] = [
    Case(
      cause: "all is well", state: .registered, change: { ($0.binding, $0.next) = (bound, .seconds(12)) },
      lines: ["Registered and reachable; the next refresh is in 12 s.", ends]),
    Case(
      cause: "a refresh is due", state: .registered, change: { $0.binding = bound },
      lines: ["Registered and reachable; the next refresh is due.", ends]),
    Case(
      cause: "another route", state: .registered,
      change: {
        ($0.binding, $0.routes) = (Situation.Binding(granted: .seconds(60), remaining: .seconds(24), route: 2), 3)
      },
      lines: [
        "Registered and reachable; the next refresh is due.", ends,
        "The binding is held by route 2 of 3, not the first.",
      ]),
    Case(
      cause: "something is odd", state: .registered,
      change: { ($0.binding, $0.notices) = (bound, ["accepted, but the registrar lists no Contact"]) },
      lines: [
        "Registered and reachable; the next refresh is due.", ends, "Accepted, but the registrar lists no Contact.",
      ],
      reason: "accepted, but the registrar lists no Contact"),
    Case(
      cause: "a NAT, and a Contact that does not follow", state: .registered,
      change: {
        $0.binding = bound
        $0.obstacle = Situation.Obstacle(
          seenFrom: "203.0.113.5:40000", contact: "192.0.2.1:5060", isAddress: true, remedy: .rewriteContact)
      },
      lines: [
        "Registered; the next refresh is due.", ends,
        "The registrar sees us at 203.0.113.5:40000, and our Contact says 192.0.2.1:5060: calls will not come, "
          + "unless the registrar sends them to where it sees us; `contact_rewrite = true` would follow it.",
      ]),
    Case(
      cause: "a NAT that is kept open, and a Contact that does not follow", state: .registered,
      change: { ($0.binding, $0.obstacle, $0.flow) = (bound, beyond(.rewriteContact), asked) },
      lines: [
        "Registered; the next refresh is due.", ends,
        "The registrar sees us at 203.0.113.5:40000, and our Contact says 192.0.2.1:5060: calls come only if the "
          + "registrar sends them to where it sees us (the flow is kept open every 24 to 29 s by STUN; last answer 3 s "
          + "ago); `contact_rewrite = true` would follow it.",
      ]),
    Case(
      cause: "a NAT, and a Contact that follows", state: .registered,
      change: { ($0.binding, $0.flow) = (bound, asked) },
      lines: [
        "Registered and reachable; the next refresh is due.", ends,
        "Its flow is kept open every 24 to 29 s by STUN; last answer 3 s ago.",
      ]),
    Case(
      cause: "an edge that keeps flows", state: .registered,
      change: {
        ($0.binding, $0.obstacle, $0.flow) = (bound, beyond(.none), asked)
        $0.flow?.carriesCalls = true
      },
      lines: [
        "Registered and reachable; the next refresh is due.", ends,
        "The registrar sees us at 203.0.113.5:40000, and our Contact says 192.0.2.1:5060: the edge keeps calls on this "
          + "flow (kept open every 24 to 29 s by STUN; last answer 3 s ago).",
      ]),
    Case(
      cause: "a flow that has failed", state: .registered,
      change: {
        ($0.binding, $0.flow) = (bound, asked)
        $0.flow?.hasFailed = true
      },
      lines: [
        "Registered; the next refresh is due.", ends,
        "The flow that holds the binding has failed, and the account registers anew.",
      ]),
    Case(
      cause: "a NAT that nothing keeps open", state: .registered,
      change: { ($0.binding, $0.forgottenBy) = (bound, "203.0.113.5:40000") },
      lines: [
        "Registered; the next refresh is due.", ends,
        "The registrar sees us at 203.0.113.5:40000, and nothing keeps the NAT open: `keepalive = \"off\"`.",
      ]),
    Case(
      cause: "a NAT, and a Contact with a name", state: .refreshing,
      change: {
        $0.binding = bound
        $0.obstacle = Situation.Obstacle(
          seenFrom: "203.0.113.5:40000", contact: "gw.example.com", isAddress: false, remedy: .none)
      },
      lines: [
        "Registered; a refresh is in flight.", ends,
        "The registrar sees us at 203.0.113.5:40000, and our Contact says gw.example.com.",
      ]),
  ]

  static let waiting: [Case] = [
    Case(
      cause: "a refresh failed", state: .waiting,
      change: { ($0.binding, $0.failure, $0.failures, $0.prospect) = (bound, busy, 2, .own(in: .seconds(12))) },
      lines: [
        "Refresh failed: 503 Service Unavailable, 2 attempts in a row; still bound for 24 s.",
        "Next attempt in 12 s; \(tries)", ends,
      ],
      reason: "503 Service Unavailable"),
    Case(
      cause: "the floor", state: .waiting, change: { $0.prospect = .own(in: .seconds(12)) },
      lines: [
        "Registration waits until `minimum_interval` is over; nobody reaches this account now.",
        "Next attempt in 12 s; \(tries)",
      ]),
    Case(
      cause: "a hop that somebody asks", state: .waiting,
      change: {
        $0.failingHops = [
          .init(
            uri: "sip:edge.test", duration: .seconds(120), asker: "a1", nextAsker: nil, nextQuestion: .zero, waiting: 1)
        ]
        $0.prospect = .follows("a1")
      },
      lines: [
        "Registration waits for its next hop; nobody reaches this account now.",
        "sip:edge.test fails everybody for 2 min; a1 asks it at present, 1 account in line.",
        "The next hop is asked by a1 at present, and this account follows; \(tries)",
      ]),
    Case(
      cause: "hops that somebody will ask", state: .waiting,
      change: {
        $0.failingHops = ["a1", nil].map {
          .init(
            uri: "sip:edge.test", duration: .seconds(120), asker: nil, nextAsker: $0, nextQuestion: .seconds(7),
            waiting: 1_500)
        }
        $0.prospect = .asked(by: "a1", in: .seconds(7))
      },
      lines: [
        "Registration waits for its next hop; nobody reaches this account now.",
        "sip:edge.test fails everybody for 2 min; a1 asks it in 7 s, 1,500 accounts in line.",
        "sip:edge.test fails everybody for 2 min; the next account asks it in 7 s, 1,500 accounts in line.",
        "The next hop is asked by a1 in 7 s, and this account follows; \(tries)",
      ]),
    Case(
      cause: "the line moves", state: .waiting,
      change: { ($0.failure, $0.failures, $0.prospect) = (.init("no answer"), 1, .inLine) },
      lines: [
        "Registration failed: no answer; nobody reaches this account now.",
        "The next hop answers again, and this account follows in its turn; \(tries)",
      ],
      reason: "no answer"),
  ]

  static let paused: [Case] = [
    Case(
      cause: "an operator", state: .paused, change: { ($0.pause, $0.failure) = (.byOperator, busy) },
      lines: ["Paused by the operator; `sipregctl resume alice` goes on."], reason: "paused by the operator"),
    Case(
      cause: "a refusal behind a challenge", state: .paused,
      change: {
        ($0.pause, $0.failure, $0.credentials) = (.refused(status: 403), .init("403 Forbidden"), [use])
        $0.next = .seconds(3_600)
      },
      lines: [
        "pbx.test refused with 403 Forbidden: the account is not known there, not allowed, or (some registrars answer so) "
          + "its password is wrong.",
        "Answered last as user name alice, realm pbx, MD5.", "The next probe is in 1 h; \(tries)",
      ],
      reason: "refused with 403 (403 Forbidden, answered as alice, realm pbx, MD5)"),
    Case(
      cause: "a refusal without a challenge", state: .paused,
      change: { ($0.pause, $0.registrar) = (.refused(status: 404), nil) },
      lines: [
        "the registrar refused with 404: the account is not known there or not allowed.",
        "No probe is planned; \(tries)",
      ],
      reason: "refused with 404"),
    Case(
      cause: "rejected credentials", state: .paused,
      change: {
        $0.pause = .credentialsRejected
        $0.failure = .init("401, credentials rejected: realm \"pbx\", MD5", namesCredentials: true)
        ($0.binding, $0.credentials) = (bound, [use])
      },
      lines: [
        "The user name or password was rejected: check them in the configuration.",
        "401, credentials rejected: realm \"pbx\", MD5.", "It is still bound for 24 s.",
        "No probe is planned; \(tries)", ends,
      ],
      reason: "the user name or password was rejected (401, credentials rejected: realm \"pbx\", MD5)"),
    Case(
      cause: "no credentials", state: .paused, change: { $0.pause = .noCredentials },
      lines: [
        "The challenge names a realm or algorithm for which no credential is configured.",
        "No probe is planned; \(tries)",
      ],
      reason: "no configured credential answers the challenge: realm or algorithm differ"),
  ]

  @Test(arguments: inFlight + registered + waiting + paused) func everySentenceHasItsCause(each: Case) {
    #expect(each.situation.explanation == each.lines)
    #expect(each.situation.reason == each.reason)
  }

  @Test func everyStateHasItsSentences() {
    let states = (Self.inFlight + Self.registered + Self.waiting + Self.paused).map(\.state)
    #expect(Set(states) == Set(RegistrationState.allCases))
  }

  @Test func aRefreshThatBroughtNothingSaysWhatIsLeft() {
    var situation = Situation(name: "alice", registrar: nil, state: .waiting)
    #expect(situation.outcome == "no outcome, not bound")
    #expect(situation.openOutcome == "no answer yet")
    (situation.failure, situation.binding, situation.prospect) = (Self.busy, Self.bound, .own(in: .seconds(5)))
    #expect(situation.outcome == "503 Service Unavailable, still bound for 24 s")
    #expect(situation.openOutcome == "next attempt in 5 s")
    situation.pause = .credentialsRejected
    #expect(situation.outcome == "the user name or password was rejected, still bound for 24 s")
  }

  @Test(arguments: [
    (Situation.Flow.Method.stun, "by STUN; no answer yet"), (.ping, "by pings; no answer yet"),
    (.lineEnds, "by line ends, which nobody answers: its end shows at the next refresh"),
    (.pingUnanswered, "by pings, which nobody answers"),
  ]) func aFlowIsSaidToBeKeptOpenByWhatIsSent(method: Situation.Flow.Method, words: String) {
    let flow = Situation.Flow(method: method, shortest: .milliseconds(2_400), longest: .seconds(120))
    #expect(flow.words == "kept open every 2 to 120 s \(words)")
  }
}
