import SIPMessage
import SIPTransaction
import Testing

/// The client of an INVITE within the layer: what is sent, what is passed up, and until when (RFC 3261 §17.1.1, §9.1,
/// RFC 6026).
@Suite struct InviteLayerTests {
  var layer = TransactionLayer()
  var actions: [TransactionAction] = []
  var now = Instant(nanoseconds: 1_000_000_000)
  static let tcp = Target(transport: .tcp, endpoint: Wire.peer.endpoint)

  mutating func invite(to target: Target = Wire.peer) -> Branch {
    let branch = layer.reserve(chance: 42)
    actions = []
    layer.start(
      branch, Wire.invite(branch), user: Wire.user(7), method: .invite, to: .target(target), local: Wire.local,
      now: now, actions: &actions)
    return branch
  }

  /// Some time later.
  ///
  /// - Returns: what the layer answers, and the first lines of what it sends
  mutating func receive(_ status: Int, to branch: Branch, method: String = "INVITE") throws -> [String] {
    actions = []
    now = now + .milliseconds(20)
    let message = try Message(parsing: Wire.response(status, to: "\(branch)", method: method))
    layer.received(response: message, status: status, now: now, actions: &actions)
    return actions.map(\.line)
  }

  mutating func cancel(_ branch: Branch) -> [String] {
    actions = []
    layer.cancel(branch.transaction, now: now, actions: &actions)
    return actions.map(\.line)
  }

  mutating func pass(_ duration: Duration) -> [String] { layer.pass(duration, from: &now, &actions) }

  // MARK: Answers

  @Test mutating func everyTwoHundredIsPassedUpAndItsACKIsNotOurs() throws {
    let branch = invite()
    #expect(actions.map(\.line) == ["INVITE sip:b@192.0.2.2 SIP/2.0 for 0", "timer client 0"])
    #expect(try receive(180, to: branch) == ["response 180 for 7"])
    #expect(pass(.seconds(600)) == [])
    #expect(try receive(180, to: branch) == ["response 180 for 7"])
    #expect(try receive(200, to: branch) == ["response 200 for 7", "timer client 0"])
    #expect(try receive(200, to: branch) == ["response 200 for 7"])
    // Of another branch of a proxy that forked, or late.
    #expect(try receive(180, to: branch) == [])
    #expect(try receive(486, to: branch) == [])
    #expect(layer.counters.repeatedResponses == 2)
    #expect(layer.clientCount == 1)
  }

  @Test mutating func anAcceptedInviteIsForgottenWithTimerM() throws {
    let branch = invite()
    #expect(try receive(200, to: branch) == ["response 200 for 7", "timer client 0"])
    #expect(pass(.milliseconds(31_999)) == [])
    #expect(try receive(200, to: branch) == ["response 200 for 7"])
    actions = []
    layer.timerFired(
      TransactionTimer(side: .client, slot: branch.slot, generation: 2), now: now + .milliseconds(1), actions: &actions)
    #expect(actions.isEmpty)
    #expect(layer.clientCount == 0)
    #expect(try receive(200, to: branch) == [])
    #expect(layer.counters.strayResponses == 1)
  }

  @Test mutating func aFailureIsAcknowledgedEachTimeItComes() throws {
    let branch = invite()
    let acknowledgement = "ACK sip:b@192.0.2.2 SIP/2.0 for 0"
    #expect(try receive(486, to: branch) == [acknowledgement, "response 486 for 7", "timer client 0"])
    let sent = try #require(actions.first?.sent)
    #expect(try receive(486, to: branch) == [acknowledgement])
    #expect(actions.first?.sent == sent)
    #expect(try receive(200, to: branch) == [])
    let message = try Message(parsing: sent)
    #expect(try message.topmostVia().branch == Bytes("\(branch)"))
    #expect(message.values(.via).count == 1)
    #expect(message.first(.to) == Bytes("<sip:a@example.test>;tag=2"))
    #expect(message.first(.cSeq) == Bytes("1 ACK"))
  }

  @Test mutating func aFailedInviteIsForgottenWithTimerD() throws {
    let branch = invite()
    _ = try receive(486, to: branch)
    #expect(pass(.seconds(32)) == [])
    #expect(layer.clientCount == 0)
    #expect(try receive(486, to: branch) == [])
    #expect(layer.counters.strayResponses == 1)
  }

