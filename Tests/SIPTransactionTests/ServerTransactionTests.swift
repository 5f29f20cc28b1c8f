import SIPMessage
import SIPTransaction
import Testing

/// Servers within the layer: there for whom the user asks, and matched by branch, sent-by and method (RFC 3261 §17.2.3).
@Suite struct ServerTransactionTests {
  var layer = TransactionLayer()
  var actions: [TransactionAction] = []
  var now = Instant(nanoseconds: 1_000_000_000)
  static let tcp = Target(transport: .tcp, endpoint: Wire.peer.endpoint)

  mutating func receive(_ bytes: [UInt8]) throws -> [String] {
    actions = []
    layer.received(request: try Message(parsing: bytes), over: Flow(target: Wire.peer), now: now, actions: &actions)
    return actions.map(\.line)
  }

  mutating func serve(_ bytes: [UInt8], over target: Target = Wire.peer, user: Int32 = 7) throws -> ServerTransactionID?
  {
    actions = []
    return layer.serve(
      try Message(parsing: bytes), over: Flow(target: target), from: Wire.peer.endpoint, for: Wire.user(user), now: now,
      actions: &actions)
  }

  mutating func respond(_ status: Int, in server: ServerTransactionID) -> [String] {
    actions = []
    layer.respond(Array("SIP/2.0 \(status) Words".utf8), status: status, in: server, now: now, actions: &actions)
    return actions.map(\.line)
  }

  mutating func pass(_ duration: Duration) -> [String] { layer.pass(duration, from: &now, &actions) }

  @Test mutating func anInviteIsTriedAfterTwoHundredMilliseconds() throws {
    _ = try #require(try serve(Wire.request("INVITE")))
    #expect(actions.map(\.line) == ["timer server 0"])
    #expect(try receive(Wire.request("INVITE")) == [])
    actions = [.setTimer(TransactionTimer(side: .server, slot: 0, generation: 1), now + .milliseconds(200))]
    #expect(pass(.milliseconds(200)) == ["SIP/2.0 100 Trying"])
    #expect(try receive(Wire.request("INVITE")) == ["SIP/2.0 100 Trying"])
    #expect(layer.counters.repeatedRequests == 2)
    #expect(pass(.seconds(3_600)) == [])
    #expect(layer.serverCount == 1)
  }

  @Test mutating func anAnswerInTimeMakesTryingNeedless() throws {
    let server = try #require(try serve(Wire.request("INVITE")))
    let timers = actions
    #expect(respond(180, in: server) == ["SIP/2.0 180 Words"])
    actions += timers
    #expect(pass(.seconds(1)) == [])
    #expect(try receive(Wire.request("INVITE")) == ["SIP/2.0 180 Words"])
  }

  @Test mutating func aFailureIsRepeatedUntilItsACKComes() throws {
    let server = try #require(try serve(Wire.request("INVITE")))
    #expect(respond(486, in: server) == ["SIP/2.0 486 Words", "timer server 0"])
    #expect(pass(.milliseconds(1_500)) == ["SIP/2.0 486 Words", "SIP/2.0 486 Words"])
    let timers = actions
    #expect(try receive(Wire.request("INVITE")) == ["SIP/2.0 486 Words"])
    #expect(try receive(Wire.request("ACK")) == ["timer server 0"])
    let end = actions
    #expect(respond(487, in: server) == [])
    #expect(try receive(Wire.request("ACK")) == [])
    #expect(try receive(Wire.request("INVITE")) == [])
    actions = timers + end
    #expect(pass(.seconds(5)) == [])
    #expect(layer.serverCount == 0)
    #expect(try receive(Wire.request("ACK")) == ["request ACK"])
  }

  @Test mutating func aLostACKIsToldOfWithTimerH() throws {
    let server = try #require(try serve(Wire.request("INVITE")))
    _ = respond(486, in: server)
    let lines = pass(.seconds(32))
    #expect(lines == Array(repeating: "SIP/2.0 486 Words", count: 10) + ["timed out for 7"])
    #expect(layer.serverCount == 0)
    #expect(respond(486, in: server) == [])
  }

  @Test mutating func overTCPNothingIsRepeatedAndTheACKEndsIt() throws {
    let server = try #require(try serve(Wire.request("INVITE"), over: Self.tcp))
    #expect(respond(486, in: server) == ["SIP/2.0 486 Words", "timer server 0"])
    #expect(pass(.seconds(10)) == [])
    #expect(try receive(Wire.request("ACK")) == [])
    #expect(layer.serverCount == 0)
  }

  /// RFC 6026 §7.1: the copies of an INVITE that was accepted are not taken for new ones.
  @Test mutating func anAcceptedInviteIsKeptUntilTimerL() throws {
    let server = try #require(try serve(Wire.request("INVITE")))
    #expect(respond(200, in: server) == ["SIP/2.0 200 Words", "timer server 0"])
    let timers = actions
    #expect(try receive(Wire.request("INVITE")) == [])
    #expect(respond(200, in: server) == ["SIP/2.0 200 Words"])
    #expect(respond(486, in: server) == [])
    #expect(try receive(Wire.request("ACK")) == ["acknowledged for 7"])
    // As it should be: with a branch of its own.
    #expect(try receive(Wire.request("ACK", branch: "z9hG4bKother")) == ["request ACK"])
    actions = timers
    #expect(pass(.seconds(32)) == [])
    #expect(layer.serverCount == 0)
    #expect(try receive(Wire.request("INVITE")) == ["request INVITE"])
  }

