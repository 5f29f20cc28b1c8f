import NIOPosix
import RegistrationRecords
import SIPMessage
import SIPTransport
import SIPUserAgent
import Scratch
import ShardCore
import Testing

@testable import RegistrationDaemon

/// A shard with real sockets, and a peer on loopback that listens.
@Suite struct ShardTests {
  private struct Deaf: ShardObserver {
    var leastRead: Report.Weight { .progress }
    func happened(_ happenings: [Happening]) {}
    func happened(toHop uri: URI, _ report: HopReport) {}
    func arrived(_ request: ArrivedRequest, at now: Instant, for account: (Account, StateName)?) {}
    func leftOut(_ words: String, of uri: URI) {}
    func remarked(_ words: String, of target: Target) {}
  }

  /// A shard that is not started, for an account whose registrar is the peer.
  private func withShard(_ body: (Shard, AccountID, Account, Peer) async throws -> Void) async throws {
    let directory = try ScratchDirectory()
    let peer = try Peer()
    var settings = TransportSettings()
    (settings.localPort, settings.addressV4, settings.addressV6) = (0, .v4(0x7F00_0001), nil)
    let relay = ShardRelay()
    let transport = TransportLayer(
      settings: settings, eventLoop: MultiThreadedEventLoopGroup.singleton.next()
    ) { relay.deliver($0) }
    try transport.bind()
    let store = try StateStore.open(
      directory: directory.file("state"), observer: StoreObserver(notice: { _ in }, healthChanged: { _ in }))
    let shard = Shard(
      index: 0, settings: UserAgent.Settings(), transport: transport, resolver: SIPTransport.Resolver(),
      store: store, observer: Deaf(), ownPorts: OwnPorts())
    relay.connect(shard)

    let account = Account(
      name: "alice", addressOfRecord: try URI("sip:alice@example.com"), registrar: try URI("sip:\(peer.endpoint)"))
    try await body(shard, shard.reserve(1)[0], account, peer)

    await shard.shutDown()
    transport.shutdown()
    relay.disconnect()
    store.close()
  }

  /// With many accounts more time passes between the first deadline and the start than that deadline is away.
  @Test func aDeadlineThatPassesBeforeTheStartIsKeptAfterIt() async throws {
    try await withShard { shard, id, account, peer in
      await shard.handle(.add([Arrival(id: id, account: account)], from: nil))
      try await Task.sleep(for: ShardCore.Limits.grain * 4)
      await shard.start()
      #expect(try await peer.receive().starts(with: "REGISTER \(account.registrar) SIP/2.0".utf8))
    }
  }

  @Test(arguments: [UInt32(4_711), .max]) func numbersThatAreReservedAreUsedIfThereAreAny(ceiling: UInt32) async throws
  {
    try await withShard { shard, id, account, peer in
      let record = RegistrationRecord(callID: "former@example.com", fromTag: "t", cSeqCeiling: ceiling)
      await shard.handle(.restore([RestoredAccount(id: id, account: account, record: record)], reserved: 64))
      await shard.start()
      let request = try Message(parsing: await peer.receive(), as: .datagram)
      // At the end of the numbers the account begins anew, and waits for those of its new Call-ID.
      #expect((request.callID?.text == "former@example.com") == (ceiling == 4_711))
      #expect(try request.cSeq().number == (ceiling == 4_711 ? 4_711 : 1))
    }
  }

  /// What a wish to refresh comes to is what happened, and the outcome follows.
  @Test func aRefreshIsToldAsItIs() async throws {
    try await withShard { shard, id, account, peer in
      // However busy the machine is, it asks again within that.
      var account = account
      account.policy.minimumInterval = .seconds(3600)
      await shard.handle(.add([Arrival(id: id, account: account)], from: nil))
      await shard.start()
      let request = try Message(parsing: await peer.receive(), as: .datagram)
      var tickets = await shard.refresh([id])
      #expect(tickets.map(\.fate) == [.inFlight])
      #expect(await shard.settled(tickets).settled.isEmpty)
      let contact = Array((request.first(.contact)?.text ?? "").utf8)
      peer.reply(
        request.response(
          status: 200, reason: "OK", toTag: "t", receivedFrom: peer.endpoint,
          adding: [(.contact, contact), (.expires, Array("60".utf8))]))
      while !tickets.isEmpty {
        let (rest, settled) = await shard.settled(tickets)
        #expect(settled.allSatisfy { $0.0 == id && $0.words == nil })
        tickets = rest
        try await Task.sleep(for: .milliseconds(5))
      }
      let again = await shard.refresh([id])
      #expect(again.map(\.fate) == [.planned])
      #expect(try #require(again[0].plannedAt) > BootClock.now)
      await shard.handle(.want(.pause, of: [id]))
      let paused = await shard.refresh([id])
      #expect(paused.map(\.fate) == [.paused])
      #expect(await shard.names(of: [id]) == ["alice"])
    }
  }
}
