import Dispatch
import SIPMessage
import SIPTransport
import Testing

/// A process that may not send is silent, says so to those who want to, and speaks again as soon as it may.
@Suite(.timeLimit(.minutes(1))) struct SendingPermitTests {
  @Test(arguments: [TransportProtocol.udp, .tcp]) func withoutAPermitNothingLeaves(transport: TransportProtocol)
    async throws
  {
    let permit = SendingPermit()
    let (alice, bob) = (try Peer(permit: permit), try Peer())
    let target = Destination.target(bob.target(transport))
    permit.withdraw()
    alice.layer.send((0..<3).map { Outbound(bytes: Array(Self.message.utf8), destination: target, token: $0) })
    let failed = await alice.events(3)
    #expect(failed.map(\.failedToken) == [0, 1, 2])
    #expect(failed.map(\.failure) == [.denied, .denied, .denied])
    let counters = alice.layer.counters
    #expect((counters.messagesForbidden, counters.sendFailures) == (3, 3))
    #expect((counters.datagramsOut, counters.streamMessagesOut, counters.connectionsOpen) == (0, 0, 0))
    permit.give()
    alice.send(Self.message, to: target)
    #expect(await bob.received()?.bytes == Array(Self.message.utf8))
    #expect(bob.layer.counters.datagramsIn + bob.layer.counters.streamMessagesIn == 1)
  }

  /// A connection that comes up when the permit is gone carries nothing.
  @Test func whatWaitsForAConnectionHasNoPermitEither() async throws {
    let permit = SendingPermit()
    let (alice, bob) = (try Peer(permit: permit), try Peer())
    let isWithdrawn = DispatchSemaphore(value: 0)
    alice.eventLoop.execute { isWithdrawn.wait() }
    alice.send(Self.message, to: .target(bob.target(.tcp)), token: 7)
    permit.withdraw()
    isWithdrawn.signal()
    switch try #require(await alice.events(1).first) {
    case .connectionClosed(let end):
      #expect(end.carried == [7])
      #expect(end.failure?.kind == .denied)
    case .sendFailed(let token, let failure):
      #expect(token == 7)
      #expect(failure.kind == .denied)
    case let other: Issue.record("\(other)")
    }
  }

  private static let message = "OPTIONS sip:b SIP/2.0\r\nContent-Length: 0\r\n\r\n"
}
