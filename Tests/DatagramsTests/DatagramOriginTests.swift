import Glibc
import Testing

@testable import Datagrams

/// Datagrams that leave from where they are told. What marks they have is seen where a peer looks at them.
@Suite struct DatagramOriginTests {
  /// From a socket of all addresses to one of this host.
  private func sources(_ origins: [DatagramOrigin?], v6: Bool = false, size: Int = 100) throws -> [DatagramAddress] {
    let loopback: DatagramAddress = v6 ? .v6(0, 1, port: 0) : .v4(0x7F00_0001, port: 0)
    let sender = try DatagramSocket(boundTo: v6 ? .v6(0, 0, port: 0) : .v4(0, port: 0))
    let receiver = try DatagramSocket(boundTo: loopback)
    defer {
      sender.close()
      receiver.close()
    }
    var writer = DatagramWriter()
    var reader = DatagramReader()
    let bytes = [UInt8](repeating: 65, count: size)
    let outcome = writer.write(origins.count, to: sender) { $0.add(bytes, to: receiver.address, from: origins[$1]) }
    #expect(outcome.sent == origins.count && outcome.failures.isEmpty)
    var found: [DatagramAddress] = []
    while found.count < origins.count {
      reader.read(from: receiver)
      while let next = reader.next() {
        #expect(next.bytes == bytes)
        found.append(next.source)
      }
    }
    return found
  }

  private static func host(_ address: DatagramAddress) -> UInt32? {
    if case .v4(let value, _) = address { value } else { nil }
  }

  @Test func eachLeavesFromItsOwnAddress() throws {
    let five = DatagramOrigin(address: .v4(0x7F00_0005, port: 0))
    let six = DatagramOrigin(address: .v4(0x7F00_0006, port: 0), trafficClass: 0xB8)
    let sources = try sources([five, six, nil, five])
    #expect(sources.map(Self.host) == [0x7F00_0005, 0x7F00_0006, 0x7F00_0001, 0x7F00_0005])
  }

  @Test func neighboursOfOneOriginStayTogetherAndOfTwoDoNot() throws {
    let five = DatagramOrigin(address: .v4(0x7F00_0005, port: 0), trafficClass: 0x68)
    let six = DatagramOrigin(address: .v4(0x7F00_0006, port: 0))
    let origins = [DatagramOrigin?](repeating: five, count: 20) + [DatagramOrigin?](repeating: six, count: 20)
    let sources = try sources(origins).map(Self.host)
    #expect(sources == Array(repeating: 0x7F00_0005, count: 20) + Array(repeating: 0x7F00_0006, count: 20))
  }

  @Test func anInterfaceIsKnownByItsName() throws {
    let loopback = try #require(DatagramOrigin.index(ofInterface: "lo"))
    #expect(DatagramOrigin.index(ofInterface: "nowhere0") == nil)
    for v6 in [false, true] {
      let origin = DatagramOrigin(interface: loopback, trafficClass: 0xB8)
      #expect(try sources([origin, origin], v6: v6, size: 1_200).count == 2)
    }
  }

  @Test func anAddressThatIsNotOursFailsAloneAndTheRestLeaves() throws {
    var pair = try SocketPair()
    let sender = try DatagramSocket(boundTo: .v4(0, port: 0))
    defer { sender.close() }
    let strange = DatagramOrigin(address: .v4(0xC000_0207, port: 0))
    let origins: [DatagramOrigin?] = [nil, strange, nil]
    let receiver = pair.receiver.address
    let outcome = pair.writer.write(3, to: sender) { $0.add([65], to: receiver, from: origins[$1]) }
    #expect(outcome.failures.map(\.index) == [1] && outcome.sent == 2)
  }
}
