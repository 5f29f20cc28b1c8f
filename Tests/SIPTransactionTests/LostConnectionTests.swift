import SIPMessage
import SIPTransaction
import Testing

/// Requests whose connection ends before their answers come.
struct LostConnectionTests {
  private static let target = Target(transport: .tcp, endpoint: Wire.peer.endpoint)
  private static let start = Instant(nanoseconds: 1_000_000_000)

  private var layer = TransactionLayer()
  private var actions: [TransactionAction] = []

  private mutating func send(user: Int32) -> Branch {
    let branch = layer.reserve(chance: 7)
    layer.start(
      branch, Wire.register(branch), user: Wire.user(user), method: .register, to: .target(Self.target),
      local: Wire.local,
      now: Self.start, actions: &actions)
    actions = []
    return branch
  }

  private mutating func end(carrying branches: [Branch], hasWorked: Bool) -> [String] {
    actions = []
    layer.connectionClosed(
      carrying: branches.map(\.transaction), hasWorked: hasWorked, reason: "reset", actions: &actions)
    return actions.map(\.words)
  }

  private mutating func receive(_ status: Int, to branch: Branch) throws {
    let bytes = Wire.response(status, to: "\(branch)")
    let message = try Message(parsing: bytes, as: .datagram)
    layer.received(response: message, status: status, now: Self.start, actions: &actions)
  }

  @Test mutating func endOfAConnectionConcernsWhatItCarriedOnly() {
    let (carried, other) = (send(user: 1), send(user: 2))
    #expect(end(carrying: [carried], hasWorked: false) == ["failed for 1: reset"])
    #expect(layer.clientCount == 1)
    #expect(end(carrying: [carried], hasWorked: false) == [])
    #expect(end(carrying: [other], hasWorked: false) == ["failed for 2: reset"])
  }

  @Test mutating func requestThatWasAnsweredHasNothingToLose() throws {
    let branch = send(user: 1)
    try receive(401, to: branch)
    #expect(end(carrying: [branch], hasWorked: true) == [])
    #expect(end(carrying: [branch], hasWorked: false) == [])
  }

  @Test mutating func requestThatAConnectionTakesAlongWhichWorkedIsLostAndHasNotFailed() {
    let branch = send(user: 1)
    #expect(end(carrying: [branch], hasWorked: true) == ["lost for 1: reset"])
    #expect(layer.clientCount == 0)
    #expect(end(carrying: [branch], hasWorked: true) == [])
  }

  @Test mutating func requestThatThePeerHasBegunToAnswerHasFailed() throws {
    let branch = send(user: 1)
    try receive(100, to: branch)
    #expect(end(carrying: [branch], hasWorked: true) == ["failed for 1: reset"])
  }
}
