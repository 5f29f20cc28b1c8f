import RegistrationControl
import SIPMessage
import Testing

@testable import RegistrationDaemon
@testable import SIPUserAgent

/// What of a connection profile concerns a next hop.
@Suite struct HopTermsOfAccountsTests {
  private static let profile: ConnectionProfile = {
    var profile = ConnectionProfile.standard
    (profile.authorities, profile.certificate, profile.privateKey) = ("ca.pem", "own.pem", "secret.pem")
    (profile.webSocketPath, profile.localAddressV4, profile.localPort) = ("/ws", .v4(0xC000_0207), 5080)
    return profile
  }()

  @Test(
    arguments: [
      ("sip:edge.test", nil, "from 192.0.2.7, from UDP port 5080"),
      ("sip:edge.test;transport=tcp", nil, "from 192.0.2.7"),
      ("sip:edge.test;transport=tls", nil, "edge.test ca.pem own.pem from 192.0.2.7"),
      ("sips:Edge.Test.;maddr=192.0.2.1", nil, "edge.test ca.pem own.pem from 192.0.2.7"),
      ("sip:edge.test;transport=ws", nil, "/ws from 192.0.2.7"),
      ("sip:edge.test;transport=wss", nil, "edge.test ca.pem own.pem /ws from 192.0.2.7"),
      // As the DNS has it.
      ("sip:edge.test", .tls, "edge.test ca.pem own.pem from 192.0.2.7"),
      // What leads nowhere is said elsewhere.
      ("sip:edge.test;transport=sctp", nil, ""),
    ] as [(String, TransportProtocol?, String)])
  func onlyWhatConcernsItsTransportIsSaid(uri: String, transport: TransportProtocol?, words: String) throws {
    let terms = HopTerms(HopURI(try URI(uri)), Self.profile, over: transport)
    let places = [
      terms.localAddresses.first.map { "from \($0)" + (terms.localPort.map { ", from UDP port \($0)" } ?? "") }
    ]
    let found = [terms.certificateName, terms.authorities, terms.certificate, terms.webSocketPath] + places
    #expect(found.compactMap(\.self).joined(separator: " ") == words)
    #expect(terms.sentence?.contains("secret") != true)
  }

  @Test func eachNextHopHasTheTermsOfItsProfile() throws {
    let hops = ["sip:a.test;lr", "sip:b.test;transport=tls;lr", "sip:a.test;lr"]
    let account = Account(
      name: "alice", addressOfRecord: try URI("sip:a@b.test"), registrar: try URI("sip:b.test"),
      routes: try zip(hops, [0, 0, 1]).map { RouteSet(proxies: [try URI($0)], profile: ProfileID(number: $1)) })
    let status = RegistrationStatus(
      state: .registering, callID: "c", cSeq: 1, fromTag: "t", outlook: .answer, failures: 0, exchanges: [],
      routeIndex: 0, waitsFor: [], notices: [], credentials: [], isHistoryWhole: true)
    #expect(
      AccountStatus(account: account, status: status).terms([Self.profile]) == [
        "sip:b.test;transport=tls;lr: its certificate must name b.test, and this system must vouch for it",
        "sip:a.test;lr: what we send leaves from 192.0.2.7, from UDP port 5080",
      ])
  }
}
