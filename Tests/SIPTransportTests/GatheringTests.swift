import SIPMessage
import SIPTransport
import Testing

@Suite struct GatheringTests {
  private static func target(_ port: UInt16, _ transport: TransportProtocol = .udp, v6: Bool = false) -> Target {
    let address: IPAddress = v6 ? .v6(0x2001_0DB8 << 32, 1) : .v4(0xC000_0201)
    return Target(transport: transport, endpoint: Endpoint(address: address, port: port))
  }

  /// Tokens number the messages.
  private static func batch(_ messages: [(target: Target, size: Int)]) -> [Outbound] {
    messages.enumerated().map { index, message in
      Outbound(
        bytes: [UInt8](repeating: 0x20, count: message.size), destination: .target(message.target), token: UInt64(index)
      )
    }
  }

  private struct Kind: Hashable {
    var target: Destination
    var size: Int
  }

  @Test func datagramsOfOneSizeToOneTargetComeSideBySideInTheirOrder() {
    let targets = [Self.target(5_060), Self.target(5_061), Self.target(5_060, v6: true)]
    var messages = Self.batch(
      (0..<120).map { (targets[$0 % 3], [498, 743, 498, 744][$0 % 4]) })
    let before = messages
    messages.gather()
    var (seen, latest): (Set<Kind>, Kind?) = ([], nil)
    for message in messages {
      let kind = Kind(target: message.destination, size: message.bytes.count)
      if kind != latest { #expect(seen.insert(kind).inserted) }
      latest = kind
    }
    for kind in seen {
      func tokens(_ batch: [Outbound]) -> [UInt64] {
        batch.filter { Kind(target: $0.destination, size: $0.bytes.count) == kind }.map(\.token)
      }
      #expect(tokens(messages) == tokens(before))
    }
    #expect(messages.map(\.token).sorted() == before.map(\.token))
  }

  @Test func whatGoesOverStreamsKeepsItsOrder() {
    var messages = Self.batch((0..<60).map { (Self.target(5_060, $0 % 2 == 0 ? .udp : .tcp), 400 + $0 % 7) })
    messages.gather()
    let tokens = messages.filter { $0.destination == .target(Self.target(5_060, .tcp)) }.map(\.token)
    #expect(tokens == (0..<30).map { 2 * $0 + 1 })
  }

  @Test func whatLiesSideBySideStaysAsItIs() {
    var messages = Self.batch((0..<20).map { (Self.target(5_060), $0 < 10 ? 743 : 498) })
    messages.gather()
    #expect(messages.map(\.token) == Array(0..<20))
  }
}
