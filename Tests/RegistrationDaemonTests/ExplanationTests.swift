import SIPMessage
import Testing

@testable import RegistrationDaemon
@testable import SIPUserAgent

/// What `sipregctl explain` says of an account, thought by thought.
@Suite struct ExplanationTests {
  private static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
  private static let beyond = Endpoint(address: .v4(0xCB00_7105), port: 40_000)
  private let now = Instant(nanoseconds: 1_000_000_000_000)

  private func status(
    _ state: StateName, contact: String? = nil, seenFrom: Endpoint? = nil, failure: Failure? = nil, failures: Int = 0,
    pause: PauseReason? = nil, outlook: Outlook = .answer, waitsFor: [SilentHop] = []
  ) throws -> AccountStatus {
    let target = Target(transport: .udp, endpoint: Self.local)
    let binding = contact.map {
      Binding(
        registeredAt: now - .seconds(36), expiresAt: now + .seconds(24), contact: Array($0.utf8), routeIndex: 0,
        way: Way(target: target, local: Self.local), serviceRoute: [])
    }
    return AccountStatus(
      account: Account(name: "alice", addressOfRecord: try URI("sip:a@b.test"), registrar: try URI("sip:b.test")),
      status: RegistrationStatus(
        state: state, callID: "c", cSeq: 1, fromTag: "t", binding: binding, pause: pause, next: now + .seconds(12),
        outlook: outlook, failures: failures, lastFailure: failure, exchanges: [], routeIndex: 0, waitsFor: waitsFor,
        notices: [],
        asked: 60, sentAt: now, local: Self.local, seenFrom: seenFrom,
        credentials: [CredentialsUse(username: "alice", realm: "pbx", algorithm: "MD5")], isHistoryWhole: true))
  }

  @Test func reachableIsSaidWhereNothingSpeaksAgainstIt() throws {
    let plain = try status(.registered, contact: "sip:a@192.0.2.1:5060")
    #expect(plain.situation(now: now).explanation.first == "Registered and reachable; the next refresh is in 12 s.")
    #expect(plain.situation(now: now).warnings.isEmpty)
    let followed = try status(.registered, contact: "sip:a@203.0.113.5:40000", seenFrom: Self.beyond)
    #expect(followed.situation(now: now).explanation.first == "Registered and reachable; the next refresh is in 12 s.")
  }

  @Test func beyondANATHowTheRegistrarSeesUsIsSaid() throws {
    let status = try status(.registered, contact: "sip:a@192.0.2.1:5060", seenFrom: Self.beyond)
    let lines = status.situation(now: now).explanation
    #expect(lines.first == "Registered; the next refresh is in 12 s.")
    #expect(
      lines.last?.hasPrefix("The registrar sees us at 203.0.113.5:40000, and our Contact says 192.0.2.1:5060") == true)
    #expect(lines.last?.contains("contact_rewrite = true") == true)
  }

  @Test func boundIsSaidBesideAFailure() throws {
    let busy = Failure.response(status: 503, reason: "Service Unavailable")
    let bound = try status(
      .waiting, contact: "sip:a@192.0.2.1", failure: busy, failures: 3, outlook: .own(now + .seconds(12)))
    #expect(
      bound.situation(now: now).explanation.prefix(2) == [
        "Refresh failed: 503 Service Unavailable, 3 attempts in a row; still bound for 24 s.",
        "Next attempt in 12 s; `sipregctl refresh alice` tries now.",
      ])
    let unbound = try status(.waiting, failure: .timedOut, failures: 1, outlook: .follows("a1"))
    #expect(
      unbound.situation(now: now).explanation == [
        "Registration failed: no answer; nobody reaches this account now.",
        "The next hop is asked by a1 at present, and this account follows; `sipregctl refresh alice` tries now.",
      ])
  }

  @Test func aRefusalNamesWithWhatItWasAnswered() throws {
    let lines = try status(.paused, contact: "sip:a@192.0.2.1", pause: .credentialsRejected).situation(now: now)
      .explanation
    #expect(lines.contains("Answered last as user name alice, realm pbx, MD5."))
    #expect(lines.contains("It is still bound for 24 s."))
  }

  /// Nobody can know whether the password was right.
  @Test func aRefusalSaysNothingGoodOfThePassword() throws {
    let target = Target(transport: .udp, endpoint: Self.local)
    let statuses = [401, 403].map { Exchange.Outcome.failed(.response(status: $0, reason: "")) }
    var status = try status(
      .paused, failure: .response(status: 403, reason: "Forbidden"), pause: .refused(status: 403))
    status.status.exchanges = statuses.map { Exchange(sentAt: now, target: target, outcome: $0) }
    #expect(
      status.situation(now: now).explanation.first
        == "b.test refused with 403 Forbidden: the account is not known there, "
        + "not allowed, or (some registrars answer so) its password is wrong.")
    status.status.credentials = []
    #expect(
      status.situation(now: now).explanation.first
        == "b.test refused with 403 Forbidden: the account is not known there or not allowed.")
  }

  @Test func whatWaitsForNobodyWaitsForTheFloor() throws {
    #expect(
      try status(.waiting, outlook: .own(now + .seconds(12))).situation(now: now).explanation.first
        == "Registration waits until `minimum_interval` is over; nobody reaches this account now.")
  }

  @Test func whatAnOperatorHasPausedIsNotWanted() throws {
    let clock = WallClock()
    #expect(try status(.paused, pause: .byOperator).row(clock, now: now).isAsWanted)
    #expect(try !status(.paused, pause: .refused(status: 403)).row(clock, now: now).isAsWanted)
    #expect(try status(.waiting, contact: "sip:a@192.0.2.1").row(clock, now: now).isAsWanted)
  }
}
