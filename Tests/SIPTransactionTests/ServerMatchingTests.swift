import SIPMessage
import SIPTransaction
import Testing

/// RFC 3261 §17.2.3: which request is a repetition, and what is answered to it.
@Suite struct ServerMatchingTests {
  var layer: TransactionLayer
  var actions: [TransactionAction] = []
  let start = Instant(nanoseconds: 1_000_000_000)
  let flow = Flow(target: Wire.peer)

  init() {
    var limits = TransactionLayer.Limits()
    limits.servers = 3
    layer = TransactionLayer(limits: limits)
  }

  mutating func receive(_ bytes: [UInt8], over flow: Flow? = nil) throws -> [String] {
    actions = []
    let message = try Message(parsing: bytes)
    layer.received(
      request: message, method: try #require(message.method), over: flow ?? self.flow, now: start, actions: &actions)
    return actions.map(\.words)
  }

  mutating func respond(_ bytes: [UInt8], server: Int32?, isFinal: Bool = true) -> [String] {
    actions = []
    layer.respond(bytes, isFinal: isFinal, server: server, flow: flow, now: start, actions: &actions)
    return actions.map(\.words)
  }

  @Test mutating func aRepeatedRequestGetsTheSameAnswer() throws {
    #expect(try receive(Wire.request("OPTIONS")) == ["request OPTIONS 0"])
    #expect(try receive(Wire.request("OPTIONS")) == [])
    #expect(respond([1, 2, 3], server: 0) == ["send 3 to udp:192.0.2.2:5060", "timer serverTransaction 0"])
    let timer = try #require(actions.compactMap(\.timer).first)
    #expect(try receive(Wire.request("OPTIONS")) == ["send 3 to udp:192.0.2.2:5060"])
    #expect(respond([9], server: 0) == [])
    #expect(layer.counters.repeatedRequests == 2)
    layer.timerFired(timer, now: start + .seconds(32), actions: &actions)
    #expect(layer.serverCount == 0)
    #expect(try receive(Wire.request("OPTIONS")) == ["request OPTIONS 0"])
  }

  @Test mutating func branchSentByAndMethodTellRequestsApart() throws {
    #expect(try receive(Wire.request("OPTIONS")) == ["request OPTIONS 0"])
    #expect(try receive(Wire.request("OPTIONS", sentBy: "192.0.2.9:5070")) == ["request OPTIONS 1"])
    #expect(try receive(Wire.request("MESSAGE")) == ["request MESSAGE 2"])
    // Another Call-ID with the same branch is the same transaction.
    #expect(try receive(Wire.request("OPTIONS", callID: "other")) == [])
  }

  @Test mutating func requestsOfRFC2543AreToldApartByMore() throws {
    #expect(try receive(Wire.request("OPTIONS", branch: nil)) == ["request OPTIONS 0"])
    #expect(try receive(Wire.request("OPTIONS", branch: nil)) == [])
    #expect(try receive(Wire.request("OPTIONS", branch: nil, callID: "other")) == ["request OPTIONS 1"])
    #expect(try receive(Wire.request("OPTIONS", branch: "1", cSeq: 2)) == ["request OPTIONS 2"])
  }

  @Test mutating func aboveTheLimitThereIsNoMemoryButAnAnswer() throws {
    for index in 0..<3 {
      #expect(try receive(Wire.request("OPTIONS", branch: "z9hG4bK\(index)")) == ["request OPTIONS \(index)"])
    }
    #expect(try receive(Wire.request("OPTIONS", branch: "z9hG4bK9")) == ["request OPTIONS –"])
    #expect(layer.serverCount == 3)
    #expect(respond([1], server: nil) == ["send 1 to udp:192.0.2.2:5060"])
  }

  @Test mutating func inviteAndAckHaveNoMemory() throws {
    #expect(try receive(Wire.request("INVITE")) == ["request INVITE –"])
    #expect(try receive(Wire.request("ACK")) == ["request ACK –"])
    #expect(layer.serverCount == 0)
  }

  @Test mutating func aCancelFindsTheRequestItNames() throws {
    _ = try receive(Wire.request("OPTIONS"))
    let cancel = try Message(parsing: Wire.request("CANCEL"))
    #expect(layer.hasServer(cancelledBy: cancel, method: .options))
    #expect(!layer.hasServer(cancelledBy: cancel, method: .message))
    #expect(try receive(Wire.request("CANCEL")) == ["request CANCEL 1"])
  }

  @Test mutating func overTCPNothingIsKeptAfterTheAnswer() throws {
    let connection = Flow(target: Target(transport: .tcp, endpoint: Wire.peer.endpoint), connection: 1)
    #expect(try receive(Wire.request("OPTIONS"), over: connection) == ["request OPTIONS 0"])
    #expect(respond([1], server: 0) == ["send 1 to tcp:192.0.2.2:5060"])
    #expect(layer.serverCount == 0)
  }

  @Test mutating func aRequestWithoutViaIsNobodys() throws {
    let bytes = Array("OPTIONS sip:a SIP/2.0\r\nCall-ID: c\r\n\r\n".utf8)
    #expect(try receive(bytes) == [])
    #expect(layer.counters.unmatchableRequests == 1)
  }
}
