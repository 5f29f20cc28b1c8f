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
      branch, Wire.register(branch), user: user, method: .register, to: .target(target), local: Wire.local, now: start,
      actions: &actions)
    return branch
  }

  mutating func receive(_ bytes: [UInt8], after: Duration = .milliseconds(20)) throws -> [String] {
    actions = []
    let message = try Message(parsing: bytes)
    layer.received(
      response: try message.essentials(), status: try #require(message.status), now: start + after,
      actions: &actions)
    return actions.map(\.words)
  }

  @Test mutating func aResponseComesUpOnceAndItsCopiesDoNot() throws {
    let branch = send()
    #expect(actions.map(\.words) == ["send 48 to udp:192.0.2.2:5060 for 0", "timer clientTransaction 0"])
    #expect(try receive(Wire.response(100, to: "\(branch)")) == ["response 100 for 7"])
    #expect(try receive(Wire.response(200, to: "\(branch)")) == ["response 200 for 7"])
    #expect(layer.clientCount == 0)
    #expect(try receive(Wire.response(200, to: "\(branch)")) == [])
    #expect(try receive(Wire.response(100, to: "\(branch)")) == [])
    #expect(try receive(Wire.response(401, to: "\(branch)")) == [])
    #expect(layer.counters.repeatedResponses == 3)
    #expect(layer.counters.strayResponses == 0)
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
    var request = layer.room()
    request += [UInt8](repeating: 0x20, count: 2_000)
    layer.start(
      branch, request, user: 7, method: .register, to: .target(Wire.peer), local: Wire.local, now: start,
      actions: &actions)
    #expect(layer.room().capacity < 2_000)
    #expect(try receive(Wire.response(200, to: "\(branch)")) == ["response 200 for 7"])
    let room = layer.room()
    #expect(room.isEmpty)
    #expect(room.capacity >= 2_000)
    #expect(request.count == 2_000)
    #expect(layer.room().capacity < 2_000)
  }

  @Test mutating func strangersAreDroppedAndCounted() throws {
    let branch = send()
    let strangers = [
      Wire.response(200, to: "\(branch)", sentBy: "192.0.2.77:5060"),
      Wire.response(200, to: "\(branch)", sentBy: "192.0.2.1:5070"),
      Wire.response(200, to: "\(branch)", sentBy: "192.0.2.1"),
      Wire.response(200, to: "\(branch)", method: "OPTIONS"),
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

  @Test mutating func aBrokenConnectionFailsThoseThatWaitOnIt() throws {
    let target = Target(transport: .tcp, endpoint: Wire.peer.endpoint)
    _ = send(user: 1, to: target)
    _ = send(user: 2)
    _ = send(user: 3, to: target)
    actions = []
    layer.connectionFailed(target, reason: "reset", actions: &actions)
    #expect(actions.map(\.words) == ["failed for 1: reset", "failed for 3: reset"])
    #expect(layer.clientCount == 1)
  }

  @Test mutating func aRequestThatCannotBeWrittenLeavesNothing() {
    layer.giveBack(layer.reserve(chance: 1))
    #expect(actions.isEmpty)
    #expect(layer.clientCount == 0)
    #expect(send().slot == 0)
  }
}
