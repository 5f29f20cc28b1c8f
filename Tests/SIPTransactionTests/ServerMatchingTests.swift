import SIPMessage
import SIPTransaction
import Testing

/// Requests outside of a dialog are handed up each time, and nothing is kept for them (RFC 3261 §8.2.7): what is the same
/// in two copies is for whoever answers.
@Suite struct ServerMatchingTests {
  var layer = TransactionLayer()
  var actions: [TransactionAction] = []
  let flow = Flow(target: Wire.peer)

  mutating func receive(_ bytes: [UInt8]) throws -> [String] {
    actions = []
    layer.received(request: try Message(parsing: bytes), over: flow, now: .origin, actions: &actions)
    return actions.map(\.words)
  }

  @Test mutating func everyCopyOfARequestIsHandedUp() throws {
    for method in ["OPTIONS", "MESSAGE", "INVITE", "ACK", "CANCEL"] {
      for _ in 0..<3 { #expect(try receive(Wire.request(method)) == ["request \(method)"]) }
    }
    #expect(layer.counters.requestsReceived == 15)
  }

  @Test mutating func anAnswerIsSentAndForgotten() {
    #expect(layer.respond([1, 2, 3], over: flow).words == "send 3 to udp:192.0.2.2:5060")
    #expect(layer.counters.responsesSent == 1)
    #expect(layer.clientCount == 0)
  }
}
