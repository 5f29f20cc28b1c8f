import NIOPosix
import SIPLocation
import SIPMessage
import SIPTransport
import SIPUserAgent
import Synchronization
import Testing

@testable import RegistrationDaemon

/// What is no target, whoever names it, and what is said of it.
@Suite struct LocatorTests {
  private final class Said: Sendable {
    let words = Mutex<[String]>([])
  }

  private func withLocator(
    onAllAddresses: Bool = false, _ body: (Locator, TransportLayer, OwnPorts, Said) throws -> Void
  ) throws {
    var settings = TransportSettings()
    settings.addressV4 = onAllAddresses ? .v4(0) : .v4(0x7F00_0001)
    settings.addressV6 = nil
    let transport = TransportLayer(settings: settings, eventLoop: MultiThreadedEventLoopGroup.singleton.next()) { _ in }
    try transport.bind()
    defer { transport.shutdown() }
    let (ports, said) = (OwnPorts(), Said())
    ports.insert(transport.localPort)
    ports.insert { transport.hasOpened($0) }
    let locator = Locator(transport: transport, resolver: SIPTransport.Resolver(), ownPorts: ports) { _, words in
      said.words.withLock { $0.append(words) }
    }
    try body(locator, transport, ports, said)
  }

  private func located(_ uri: String, _ profile: UInt16 = 0, by locator: Locator) throws -> Location? {
    locator.locate(HopURI(try URI(uri), profile: ProfileID(number: profile))) { _ in }
  }

  @Test(arguments: [
    ("sip:0.0.0.0", "0.0.0.0 is no target"), ("sip:255.255.255.255:5070", "255.255.255.255 is no target"),
    ("sip:224.0.1.75", "224.0.1.75 is no target"), ("sip:[::]", ":: is no target"),
    ("sip:[ff02::1]", "ff02::1 is no target"), ("sip:127.0.0.2:0", "sip:127.0.0.2:0 names port 0, which is no target"),
  ])
  func addressOfNobodyIsNoTarget(_ uri: String, _ words: String) throws {
    try withLocator { locator, _, _, _ in
      let location = try located(uri, by: locator)
      #expect(location == .failed(words))
    }
  }

  @Test func whatLeadsHereIsToldAndNotAsked() throws {
    try withLocator { locator, transport, ports, _ in
      let port = transport.localPort
      let location = try located("sip:127.0.0.1:\(port)", by: locator)
      #expect(location == .failed("127.0.0.1 leads to this daemon itself (127.0.0.1:\(port))"))
      guard case .ways? = try located("sip:127.0.0.2:\(port)", by: locator) else {
        Issue.record("another address is another host")
        return
      }
      guard case .ways? = try located("sip:127.0.0.1:\(port ^ 1)", by: locator) else {
        Issue.record("another port is another program")
        return
      }
      ports.insert(port ^ 1)
      guard case .failed? = try located("sip:127.0.0.1:\(port ^ 1)", by: locator) else {
        Issue.record("the port of another shard is ours")
        return
      }
    }
  }

  @Test func thePortOfAProfileIsOursAsSoonAsItIsOpen() throws {
    var port: UInt16 = 0
    try withLocator { _, free, _, _ in port = free.localPort }
    try withLocator(onAllAddresses: true) { locator, transport, _, _ in
      var profile = ConnectionProfile.standard
      profile.localPort = port
      try transport.use(profiles: [profile])
      guard case .ways? = try located("sip:127.0.0.1:\(port)", by: locator) else {
        Issue.record("until it is open another program may have it")
        return
      }
      // Whoever sends from there opens it.
      let words = Location.failed("127.0.0.1 leads to this daemon itself (127.0.0.1:\(port))")
      #expect(try located("sip:127.0.0.1:\(port)", 1, by: locator) == words)
      #expect(try located("sip:127.0.0.1:\(port)", by: locator) == words)
      guard case .ways? = try located("sip:127.0.0.1:\(port);transport=tcp", 1, by: locator) else {
        Issue.record("over TCP it is another program's")
        return
      }
      try transport.use(profiles: [])
    }
  }

  @Test func everyAddressOfThisHostLeadsHereWhereWeListenOnAll() throws {
    try withLocator(onAllAddresses: true) { locator, transport, _, _ in
      guard case .failed? = try located("sip:127.0.0.9:\(transport.localPort);transport=tcp", by: locator) else {
        Issue.record("what is sent there arrives here")
        return
      }
    }
  }

  @Test func whatOfAnAnswerIsOfNoUseIsSaidAndTheRestIsTried() throws {
    try withLocator { locator, transport, _, said in
      let uri = try URI("sip:registrar.example.com:\(transport.localPort)")
      let addresses = ["0.0.0.0", "127.0.0.1", "127.0.0.2"].compactMap { IPAddress($0) }
      let candidates = addresses.map {
        Candidate(transport: .udp, endpoint: Endpoint(address: $0, port: transport.localPort))
      }
      let location = locator.location(of: candidates, try LocationQuery(uri), HopURI(uri))
      let other = Endpoint(address: addresses[2], port: transport.localPort)
      guard case .ways(let targets) = location else {
        Issue.record("one address is good")
        return
      }
      #expect(targets.map(\.target.endpoint) == [other])
      let place = "127.0.0.1:\(transport.localPort)"
      let words = said.words.withLock { $0 }
      #expect(
        words == [
          "registrar.example.com has the address 0.0.0.0, which is no target; "
            + "registrar.example.com leads to this daemon itself (\(place))"
        ])
    }
  }

  @Test func noticeIsGivenOnceUntilItChanges() throws {
    let notices = Notices()
    let uri = try URI("sip:a.example")
    #expect(notices.isNews("x", of: uri))
    #expect(!notices.isNews("x", of: uri))
    let other = try URI("sip:b.example")
    #expect(notices.isNews("x", of: other))
    #expect(notices.isNews("y", of: uri))
    #expect(notices.isNews("x", of: uri))
  }

  @Test(arguments: [
    ("sips:Proxy.Example.com", TransportProtocol.tls, "proxy.example.com" as String?), ("sips:[::1]", .tls, "::1"),
    ("sip:proxy.example.com;transport=wss", .wss, "proxy.example.com"), ("sip:proxy.example.com", .udp, nil),
    ("sip:proxy.example.com;transport=tcp", .tcp, nil),
  ])
  func whomACertificateHasToNameSurvives(_ uri: String, _ transport: TransportProtocol, _ host: String?) throws {
    try withLocator { locator, layer, _, _ in
      let found = Candidate(transport: transport, endpoint: Endpoint(address: .v4(0x7F00_0002), port: 5070))
      let location = locator.location(of: [found], try LocationQuery(URI(uri)), HopURI(try URI(uri)))
      guard case .ways(let targets) = location, let target = targets.first?.target else {
        Issue.record("\(location)")
        return
      }
      #expect(target.transport == transport)
      #expect(layer.host(of: target.serverName) == host)
      #expect((target.serverName == .none) == (host == nil))
    }
  }
}
