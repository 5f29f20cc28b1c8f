import SIPLocation
import SIPMessage
import Testing

/// What a URI says of where it leads, and what may be tried of what was found.
@Suite struct LocationQueryTests {
  @Test(arguments: [
    ("sip:example.net", "udp", 5060), ("sip:example.net;transport=tcp", "tcp", 5060),
    ("sip:example.net:5070;transport=TCP", "tcp", 5070), ("sips:example.net", "tls", 5061),
    ("sips:example.net;transport=tcp", "tls", 5061), ("sips:example.net:5070;transport=tls", "tls", 5070),
    ("sip:example.net;transport=tls", "tls", 5061), ("sips:example.net;transport=ws", "wss", 443),
    ("sip:192.0.2.1;transport=ws", "ws", 80), ("sip:[2001:db8::1]:5062", "udp", 5062),
  ])
  func anExplicitTransportWinsAndSipsIsSecure(_ text: String, _ transport: String, _ port: UInt16) throws {
    let query = try LocationQuery(URI(text))
    #expect(query.defaultTransport.uriToken == transport)
    #expect(query.defaultPort == port)
  }

  @Test(arguments: [
    ("sip:example.net;transport=sctp", LocationQuery.Failure.noTransport),
    ("sips:example.net;transport=udp", .noTransport), ("sip:example.net:0", .portZero), ("tel:+15551234", .noHost),
    ("sip:example.net;maddr=a%20b", .noHost),
  ])
  func whatCanNotBeFoundOutIsSaid(_ text: String, _ failure: LocationQuery.Failure) throws {
    let uri = try URI(text)
    #expect(throws: failure) { try LocationQuery(uri) }
    #expect(failure.words(for: uri).hasPrefix(text))
  }

  @Test func maddrIsLookedUpAndTheHostIsWhomACertificateNames() throws {
    let query = try LocationQuery(URI("sips:example.net;maddr=192.0.2.7"))
    #expect(query.host == .address(.v4(0xC000_0207)))
    #expect(query.domain == .name("example.net"))
    #expect(query.ownAnswer?.description == "tls:192.0.2.7:5061")
    #expect(try LocationQuery(URI("sip:example.net")).ownAnswer == nil)
  }

  @Test func theOrderStaysAndWhatIsOfNoUseIsLeftOut() {
    let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
    let candidates = [3, 0, 1, 2].map { number in
      let address = IPAddress.v4(number == 0 ? 0 : 0xC000_0210 + UInt32(number))
      return Candidate(transport: .udp, endpoint: Endpoint(address: address, port: 5070))
    }
    let (chosen, rejected) = LocationQuery.choose(among: candidates, serverName: { _ in .none }) { target in
      switch target.endpoint.address {
      case .v4(0xC000_0211): .noWay
      case .v4(0xC000_0212): .ourselves
      default: .from(local)
      }
    }
    #expect(chosen.map(\.target.description) == ["udp:192.0.2.19:5070"])
    #expect(chosen.map(\.local) == [local])
    #expect(
      rejected.words(for: .name("example.net")) == "example.net has the address 0.0.0.0, which is no target; "
        + "example.net leads to this daemon itself (192.0.2.18:5070); there is no way from here to 192.0.2.17")
    #expect(rejected.isWrong)
  }

  @Test func aWayThatMayComeBackIsNothingToMend() {
    let candidate = Candidate(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0201), port: 5060))
    let (chosen, rejected) = LocationQuery.choose(among: [candidate], serverName: { _ in .none }) { _ in .noWay }
    #expect(chosen.isEmpty)
    #expect(!rejected.isEmpty && !rejected.isWrong)
  }
}