  @Test mutating func overTCPAFailureIsAcknowledgedAndForgotten() throws {
    let branch = invite(to: Self.tcp)
    #expect(pass(.seconds(31)) == [])
    #expect(try receive(486, to: branch) == ["ACK sip:b@192.0.2.2 SIP/2.0 for 0", "response 486 for 7"])
    #expect(layer.clientCount == 0)
  }

  @Test mutating func overTCPATwoHundredMayComeAgainAsWell() throws {
    let branch = invite(to: Self.tcp)
    #expect(try receive(200, to: branch) == ["response 200 for 7", "timer client 0"])
    #expect(try receive(200, to: branch) == ["response 200 for 7"])
    #expect(layer.clientCount == 1)
  }

  /// §17.1.3: the branch alone does not make it.
  @Test mutating func anAnswerFromAStrangerOrToAnotherMethodIsNone() throws {
    let branch = invite()
    #expect(try receive(200, to: Branch(slot: branch.slot, serial: branch.serial, chance: 43)) == [])
    #expect(layer.counters.strayResponses == 1)
    #expect(try receive(200, to: branch, method: "REGISTER") == ["discarded for 7: \(Flaw.foreignMethod.name)"])
    // Nobody has cancelled it.
    #expect(try receive(200, to: branch, method: "CANCEL") == [])
    #expect(try receive(200, to: branch) == ["response 200 for 7", "timer client 0"])
  }

  // MARK: Silence

  @Test mutating func nobodyAnswersUntilTimerB() {
    _ = invite()
    let lines = pass(.seconds(40))
    #expect(lines == Array(repeating: "INVITE sip:b@192.0.2.2 SIP/2.0 for 0", count: 6) + ["timed out for 7"])
    #expect(layer.clientCount == 0)
    #expect(layer.counters.retransmissions == 6)
    #expect(layer.counters.timeouts == 1)
  }

  @Test mutating func overTCPNothingIsRepeated() {
    _ = invite(to: Self.tcp)
    #expect(pass(.seconds(40)) == ["timed out for 7"])
  }

  @Test mutating func anAnswerStopsTheRepetitionAndTimerB() throws {
    let branch = invite()
    let timers = actions.compactMap(\.timer)
    _ = try receive(100, to: branch)
    #expect(timers.allSatisfy { !layer.isArmed($0) })
    #expect(pass(.seconds(3_600)) == [])
    #expect(layer.clientCount == 1)
  }

  @Test mutating func whatCanNotBeSentHasFailed() throws {
    let calling = invite()
    actions = []
    layer.transportFailed(client: calling.transaction, reason: "reset", actions: &actions)
    #expect(actions.map(\.line) == ["failed for 7: reset"])
    let failed = invite()
    _ = try receive(486, to: failed)
    actions = []
    // Its ACK.
    layer.transportFailed(client: failed.transaction, reason: "reset", actions: &actions)
    #expect(actions.map(\.line) == ["failed for 7: reset"])
    let accepted = invite()
    _ = try receive(200, to: accepted)
    actions = []
    layer.transportFailed(client: accepted.transaction, reason: "late", actions: &actions)
    #expect(actions.isEmpty)
    #expect(layer.clientCount == 1)
  }

  @Test mutating func aConnectionTakesAlongWhatWasNotAnsweredOverIt() throws {
    let (calling, ringing, accepted) = (invite(to: Self.tcp), invite(to: Self.tcp), invite(to: Self.tcp))
    _ = try receive(180, to: ringing)
    _ = try receive(200, to: accepted)
    actions = []
    layer.connectionClosed(
      carrying: [calling, ringing, accepted].map(\.transaction), hasWorked: true, reason: "reset", actions: &actions)
    #expect(actions.map(\.line) == ["lost for 7: reset", "failed for 7: reset"])
    #expect(layer.clientCount == 1)
  }

  // MARK: CANCEL

