import SIPMessage
import SIPUserAgent
import Testing

/// Operators, configuration and restarts.
@Suite struct OperatorTests {
  func restarted(_ bench: Bench) throws -> Bench {
    var other = try Bench()
    other.account = bench.account
    other.now = bench.now
    other.record = bench.record
    other.start(bench.record)
    return other
  }

  @Test func aPauseRemovesOnlyOurContactAndLastsOverARestart() throws {
    var bench = try Bench.registered()
    bench.handle(.pause(Bench.id))
    bench.locate()
    let request = try bench.lastRequest()
    #expect(request.expires?.value == 0)
    #expect(request.first(.contact)?.text.hasPrefix("<sip:alice@192.0.2.1:5060") == true)
    try bench.respond(200, [(.server, "x")])
    #expect(bench.status?.pause == .byOperator)
    var other = try restarted(bench)
    other.advance(.seconds(86_400))
    #expect(other.sent.isEmpty)
    other.handle(.refresh(Bench.id))
    #expect(other.effects.isEmpty)
    other.handle(.resume(Bench.id))
    other.store()
    other.locate()
    #expect(other.sent.count == 1)
  }

  @Test func aPauseThatACrashInterruptedIsEnded() throws {
    var bench = try Bench.registered()
    bench.handle(.pause(Bench.id))
    var other = try restarted(bench)
    other.locate()
    #expect(try other.lastRequest().expires?.value == 0)
    try other.respond(200, [(.server, "x")])
    #expect(other.state == .paused)
  }

  @Test func aResumeIsStoredBeforeAnythingElse() throws {
    var bench = try Bench.registered()
    bench.handle(.pause(Bench.id))
    bench.locate()
    try bench.respond(200, [(.server, "x")])
    bench.handle(.resume(Bench.id))
    #expect(bench.record?.pause == nil)
    #expect(try restarted(bench).question != nil)
  }

  @Test func aResumeDuringThePauseIsCarriedOut() throws {
    var bench = try Bench.registered()
    bench.handle(.pause(Bench.id))
    bench.locate()
    bench.handle(.resume(Bench.id))
    try bench.respond(200, [(.server, "x")])
    bench.locate()
    #expect(try bench.lastRequest().expires?.value == 3600)
    try bench.respond(200)
    #expect(bench.state == .registered)
    #expect(bench.status?.pause == nil)
  }

  @Test func aResumeTakesBackAPauseThatIsOnlyNoted() throws {
    var bench = try Bench.registering()
    bench.handle(.pause(Bench.id))
    #expect(bench.record?.pause == .byOperator)
    bench.handle(.resume(Bench.id))
    try bench.respond(200)
    #expect(bench.state == .registered)
    #expect(bench.record?.pause == nil)
  }

  @Test func stoppingDoesNotForgetAPause() throws {
    var bench = try Bench.registered()
    bench.handle(.pause(Bench.id))
    bench.locate()
    try bench.respond(200, [(.server, "x")])
    bench.handle(.stop(Bench.id))
    #expect(bench.record?.pause == .byOperator)
  }

  @Test func aRemovalAnswersItsChallengeAndIsForgotten() throws {
    var bench = try Bench.registered()
    bench.handle(.remove(Bench.id))
    bench.locate()
    try bench.respond(401, Bench.challenge)
    #expect(try bench.lastRequest().expires?.value == 0)
    try bench.respond(200, [(.server, "x")])
    #expect(bench.effects.contains { if case .forget = $0 { true } else { false } })
    #expect(bench.status == nil)
  }

  @Test func aRemovalThatNobodyAnswersEndsInTime() throws {
    var bench = try Bench.registered()
    bench.handle(.remove(Bench.id))
    bench.locate()
    bench.advance(.seconds(11))
    #expect(bench.status == nil)
    #expect(bench.reports.contains { if case .unregisterFailed = $0 { true } else { false } })
  }

  @Test func aStopDoesNotWaitForEveryProxy() throws {
    var bench = try Bench()
    bench.addresses = [1, 2, 3, 4]
    bench.start()
    bench.locate()
    bench.handle(.stop(Bench.id))
    bench.advance(.seconds(33))
    #expect(bench.effects.contains { if case .stopped = $0 { true } else { false } })
  }

  @Test func aNewPasswordIsTriedAtOnceThoughTheOldOneWasJustRefused() throws {
    var bench = try Bench.registering()
    var changed = bench.account
    changed.credentials = [Credential(username: "alice", password: "better")]
    bench.handle(.change(Bench.id, changed))
    try bench.respond(403)
    #expect(bench.status?.next == bench.now + .seconds(5))
    bench.advance(.seconds(5))
    bench.locate()
    #expect(bench.sent.count == 2)
  }

  @Test func aChangedContactRemovesTheFormerOneInTheSameRequest() throws {
    var bench = try Bench.registered()
    var changed = bench.account
    changed.contact.user = "desk"
    bench.handle(.change(Bench.id, changed))
    bench.advance(.seconds(6))
    bench.locate()
    let contacts = try bench.lastRequest().contacts().map { "\($0)" }.count
    let text = try bench.lastRequest().values(.contact).map(\.text)
    #expect(contacts == 2)
    #expect(text[0].hasPrefix("<sip:desk@"))
    #expect(text[1].hasPrefix("<sip:alice@") && text[1].hasSuffix(">;expires=0"))
    #expect(try bench.lastRequest().callID?.text == bench.record?.callID)
  }

