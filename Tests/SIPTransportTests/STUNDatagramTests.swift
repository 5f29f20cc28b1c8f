import SIPMessage
import SIPTransport
import Testing

/// What is of STUN among datagrams (RFC 5626 §8): an answer is told, and nothing else of it.
@Suite struct STUNDatagramTests {
  private static let transaction = BindingTransaction(upper: 0x0102_0304, lower: 0x0506_0708_090A_0B0C)
  private static let cookie: [UInt8] = [0x21, 0x12, 0xA4, 0x42]

  @Test func answersAreToldAndTheRestOfStunIsNot() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    let identity = Array(1...12 as ClosedRange<UInt8>)
    let answer: [UInt8] = [0x01, 0x01, 0x00, 0x00] + Self.cookie + identity
    let indication: [UInt8] = [0x00, 0x11, 0x00, 0x00] + Self.cookie + identity
    let message = Array("OPTIONS sip:b SIP/2.0\r\n\r\n".utf8)
    let all = [Self.transaction.request, indication, answer, message]
    alice.layer.send(all.map { Outbound(bytes: $0, destination: .target(bob.target(.udp)), token: 1) })
    let events = await bob.events(2)
    #expect(events.count == 2)
    guard case .bindingAnswered(let told, let flow)? = events.first, case .received(let bytes, _)? = events.last else {
      Issue.record("\(events)")
      return
    }
    #expect(told == BindingAnswer(transaction: Self.transaction, mapped: nil))
    #expect(flow == Flow(target: alice.target(.udp)))
    #expect(bytes == message)
    #expect(bob.layer.counters.keepAlivesIn == 3)
  }
}
