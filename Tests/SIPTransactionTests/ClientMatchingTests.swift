import SIPMessage
import SIPTransaction
import Testing

/// RFC 3261 §17.1.3: which response belongs to which client transaction.
@Suite struct ClientMatchingTests {
  var layer = TransactionLayer()
  var actions: [TransactionAction] = []
  let start = Instant(nanoseconds: 1_000_000_000)

  /// - Returns: its branch
  mutating func send(user: Int32 = 7, to target: Target = Wire.peer) -> Branch {
    let branch = layer.reserve(chance: 42)
    layer.start(
      branch, Wire.register(branch), user: Wire.user(user), method: .register, to: .target(target), local: Wire.local,
      now: start,
      actions: &actions)
    return branch
  }

  mutating func receive(_ bytes: [UInt8], after: Duration = .milliseconds(20)) throws -> [String] {
    actions = []
    let message = try Message(parsing: bytes)
    layer.received(
      reading: message, status: try #require(message.status), now: start + after, actions: &actions)
    return actions.map(\.words)
  }

  @Test mutating func aResponseComesUpOnceAndItsCopiesDoNot() throws {
    let branch = send()
    #expect(actions.map(\.words) == ["send 48 to udp:192.0.2.2:5060 for 0", "timer client 0"])
    #expect(try receive(Wire.response(100, to: "\(branch)")) == ["response 100 for 7"])
    #expect(try receive(Wire.response(200, to: "\(branch)")) == ["response 200 for 7"])
    #expect(layer.clientCount == 0)
    #expect(try receive(Wire.response(200, to: "\(branch)")) == [])
    #expect(try receive(Wire.response(100, to: "\(branch)")) == [])
    #expect(try receive(Wire.response(401, to: "\(branch)")) == [])
    #expect(layer.counters.repeatedResponses == 3)
    #expect(layer.counters.strayResponses == 0)
  }

  @Test mutating func whoWaitsForATargetIsKnownOnWhateverTermsItIsSpokenTo() {
    var target = Wire.peer
    target.profile = ProfileID(number: 7)
    let branch = send(to: target)
    #expect(layer.unanswered(by: Wire.peer).map(\.client) == [branch.transaction])
    target.endpoint.port += 1
    #expect(layer.unanswered(by: target).isEmpty)
  }

  /// RFC 7118 §5: the sent-by of a request over a WebSocket is a name that leads nowhere.
  @Test(arguments: [TransportProtocol.ws, .wss])
  mutating func aResponseOverAWebSocketBearsOurName(_ transport: TransportProtocol) throws {
    let branch = send(to: Target(transport: transport, endpoint: Wire.peer.endpoint))
    let name = SentBy(Wire.local, over: transport).host.description
    #expect(name.hasSuffix(".invalid"))
    for sentBy in ["192.0.2.1:5060", "\(name):5060", "other.invalid"] {
      _ = try receive(Wire.response(200, to: "\(branch)", sentBy: sentBy))
      #expect(layer.clientCount == 1)
    }
    #expect(layer.counters.discarded[.foreignSentBy] == 3)
    #expect(try receive(Wire.response(200, to: "\(branch)", sentBy: name.uppercased())) == ["response 200 for 7"])
  }

  /// A registrar answers every copy of a request, and by then its slot may be somebody else's.
  @Test mutating func aCopyThatComesWhenTheSlotIsUsedAgainIsNoStranger() throws {
    let first = send()
    #expect(try receive(Wire.response(401, to: "\(first)")) == ["response 401 for 7"])
    let second = send()
    #expect(second.slot == first.slot)
    #expect(try receive(Wire.response(401, to: "\(first)")) == [])
    #expect(layer.counters.repeatedResponses == 1)
    #expect(layer.counters.strayResponses == 0)
    #expect(try receive(Wire.response(200, to: "\(second)")) == ["response 200 for 7"])
  }

  @Test mutating func theNextRequestIsWrittenWhereAnAnsweredOneStood() throws {
    let branch = layer.reserve(chance: 42)
    var request = layer.requestBuffer()
    request += [UInt8](repeating: 0x20, count: 2_000)
    layer.start(
      branch, request, user: Wire.user(7), method: .register, to: .target(Wire.peer), local: Wire.local, now: start,
      actions: &actions)
    #expect(layer.requestBuffer().capacity < 2_000)
    #expect(try receive(Wire.response(200, to: "\(branch)")) == ["response 200 for 7"])
    let room = layer.requestBuffer()
    #expect(room.isEmpty)
    #expect(room.capacity >= 2_000)
    #expect(request.count == 2_000)
    #expect(layer.requestBuffer().capacity < 2_000)
  }

  @Test mutating func strangersAreDroppedAndCounted() throws {
    let branch = send()
    let strangers = [
      Wire.response(200, to: "\(Branch(slot: branch.slot, serial: branch.serial, chance: 43))"),
      Wire.response(200, to: "\(Branch(slot: branch.slot, serial: branch.serial + 1, chance: 42))"),
      Wire.response(200, to: "\(Branch(slot: 1000, serial: branch.serial, chance: 42))"),
      Wire.response(200, to: "\(Branch(slot: .max, serial: branch.serial, chance: 42))"),
      Wire.response(200, to: "z9hG4bKnothingofours"),
    ]
    for stranger in strangers { #expect(try receive(stranger) == []) }
    #expect(layer.counters.strayResponses == strangers.count)
    #expect(try receive(Wire.response(200, to: "\(branch)")).first == "response 200 for 7")
  }

  /// Who knows the branch was asked, or was told by who was: what comes of it is not passed over in silence.
  @Test mutating func whatHasOurBranchAndIsNoAnswerIsNamed() throws {
    let branch = send()
    let others = [
      (Wire.response(200, to: "\(branch)", sentBy: "192.0.2.77:5060"), Flaw.foreignSentBy),
      (Wire.response(200, to: "\(branch)", sentBy: "192.0.2.1:5070"), .foreignSentBy),
      (Wire.response(200, to: "\(branch)", sentBy: "registrar.test"), .foreignSentBy),
      (Wire.response(200, to: "\(branch)", method: "OPTIONS"), .foreignMethod),
      (Wire.response(200, to: "\(branch)", method: "register"), .foreignMethod),
      (Wire.response(200, to: "\(branch)", sentBy: ":5060"), .via),
      (Wire.response(200, to: "\(branch), SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKother"), .severalVias),
    ]
    for (response, flaw) in others { #expect(try receive(response) == ["discarded for 7: \(flaw.name)"]) }
    #expect(layer.counters.discarded.total == others.count)
    #expect(layer.counters.discarded[.foreignSentBy] == 3)
    #expect(layer.counters.strayResponses == 0)
    #expect(try receive(Wire.response(200, to: "\(branch)")).first == "response 200 for 7")
    // Once it is answered, whatever comes is a copy.
    #expect(try receive(others[0].0) == [])
    #expect(layer.counters.discarded.total == others.count)
  }

  @Test mutating func aSentByWithoutAPortMeansTheDefaultOne() throws {
    let branch = send()
    #expect(try receive(Wire.response(200, to: "\(branch)", sentBy: "192.0.2.1")) == ["response 200 for 7"])
  }

  /// RFC 3261 §17.1.3 asks for nothing else: what else is wrong is ignored, and counted under its name.
  @Test(
    arguments: [
      ("CSeq: 1", "CSeq: 99999999999", .cSeq), ("CSeq: 1 ", "CSeq: ", .cSeq), ("Call-ID: c", "Call-ID: c (d)", .callID),
      ("To: <sip:a@example.test>", "To: Zo\u{EB} <sip:a@>", .to),
      ("From: <sip:a@example.test>;tag=1\r\n", "", .missingField),
      ("From: <sip:a@example.test>", "From: <sip:a@example.test>;x==;", .from),
      ("5060;branch", "5060;;rport=;x=\";branch", .via),
      ("SIP/2.0/UDP", "SIP/3.0/UDP", .via), ("Via: ", "Via: , ", .via), ("\r\n\r\n", "\r\n", .unendedHeader),
      ("Length: 0", "Length: x", .contentLength), ("To:", "no field\r\nTo:", .headerField),
      ("Words\r\n", "Words\n", nil),
      ("CSeq", "CSeq: 2 REGISTER\r\nCSeq", .doubledField), ("CSeq: 1", "CSeq: ?\r\nCSeq: 1", .doubledField),
    ] as [(String, String, Flaw?)])
  mutating func whatAMatchDoesNotNeedIsIgnoredAndCounted(good: String, odd: String, flaw: Flaw?) throws {
    let branch = send()
    let response = String(decoding: Wire.response(200, to: "\(branch)"), as: UTF8.self)
    let changed = flaw == nil ? response.replacing("\r\n", with: "\n") : response.replacing(good, with: odd)
    #expect(changed != response)
    #expect(try receive(Array(changed.utf8)) == ["response 200 for 7"])
    #expect(layer.counters.ignored[flaw ?? .bareLineFeed] == 1)
    #expect(layer.counters.discarded.total == 0)
  }

  /// The datagram ended before its body did: more may be missing (§18.3).
  @Test mutating func aResponseThatWasCutOffIsDiscarded() throws {
    let branch = send()
    let response = String(decoding: Wire.response(200, to: "\(branch)"), as: UTF8.self)
      .replacing("Content-Length: 0", with: "Content-Length: 9")
    #expect(try receive(Array(response.utf8)) == ["discarded for 7: Content-Length Beyond Message"])
  }

  /// Somebody answered, even if it is no message.
  @Test mutating func ourBranchIsFoundInWhatIsNoMessage() throws {
    let branch = send()
    actions = []
    layer.received(unreadable: Array("z9hG4bKz SIP/7 \(branch)".utf8).span, .startLine, actions: &actions)
    #expect(actions.map(\.words) == ["discarded for 7: Malformed Start Line"])
    actions = []
    layer.received(unreadable: Array("z9hG4bKnobodys".utf8).span, .startLine, actions: &actions)
    #expect(actions.isEmpty)
  }

  @Test mutating func aSlotIsUsedAgainAndItsFormerResponseFindsNobody() throws {
    let first = send()
    let timers = actions.compactMap(\.timer)
    layer.abandon(first.transaction)
    #expect(layer.clientCount == 0)
    let second = send(user: 8)
    #expect(second.slot == first.slot)
    #expect(second.serial != first.serial)
    #expect(try receive(Wire.response(200, to: "\(first)")) == [])
    for timer in timers { #expect(!layer.isArmed(timer)) }
    layer.transportFailed(client: first.transaction, reason: "late", actions: &actions)
    #expect(actions.isEmpty)
    #expect(try receive(Wire.response(200, to: "\(second)")).first == "response 200 for 8")
  }

  @Test mutating func nobodyAnswersUntilTimerF() throws {
    let branch = send()
    var sent = 1
    var isOver = false
    while let timer = actions.compactMap(\.timer).last {
      guard case .setTimer(_, let instant)? = actions.last(where: { $0.timer != nil }) else { break }
      actions = []
      layer.timerFired(timer, now: instant, actions: &actions)
      sent += actions.filter { $0.words.hasPrefix("send") }.count
      if actions.map(\.words) == ["timed out for 7"] { isOver = instant == start + .seconds(32) }
    }
    #expect(isOver)
    #expect(sent == 11)
    #expect(layer.clientCount == 0)
    #expect(layer.counters.timeouts == 1)
    #expect(layer.counters.retransmissions == 10)
    #expect(try receive(Wire.response(200, to: "\(branch)"), after: .seconds(33)) == [])
    #expect(layer.counters.strayResponses == 1)
  }

  @Test mutating func aTimerThatWasSetAgainIsStale() throws {
    let branch = send()
    let first = try #require(actions.compactMap(\.timer).first)
    _ = try receive(Wire.response(200, to: "\(branch)"))
    #expect(!layer.isArmed(first))
    actions = []
    layer.timerFired(first, now: start + .milliseconds(500), actions: &actions)
    #expect(actions.isEmpty)
  }

  @Test mutating func overTCPAnAnsweredTransactionIsGone() throws {
    let target = Target(transport: .tcp, endpoint: Wire.peer.endpoint)
    let branch = send(to: target)
    #expect(try receive(Wire.response(200, to: "\(branch)")) == ["response 200 for 7"])
    #expect(layer.clientCount == 0)
  }

  @Test mutating func aRequestThatCannotBeWrittenLeavesNothing() {
    layer.giveBack(layer.reserve(chance: 1))
    #expect(actions.isEmpty)
    #expect(layer.clientCount == 0)
    #expect(send().slot == 0)
  }
}
