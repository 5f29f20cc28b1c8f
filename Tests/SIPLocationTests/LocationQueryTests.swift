import SIPLocation
import SIPMessage
import Testing

/// RFC 3263 §4 without a name server: what is asked for, and what may be tried of the answer.
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
    #expect(query.transport.uriToken == transport)
    #expect(query.port == port)
  }

  @Test(arguments: [
    ("sip:example.net;transport=sctp", LocationQuery.Failure.noTransport),
    ("sips:example.net;transport=udp", .noTransport), ("sip:example.net:0", .portZero), ("tel:+15551234", .noHost),
  ])
  func whatCanNotBeFoundOutIsSaid(_ text: String, _ failure: LocationQuery.Failure) throws {
    let uri = try URI(text)
    #expect(throws: failure) { try LocationQuery(uri) }
    #expect(failure.words(for: uri).hasPrefix(text))
  }

  @Test func theOrderStaysAndWhatIsOfNoUseIsLeftOut() throws {
    let query = try LocationQuery(URI("sip:example.net:5070"))
    let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
    let addresses = [3, 0, 1, 2].map { IPAddress.v4($0 == 0 ? 0 : 0xC000_0210 + UInt32($0)) }
    let (chosen, rejected) = query.choose(among: addresses, serverName: .none) { target in
      switch target.endpoint.address {
      case .v4(0xC000_0211): .noWay
      case .v4(0xC000_0212): .ourselves
      default: .from(local)
      }
    }
    #expect(chosen.map(\.target.description) == ["udp:192.0.2.19:5070"])
    #expect(chosen.map(\.local) == [local])
    let words = rejected.words(for: query.host)
    #expect(
      words == "example.net has the address 0.0.0.0, which is no target; "
        + "example.net leads to this daemon itself (192.0.2.18:5070); there is no way from here to 192.0.2.17")
    #expect(rejected.isWrong)
  }

  @Test func aWayThatMayComeBackIsNothingToMend() throws {
    let query = try LocationQuery(URI("sip:192.0.2.1"))
    let (chosen, rejected) = query.choose(among: [.v4(0xC000_0201)], serverName: .none) { _ in .noWay }
    #expect(chosen.isEmpty)
    #expect(!rejected.isEmpty && !rejected.isWrong)
  }
}
