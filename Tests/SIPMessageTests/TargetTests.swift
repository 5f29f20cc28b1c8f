import SIPMessage
import Testing

@Suite struct TargetTests {
  private static let endpoint = Endpoint(address: .v4(0xC000_0201), port: 5061)

  @Test func twoNamesAtOneAddressAreTwoTargets() {
    let one = Target(transport: .tls, serverName: ServerName(number: 1), endpoint: Self.endpoint)
    let two = Target(transport: .tls, serverName: ServerName(number: 2), endpoint: Self.endpoint)
    #expect(one != two)
    #expect(Target(transport: .tls, endpoint: Self.endpoint).serverName == .none)
  }

  @Test func twoTermsForOneAddressAreTwoTargets() {
    let one = Target(transport: .udp, profile: ProfileID(number: 1), endpoint: Self.endpoint)
    #expect(one != Target(transport: .udp, endpoint: Self.endpoint))
    #expect(Target(transport: .udp, endpoint: Self.endpoint).profile == .standard)
  }

  /// One is in each message that goes over a thread: name and terms take room that was empty.
  @Test func nameAndTermsMakeNoTargetLarger() {
    #expect(MemoryLayout<Target>.size == MemoryLayout<Endpoint>.size + 8)
    #expect(MemoryLayout<Flow>.size == 32)
  }
}
