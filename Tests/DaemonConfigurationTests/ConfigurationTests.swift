import SIPMessage
import SIPUserAgent
import Testing

@testable import DaemonConfiguration

@Suite struct ConfigurationTests {
  static let architecture = """
    [daemon]
    state_directory = "/tmp/state"
    local_port      = 0
    unregister_on_stop = true

    [defaults]
    expires = 1800

    [proxy.edge]
    routes = [["sip:edge1.example.net;lr"], ["sip:edge2.example.net", "core.example.net:5070"]]

    [proxy.old]
    routes = [["sip:strict.example.net", "sip:loose.example.net"]]
    strict_routing = true

    [[account]]
    name      = "alice"
    aor       = "sip:alice@example.com"
    registrar = "sip:example.com"
    username  = "alice"
    password  = "secret"
    realm     = "example.com"
    outbound_proxy = "sip:edge.example.net;lr"
    expires   = 600

    [[account]]
    aor = "bob@example.com:5070"
    outbound_proxy = "edge"

    [[account]]
    name = "carol"
    aor = "sip:carol@example.com"
    outbound_proxy = "old"
    credentials = [
      { username = "c1", realm = "one", password = "p1" },
      { realm = "two", ha1 = "0123456789ABCDEF0123456789abcdef" },
    ]
    """

  @Test func theExampleOfTheDesignReadsAsItSays() throws {
    let configuration = try Configuration.parse(text: Self.architecture)
    #expect(configuration.daemon.stateDirectory == "/tmp/state")
    #expect(configuration.daemon.localPort == 0)
    #expect(configuration.daemon.unregistersOnStop)
    #expect(configuration.accounts.map(\.name) == ["alice", "bob@example.com:5070", "carol"])

    let alice = configuration.accounts[0]
    #expect(alice.addressOfRecord == (try URI("sip:alice@example.com")))
    #expect(alice.registrar == (try URI("sip:example.com")))
    #expect(alice.expires == 600)
    #expect(alice.credentials == [Credential(username: "alice", realm: "example.com", password: "secret")])
    #expect(alice.routes == [RouteSet(proxies: [try URI("sip:edge.example.net;lr")])])

    let bob = configuration.accounts[1]
    #expect(bob.registrar == (try URI("sip:example.com:5070")))
    #expect(bob.expires == 1800)
    #expect(bob.credentials.isEmpty)
    #expect(
      bob.routes.map(\.description) == [
        "sip:edge1.example.net;lr", "sip:edge2.example.net;lr > sip:core.example.net:5070;lr",
      ])

