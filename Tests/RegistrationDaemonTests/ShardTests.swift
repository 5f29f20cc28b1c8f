import Glibc
import NIOPosix
import SIPMessage
import SIPTransport
import SIPUserAgent
import Testing

@testable import RegistrationDaemon

/// A shard with real sockets, and a peer on loopback that listens.
@Suite struct ShardTests {
  private struct Deaf: ShardObserver {
    func isWanted(_ report: Report) -> Bool { false }
    func happened(_ happenings: [Happening]) {}
    func happened(toHop uri: URI, _ report: HopReport) {}
  }

  /// With many accounts more time passes between the first deadline and the start than that deadline is away.
  @Test func aDeadlineThatPassesBeforeTheStartIsKeptAfterIt() async throws {
    let directory = try ScratchDirectory()
    let peer = try Peer()
    var settings = TransportSettings()
    (settings.localPort, settings.addressV4, settings.addressV6) = (0, .v4(0x7F00_0001), nil)
    let relay = ShardRelay()
    let transport = TransportLayer(
      settings: settings, eventLoop: MultiThreadedEventLoopGroup.singleton.next()
    ) { relay.deliver($0) }
    try transport.bind()
    let store = try StateStore.open(directory: directory.file("state"), notice: { _ in }, healthChanged: { _ in })
    let shard = Shard(
      index: 0, settings: UserAgent.Settings(), transport: transport, resolver: SIPTransport.Resolver(),
      store: store, observer: Deaf())
    relay.connect(shard)

    let account = Account(
      name: "alice", addressOfRecord: try URI("sip:alice@example.com"), registrar: try URI("sip:\(peer.endpoint)"))
    let id = await shard.reserve(1)[0]
    await shard.add([Arrival(id: id, account: account)])
    try await Task.sleep(for: Shard.Limits.grain * 4)
    await shard.start()
    #expect(peer.receive().starts(with: "REGISTER sip:\(peer.endpoint) SIP/2.0".utf8))

    await shard.shutDown()
    transport.shutdown()
    relay.disconnect()
    store.close()
  }
}

/// A socket that waits for one datagram.
private final class Peer: Sendable {
  let endpoint: Endpoint
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    endpoint = Endpoint(address: .v4(0x7F00_0001), port: UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }

  /// Empty when nothing comes for half a minute.
  func receive() -> [UInt8] {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, 30_000) == 1 else { return [] }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(count, 0)))
  }
}