  @Test func aRestartResumesWithoutAPacketAndGoesOnAboveTheCeiling() throws {
    let bench = try Bench.registered()
    let ceiling = try #require(bench.record?.cSeqCeiling)
    var other = try restarted(bench)
    #expect(other.state == .registered)
    #expect(other.sent.isEmpty && other.question == nil)
    other.advance(try #require(other.status?.next) - other.now)
    other.store()
    other.locate()
    #expect(try other.lastRequest().cSeq().number == ceiling)
    #expect(try other.lastRequest().callID?.text == bench.record?.callID)
  }

  @Test func whatIsReservedForAllNeedsNoRecordOfItsOwn() throws {
    let bench = try Bench.registered()
    let record = try #require(bench.record)
    var other = try Bench()
    other.now = bench.now + .seconds(30)
    other.handle(.add(Bench.id, bench.account, record, reserved: IdentityOrigin.reserve))
    other.record = record
    other.handle(.refresh(Bench.id))
    other.locate()
    #expect(try other.lastRequest().cSeq().number == record.cSeqCeiling)
    try other.respond(200)
    #expect(other.effects.contains { if case .renew = $0 { true } else { false } })
    #expect(!other.effects.contains { if case .store = $0 { true } else { false } })
  }

  @Test func aNewcomerWithAnOriginIsStoredWhenItIsBound() throws {
    var bench = try Bench()
    let origin = IdentityOrigin(seed: [1, 2, 3], firstCSeq: 641)
    let record = origin.record(of: bench.account, key: "alice".utf8.span)
    bench.handle(.add(Bench.id, bench.account, record, reserved: IdentityOrigin.reserve))
    bench.advance(.zero)
    bench.locate()
    #expect(bench.record == nil)
    #expect(try bench.lastRequest().cSeq().number == 641)
    #expect(try bench.lastRequest().callID?.text == record.callID)
    try bench.respond(200)
    #expect(bench.record?.cSeqCeiling == 641 + IdentityOrigin.reserve)
    #expect(bench.record?.callID == record.callID)
    #expect(bench.record?.binding != nil)
  }

  @Test func anOriginMakesTheSameIdentityEachTimeAndAnotherOfEverythingElse() throws {
    let account = try Bench.account()
    let record = IdentityOrigin(seed: [1], firstCSeq: 1).record(of: account, key: "a".utf8.span)
    let again = IdentityOrigin(seed: [1], firstCSeq: 65).record(of: account, key: "a".utf8.span)
    #expect((record.callID, record.fromTag) == (again.callID, again.fromTag))
    // UUID version 8, variant 10 (RFC 9562 §5.8).
    #expect(
      record.callID.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}@example\.test/)
        != nil)
    let others = [
      IdentityOrigin(seed: [1], firstCSeq: 1).record(of: account, key: "b".utf8.span),
      IdentityOrigin(seed: [2], firstCSeq: 1).record(of: account, key: "a".utf8.span),
    ]
    #expect(Set(([record] + others).map(\.callID)).count == 3)
    #expect(Set(([record] + others).map(\.fromTag)).count == 3)
  }

  @Test(
    arguments: [
      { $0.callID = "a\r\nEvil: 1" }, { $0.fromTag = "" }, { $0.cSeqCeiling = .max }, { $0.callID = "" },
      { $0.binding?.contact = [0x0D, 0x0A] }, { $0.binding?.routeIndex = -1 },
      { $0.binding?.expiresAt = .distantFuture }, { $0.binding?.registeredAt = .distantFuture },
      {
        $0.nonces = [
          CachedNonce(source: .server, realm: [0], nonce: [0x0A], algorithm: .init(hash: .md5), quality: nil, count: 0)
        ]
      },
    ] as [@Sendable (inout RegistrationRecord) -> Void])
  func aDamagedRecordIsNoReasonToStayAwayOrToDie(damage: @Sendable (inout RegistrationRecord) -> Void) throws {
    var bench = try Bench.registered()
    var record = try #require(bench.record)
    damage(&record)
    bench.record = record
    var other = try restarted(bench)
    other.handle(.refresh(Bench.id))
    other.store()
    other.locate()
    #expect(try other.lastRequest().defect() == nil)
    try other.respond(200)
    #expect(other.state == .registered)
  }

  @Test func aBindingWithImpossibleTimesIsRenewedAtOnce() throws {
    var bench = try Bench.registered()
    bench.record?.binding?.expiresAt = .distantFuture
    #expect(try restarted(bench).question != nil)
  }

  @Test func aTimerOfAFormerAccountFindsNobody() throws {
    var bench = try Bench.registered()
    let timers = bench.timers
    let question = try #require(bench.question)
    bench.handle(.remove(Bench.id))
    bench.locate()
    try bench.respond(200, [(.server, "x")])
    bench.handle(.add(Bench.id, bench.account, nil))
    let armed = timers.keys.filter { $0.kind == .registration && bench.agent.isArmed($0) }
    #expect(armed.isEmpty)
    bench.advance(.zero)
    bench.store()
    bench.handle(.located(question, .failed("late")))
    #expect(bench.effects.isEmpty)
  }

  @Test(arguments: ["x\r\nEvil: 1", "x\u{0}"]) func whatDoesNotFitIntoAHeaderFieldEndsTheAttempt(name: String) throws {
    var bench = try Bench.registering { $0.credentials = [Credential(username: name, password: "p")] }
    try bench.respond(401, Bench.challenge)
    #expect(bench.sent.count == 1)
    #expect(bench.state == .waiting)
  }
}