    let carol = configuration.accounts[2]
    #expect(carol.routes.map(\.description) == ["sip:strict.example.net > sip:loose.example.net"])
    let hash = Array("0123456789abcdef0123456789abcdef".utf8)
    #expect(
      carol.credentials == [
        Credential(username: "c1", realm: "one", password: "p1"),
        Credential(username: "carol", realm: "two", secret: .hashed(.md5, hash)),
      ])
  }

  @Test(arguments: [
    (#""edge.example.net""#, "sip:edge.example.net;lr"),
    (#""192.168.1.20:5060""#, "sip:192.168.1.20:5060;lr"),
    (#""192.168.1.20:5060;lr""#, "sip:192.168.1.20:5060;lr"),
    (#""sip:edge.example.net""#, "sip:edge.example.net;lr"),
    (#""<sip:edge.example.net;lr;transport=tcp>""#, "sip:edge.example.net;lr;transport=tcp"),
    (#""2001:db8::1""#, "sip:[2001:db8::1];lr"),
    (#""[2001:db8::1]:5070""#, "sip:[2001:db8::1]:5070;lr"),
    (#"["a.example.net", "sip:b.example.net;lr"]"#, "sip:a.example.net;lr > sip:b.example.net;lr"),
    (#"{ routes = [["sip:a.example.net"]], strict_routing = true }"#, "sip:a.example.net"),
    ("[]", "direct"),
  ])
  func anOutboundProxyIsWrittenInManyWays(written: String, routes: String) throws {
    let text = "[[account]]\naor = \"sip:a@example.com\"\noutbound_proxy = \(written)\n"
    let account = try #require(Configuration.parse(text: text).accounts.first)
    #expect(account.routes.map(\.description).joined(separator: " | ") == routes)
  }

  @Test func aTransportIsAskedForOnTheNextHop() throws {
    let configuration = try Configuration.parse(
      text: """
        [defaults]
        transport = "tcp"
        [[account]]
        aor = "sip:direct@example.com"
        [[account]]
        aor = "sip:proxied@example.com"
        outbound_proxy = ["a.example.net", "b.example.net"]
        [[account]]
        aor = "sip:explicit@example.com"
        outbound_proxy = "a.example.net;transport=udp"
        """)
    #expect(configuration.accounts[0].registrar == (try URI("sip:example.com;transport=tcp")))
    #expect(configuration.accounts[1].registrar == (try URI("sip:example.com")))
    #expect(
      configuration.accounts[1].routes.map(\.description) == [
        "sip:a.example.net;lr;transport=tcp > sip:b.example.net;lr"
      ])
    #expect(configuration.accounts[2].routes.map(\.description) == ["sip:a.example.net;transport=udp;lr"])
  }

  @Test func anAccountOverridesTheDefaultsKeyByKey() throws {
    let configuration = try Configuration.parse(
      text: """
        [defaults]
        realm = "example.com"
        password = "shared"
        retry_base = "1 min"
        refused_probe_interval = "never"
        contact_parameters = "x-line=1"
        [[account]]
        aor = "sip:a@example.com"
        [[account]]
        aor = "sip:b@example.com"
        ha1_sha256 = "\(String(repeating: "ab", count: 32))"
        retry_base = 5
        refused_probe_interval = "2 h"
        contact_host = "192.0.2.7"
        contact_port = 5099
        """)
    let (first, second) = (configuration.accounts[0], configuration.accounts[1])
    #expect(first.credentials == [Credential(username: "a", realm: "example.com", password: "shared")])
    #expect(first.policy.retryBase == .seconds(60))
    #expect(first.policy.refusedProbeInterval == nil)
    #expect(first.contact.parameters == ";x-line=1")
    let hash = Array(String(repeating: "ab", count: 32).utf8)
    #expect(second.credentials == [Credential(username: "b", realm: "example.com", secret: .hashed(.sha256, hash))])
    #expect(second.policy.retryBase == .seconds(5))
    #expect(second.policy.refusedProbeInterval == .seconds(7200))
    #expect(second.contact == ContactSettings(host: Host("192.0.2.7"), port: 5099, parameters: ";x-line=1"))
  }

  @Test func anAccountThatIsNotEnabledIsCheckedAndLeftOut() throws {
    let text = "[[account]]\naor = \"sip:a@example.com\"\nenabled = false\n"
    #expect(try Configuration.parse(text: text).accounts.isEmpty)
    #expect(throws: ConfigurationErrors.self) { try Configuration.parse(text: text + "expires = 0\n") }
  }

  @Test func theServiceManagersDirectoriesTakeThePlaceOfTheBuiltInOnes() throws {
    let environment = ["STATE_DIRECTORY": "/var/lib/one:/var/lib/two", "RUNTIME_DIRECTORY": "/run/one"]
    let settings = try Configuration.parse(text: "", environment: environment).daemon
    #expect(settings.stateDirectory == "/var/lib/one")
    #expect(settings.controlSocket == "/run/one/control")
    let text =
      "[daemon]\nstate_directory = \"/srv\"\nlocal_address_v6 = \"off\"\ndns_servers = [\"::1\", \"127.0.0.1:5353\"]"
    let set = try Configuration.parse(text: text, environment: environment).daemon
    #expect(set.stateDirectory == "/srv")
    #expect(set.localAddressV4 == .v4(0))
    #expect(set.localAddressV6 == nil)
    #expect(set.dnsServers.map(\.description) == ["[::1]:53", "127.0.0.1:5353"])
  }
}
