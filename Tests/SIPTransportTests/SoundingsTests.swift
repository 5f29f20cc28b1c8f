import SIPMessage
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(1))) struct SoundingsTests {
  private static func attentive(after patience: Duration = .milliseconds(400)) throws -> Peer {
    try Peer { $0.silencePatience = patience }
  }

  @Test(arguments: [false, true]) func silentTargetWhereNobodyIsIsReported(v6: Bool) async throws {
    let alice = try Self.attentive()
    let nobody = try Peer().target(.udp, v6: v6)
    alice.send("ping", to: .target(nobody))
    guard case .unreachable(let target, let failure)? = await alice.events(1).first else {
      Issue.record("something else came")
      return
    }
    #expect(target == nobody)
    #expect(failure.kind == .refused)
  }

  @Test func whoIsThereIsSoundedButNotReported() async throws {
    // Long enough for an answer on a machine that is busy.
    let (alice, bob, carol) = (try Self.attentive(after: .seconds(4)), try Peer(), try Peer())
    alice.send("ping", to: .target(bob.target(.udp)))
    _ = await bob.received()
    alice.send("ping", to: .target(carol.target(.udp)))
    let request = try #require(await carol.received())
    carol.send("pong", to: .flow(request.flow))
    #expect(await alice.received()?.bytes == Array("pong".utf8))
    while bob.layer.counters.keepAlivesIn == 0 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(carol.layer.counters.keepAlivesIn == 0)
    // The next event is an answer: nothing was reported before it.
    bob.send("pong", to: .target(alice.target(.udp)))
    #expect(await alice.received()?.bytes == Array("pong".utf8))
  }
}
