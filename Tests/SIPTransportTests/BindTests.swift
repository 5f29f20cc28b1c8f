import NIOCore
import SIPMessage
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(1))) struct BindTests {
  @Test func allSocketsShareOnePort() async throws {
    let (alice, bob) = (try Peer(), try Peer())
    #expect(bob.layer.localPort != 0)
    for v6 in [false, true] {
      for transport in [TransportProtocol.udp, .tcp] {
        let target = bob.target(transport, v6: v6)
        alice.send(message("bob"), to: .target(target))
        let flow = try #require(await bob.received()).flow
        #expect(flow.target.transport == transport)
        #expect(flow.target.endpoint.address == target.endpoint.address)
      }
    }
  }

  @Test func portThatIsTakenIsNamedInTheError() throws {
    let alice = try Peer()
    let error = #expect(throws: BindError.self) { try Peer { $0.localPort = alice.layer.localPort } }
    #expect(error?.failure.kind == .addressInUse)
    #expect(error?.target == alice.target(.udp))
    #expect(
      error?.description
        == "can not listen on udp 127.0.0.1:\(alice.layer.localPort): address already in use")
  }

  @Test func addressOfAnotherHostIsRefused() throws {
    let error = #expect(throws: BindError.self) { try Peer { $0.addressV4 = .v4(0xC000_0263) } }
    #expect(error?.failure.kind == .addressUnavailable)
  }

  @Test func portIsFreeAgainAfterShutdown() async throws {
    let first = try Peer()
    let port = first.layer.localPort
    first.layer.shutdown()
    let second = try Peer { $0.localPort = port }
    #expect(second.layer.localPort == port)
    first.send("late", to: .target(second.target(.udp)), token: 1)
    first.send("late", to: .target(second.target(.tcp)), token: 2)
    #expect(await first.events(2).map(\.failure) == [.closed, .closed])
  }

  @Test(arguments: [false, true]) func localEndpointIsWhatThePeerSees(v6: Bool) async throws {
    let alice = try Peer {
      $0.addressV4 = .v4(0)
      $0.addressV6 = .v6(0, 0)
    }
    let bob = try Peer()
    let local = alice.layer.localEndpoint(toward: bob.target(.udp, v6: v6))
    #expect(local == alice.target(.udp, v6: v6).endpoint)
    alice.send("hello", to: .target(bob.target(.udp, v6: v6)))
    #expect(await bob.received()?.flow.target.endpoint == local)
  }

  @Test func socketAddressAndBack() throws {
    let endpoints = [
      Endpoint(address: .v4(0x7F00_0001), port: 5060),
      Endpoint(address: .v6(0x2001_0DB8_0000_0001, 0xFF), port: 5061),
    ]
    for endpoint in endpoints { #expect(Endpoint(SocketAddress(endpoint)) == endpoint) }
    #expect(SocketAddress(endpoints[0]).ipAddress == "127.0.0.1")
    #expect(SocketAddress(endpoints[1]).ipAddress == "2001:db8:0:1::ff")
    #expect(SocketAddress(endpoints[1]).port == 5061)
    #expect(Endpoint(try SocketAddress(unixDomainSocketPath: "/tmp/none")) == nil)
  }
}