  @Test mutating func aCancelFindsItsInvite() throws {
    let server = try #require(try serve(Wire.request("INVITE")))
    #expect(try receive(Wire.request("CANCEL")) == ["cancelled for 7"])
    #expect(respond(487, in: server) == ["SIP/2.0 487 Words", "timer server 0"])
    // Its copies are answered as it was.
    #expect(try receive(Wire.request("CANCEL")) == ["cancelled for 7"])
    #expect(try receive(Wire.request("CANCEL", branch: "z9hG4bKother")) == ["request CANCEL"])
  }

  @Test mutating func strangersAreNoCopies() throws {
    _ = try #require(try serve(Wire.request("INVITE")))
    for stranger in [
      Wire.request("INVITE", branch: "z9hG4bKabd"), Wire.request("INVITE", sentBy: "192.0.2.10:5060"),
      Wire.request("INVITE", sentBy: "192.0.2.9:5061"), Wire.request("INVITE", sentBy: "edge.example.test"),
      Wire.request("OPTIONS"), Wire.request("INVITE", branch: nil),
    ] {
      #expect(try receive(stranger).first?.hasPrefix("request ") == true)
    }
    // The default port (§20.42).
    #expect(try receive(Wire.request("INVITE", sentBy: "192.0.2.9")) == [])
  }

  /// A branch without the magic cookie is nobody's own.
  @Test(arguments: ["1", nil]) mutating func oldClientsAreToldApartByWhatElseTheySay(branch: String?) throws {
    _ = try #require(try serve(Wire.request("INVITE", branch: branch)))
    #expect(try receive(Wire.request("INVITE", branch: branch)) == [])
    #expect(try receive(Wire.request("INVITE", branch: branch, callID: "d")) == ["request INVITE"])
    #expect(try receive(Wire.request("INVITE", branch: branch, cSeq: 2)) == ["request INVITE"])
    #expect(try receive(Wire.request("CANCEL", branch: branch)) == ["cancelled for 7"])
  }

  @Test mutating func anotherRequestIsAnsweredOnceAndRepeatedUntilTimerJ() throws {
    let server = try #require(try serve(Wire.request("INFO")))
    #expect(try receive(Wire.request("INFO")) == [])
    #expect(respond(200, in: server) == ["SIP/2.0 200 Words", "timer server 0"])
    let timers = actions
    #expect(try receive(Wire.request("INFO")) == ["SIP/2.0 200 Words"])
    #expect(respond(500, in: server) == [])
    // Only an INVITE can be cancelled.
    #expect(try receive(Wire.request("CANCEL")) == ["request CANCEL"])
    actions = timers
    #expect(pass(.seconds(32)) == [])
    #expect(layer.serverCount == 0)
  }

  @Test mutating func aSlotIsUsedAgainAndItsFormerUserFindsNobody() throws {
    let first = try #require(try serve(Wire.request("INFO"), over: Self.tcp))
    #expect(respond(200, in: first) == ["SIP/2.0 200 Words"])
    let second = try #require(try serve(Wire.request("INVITE")))
    #expect(second.slot == first.slot)
    #expect(respond(500, in: first) == [])
    actions = []
    layer.transportFailed(server: first, reason: "late", actions: &actions)
    #expect(actions.isEmpty)
    #expect(respond(180, in: second) == ["SIP/2.0 180 Words"])
  }

  @Test mutating func aResponseThatDoesNotLeaveIsToldOf() throws {
    let invite = try #require(try serve(Wire.request("INVITE")))
    let other = try #require(try serve(Wire.request("INFO"), user: 8))
    actions = []
    layer.transportFailed(server: invite, reason: "reset", actions: &actions)
    layer.transportFailed(server: other, reason: "reset", actions: &actions)
    #expect(actions.map(\.line) == ["failed for 7: reset", "failed for 8: reset"])
    #expect(layer.serverCount == 1)
  }

  /// What is held for strangers is what strangers can fill.
  @Test mutating func thereAreOnlySoManyServersAndNoneThatIsTooLarge() throws {
    #expect(try serve(Wire.request("ACK")) == nil)
    #expect(try serve(Wire.request("CANCEL")) == nil)
    #expect(try serve(Wire.request("INVITE", branch: "z9hG4bK" + String(repeating: "a", count: 1_024))) == nil)
    for number in 0..<TransactionLayer.mostServers {
      #expect(try serve(Wire.request("INVITE", branch: "z9hG4bK\(number)")) != nil)
    }
    #expect(try serve(Wire.request("INVITE", branch: "z9hG4bKlast")) == nil)
    #expect(layer.serverCount == TransactionLayer.mostServers)
    #expect(try receive(Wire.request("INVITE", branch: "z9hG4bKlast")) == ["request INVITE"])
  }

  @Test mutating func nobodyIsServedTwice() throws {
    #expect(try serve(Wire.request("INVITE")) != nil)
    #expect(try serve(Wire.request("INVITE")) == nil)
    #expect(layer.serverCount == 1)
  }
}