  @Test mutating func aCancelGoesOutUnderTheBranchOfItsInvite() throws {
    let branch = invite()
    _ = try receive(180, to: branch)
    #expect(cancel(branch) == ["CANCEL sip:b@192.0.2.2 SIP/2.0 for 1", "timer client 1", "timer client 0"])
    let message = try Message(parsing: try #require(actions.first?.sent))
    #expect(try message.topmostVia().branch == Bytes("\(branch)"))
    #expect(message.first(.to) == Bytes("<sip:b@example.test>"))
    #expect(message.first(.cSeq) == Bytes("1 CANCEL"))
    #expect(cancel(branch) == [])
    #expect(try receive(200, to: branch, method: "CANCEL") == [])
    #expect(layer.counters.strayResponses == 0)
    #expect(layer.clientCount == 1)
    #expect(
      try receive(487, to: branch) == ["ACK sip:b@192.0.2.2 SIP/2.0 for 0", "response 487 for 7", "timer client 0"])
    let timers = actions
    #expect(try receive(200, to: branch, method: "CANCEL") == [])
    #expect(layer.counters.strayResponses == 0)
    actions = timers
    #expect(pass(.seconds(32)) == [])
    #expect(layer.clientCount == 0)
  }

  /// §9.1: not before the peer is known to have the INVITE.
  @Test mutating func aCancelWaitsForTheFirstAnswer() throws {
    let branch = invite()
    #expect(cancel(branch) == [])
    #expect(
      try receive(100, to: branch) == [
        "CANCEL sip:b@192.0.2.2 SIP/2.0 for 1", "timer client 1", "response 100 for 7", "timer client 0",
      ])
    #expect(try receive(180, to: branch) == ["response 180 for 7"])
  }

  @Test mutating func aCancelThatComesTooLateIsNotSent() throws {
    for status in [200, 486] {
      let branch = invite()
      #expect(cancel(branch) == [])
      _ = try receive(status, to: branch)
      #expect(!actions.contains { $0.line.hasPrefix("CANCEL") })
      #expect(cancel(branch) == [])
    }
  }

  @Test mutating func aCancelIsRepeatedUntilItIsAnswered() throws {
    let branch = invite()
    _ = try receive(180, to: branch)
    _ = cancel(branch)
    #expect(pass(.seconds(2)) == Array(repeating: "CANCEL sip:b@192.0.2.2 SIP/2.0 for 1", count: 2))
    _ = try receive(200, to: branch, method: "CANCEL")
    #expect(pass(.seconds(20)) == [])
  }

  /// §9.1: a peer that knows no CANCEL may never answer.
  @Test mutating func aCancelledInviteIsGivenUpAfterSixtyFourTimesT1() throws {
    for answersCancel in [false, true] {
      let branch = invite()
      _ = try receive(180, to: branch)
      _ = cancel(branch)
      let timers = actions
      if answersCancel { _ = try receive(481, to: branch, method: "CANCEL") }
      actions = timers
      #expect(pass(.seconds(31)).allSatisfy { $0.hasPrefix("CANCEL") })
      actions = timers
      #expect(pass(.seconds(1)) == ["timed out for 7"])
      #expect(layer.clientCount == 0)
    }
  }

  /// The final answer comes first: the CANCEL has nothing left to end.
  @Test mutating func aCancelEndsWithTheAnswerToItsInvite() throws {
    for (status, target) in [(200, Wire.peer), (487, Wire.peer), (200, Self.tcp), (487, Self.tcp)] {
      let branch = invite(to: target)
      let others = layer.clientCount - 1
      _ = try receive(180, to: branch)
      _ = cancel(branch)
      let timers = actions
      #expect(layer.clientCount == others + 2)
      _ = try receive(status, to: branch)
      #expect(layer.clientCount == others + (status == 487 && target == Self.tcp ? 0 : 1))
      actions += timers
      #expect(!pass(.seconds(40)).contains { $0.hasPrefix("CANCEL") })
    }
  }

  @Test mutating func nobodyIsToldOfACancelThatCanNotBeSent() throws {
    let branch = invite()
    _ = try receive(180, to: branch)
    _ = cancel(branch)
    let client = try #require(actions.first?.client)
    #expect(layer.unanswered(by: Wire.peer).map(\.client) == [branch.transaction])
    actions = []
    layer.transportFailed(client: client, reason: "reset", actions: &actions)
    #expect(actions.isEmpty)
    #expect(layer.clientCount == 1)
  }

  @Test mutating func nothingElseIsCancelled() {
    let branch = layer.reserve(chance: 1)
    layer.start(
      branch, Wire.register(branch), user: Wire.user(7), method: .register, to: .target(Wire.peer), local: Wire.local,
      now: now, actions: &actions)
    #expect(cancel(branch) == [])
    #expect(cancel(Branch(slot: 9, serial: 1, chance: 1)) == [])
  }
}
