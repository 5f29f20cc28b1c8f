import SIPMessage
import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

/// On which terms next hops are spoken to, as tables say so and stand over each other.
@Suite struct ConnectionTermsTests {
  static let account = "[[account]]\naor = \"sip:a@example.com\"\n"

  private func errors(_ text: String) throws -> [String] {
    try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: text) }.errors.map(\.message)
  }

  private func profile(_ configuration: Configuration, _ account: Int = 0, route: Int = 0) throws -> ConnectionProfile {
    let number = Int(configuration.accounts[account].routes[route].profile.number)
    return number == 0 ? .standard : configuration.profiles[number - 1]
  }

  // MARK: Who wins

  @Test(arguments: [
    ("", "", "", nil), ("AF11", "", "", 10), ("AF11", "AF21", "", 18), ("AF11", "AF21", "AF31", 26),
    ("AF11", "", "AF31", 26), ("", "AF21", "", 18), ("", "AF21", "AF31", 26), ("", "", "AF31", 26),
  ])
  func anAccountWinsOverItsProxyAndAProxyOverTheDefaults(
    defaults: String, proxy: String, account: String, code: UInt8?
  ) throws {
    func line(_ name: String) -> String { name.isEmpty ? "" : "dscp = \"\(name)\"\n" }
    let text =
      "[defaults]\n\(line(defaults))[proxy.edge]\nroutes = [[\"edge.example.net\"]]\n\(line(proxy))"
      + Self.account + "outbound_proxy = \"edge\"\n\(line(account))"
    #expect(try profile(Configuration.parse(text: text)).dscp == code)
  }

  @Test(arguments: [
    ("", "", "", "sip:edge.example.net;lr"), ("udp", "", "", "sip:edge.example.net;lr;transport=udp"),
    ("udp", "tls", "", "sip:edge.example.net;lr;transport=tls"),
    ("udp", "tls", "TCP", "sip:edge.example.net;lr;transport=tcp"),
  ])
  func soItIsWithTheTransportOfTheNextHop(
    defaults: String, proxy: String, account: String, route: String
  ) throws {
    func line(_ name: String) -> String { name.isEmpty ? "" : "transport = \"\(name)\"\n" }
    let text =
      "[defaults]\n\(line(defaults))[proxy.edge]\nroutes = [[\"edge.example.net\"]]\n\(line(proxy))"
      + Self.account + "outbound_proxy = \"edge\"\n\(line(account))"
    let parsed = try Configuration.parse(text: text).accounts[0]
    #expect(parsed.routes.map(\.description) == [route])
    #expect(parsed.registrar.description == "sip:example.com")
  }

  @Test func whatAProxyOfTheDefaultsSaysDoesNotHoldForAnother() throws {
    let text =
      "[defaults]\noutbound_proxy = \"edge\"\n[proxy.edge]\n"
      + "routes = [[\"a.example.net\"], [\"b.example.net\"]]\nkeepalive = 20\nflows = 2\n"
      + Self.account + "[[account]]\naor = \"sip:b@example.com\"\noutbound_proxy = \"other.example.net\"\n"
      + "[[account]]\naor = \"sip:c@example.com\"\nkeepalive = \"off\"\n"
    let accounts = try Configuration.parse(text: text).accounts
    #expect(
      accounts.map(\.name)
        == ["a@example.com", "a@example.com/2", "b@example.com", "c@example.com", "c@example.com/2"])
    let policies = accounts.filter { $0.outbound?.isFirst ?? true }.map(\.policy)
    #expect(policies.map(\.keepAlive) == [.every(.seconds(20)), .automatic, .off])
    #expect(policies.map(\.flows) == [2, 1, 2])
  }

  @Test func flowsWantAProxyEach() throws {
    let error = try #require(throws: ConfigurationErrors.self) {
      _ = try Configuration.parse(text: Self.account + "outbound_proxy = \"edge.example.net\"\nflows = 2\n")
    }
    #expect(error.errors.first?.message.contains("wants as many proxies to lead them over") == true)
  }

  @Test func outboundMayBeOfferedOverOneFlow() throws {
    let account = try Configuration.parse(text: Self.account + "offer_outbound = true\n").accounts[0]
    #expect(account.outbound?.flows == 1 && account.name == "a@example.com")
    #expect(try Configuration.parse(text: Self.account).accounts[0].outbound == nil)
  }

  // MARK: Numbers

  @Test func whoSaysTheSameHasOneProfileAndWhoSaysNothingTheStandard() throws {
    let configuration = try Configuration.parse(
      text: Self.account + "dscp = 46\n" + "[[account]]\naor = \"sip:b@example.com\"\n"
        + "[[account]]\naor = \"sip:c@example.com\"\ndscp = \"ef\"\n"
        + "[[account]]\naor = \"sip:d@example.com\"\nlocal_address = [\"192.0.2.7\", \"2001:db8::7\"]\ninterface = \"eth1\"\n"
    )
    #expect(configuration.accounts.map { $0.routes[0].profile.number } == [1, 0, 1, 2])
    #expect(configuration.profiles.map(\.dscp) == [46, nil])
    let profile = configuration.profiles[1]
    #expect(profile.localAddressV4 == IPAddress("192.0.2.7") && profile.localAddressV6 == IPAddress("2001:db8::7"))
    #expect(profile.interface == "eth1")
  }

  @Test func aProfileKeepsItsNumberOverAReloadAndWhatNobodyWantsIsTheStandard() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("sipregd.toml")
    func load(_ codes: [Int], after former: Configuration?) throws -> Configuration {
      let accounts = codes.map { "[[account]]\naor = \"sip:\($0)@example.com\"\ndscp = \($0)\n" }
      try scratch.write(accounts.joined(), to: "sipregd.toml")
      return try Configuration.load(path, after: former)
    }
    let first = try load([1, 2], after: nil)
    let second = try load([3, 2], after: first)
    #expect(second.profiles.map(\.dscp) == [nil, 2, 3])
    #expect(second.accounts.map { $0.routes[0].profile.number } == [3, 2])
    #expect(ConfigurationDiff(from: first, to: second).unchanged == 1)
    let third = try load([1, 3], after: second)
    #expect(third.profiles.map(\.dscp) == [nil, nil, 3, 1])
    #expect(third.accounts.map { $0.routes[0].profile.number } == [4, 3])
  }

  @Test func everyRouteHasTheResourceOfItsOwnWebSocket() throws {
    let text =
      Self.account + "websocket_path = \"/sip\"\n"
      + "outbound_proxy = { routes = [[\"wss://a.example.net:8443/ws?x=1\"], [\"wss://b.example.net\"], [\"c.example.net\"]] }\n"
    let configuration = try Configuration.parse(text: text)
    #expect(
      configuration.accounts[0].routes.map(\.description) == [
        "sip:a.example.net:8443;transport=wss;lr", "sip:b.example.net;transport=wss;lr", "sip:c.example.net;lr",
      ])
    #expect(try (0..<3).map { try profile(configuration, route: $0).webSocketPath } == ["/ws?x=1", "/sip", "/sip"])
  }

  @Test(arguments: [
    ("tls://example.com", "sip:example.com;transport=tls", "/"),
    ("TLS://example.com:5061/", "sip:example.com:5061;transport=tls", "/"),
    ("wss://example.com/ws", "sip:example.com;transport=wss", "/ws"),
    ("ws://[2001:db8::1]:8080", "sip:[2001:db8::1]:8080;transport=ws", "/"),
    ("udp://192.0.2.1:5070", "sip:192.0.2.1:5070;transport=udp", "/"), ("sips:example.com", "sips:example.com", "/"),
    ("example.com;transport=TLS", "sip:example.com;transport=TLS", "/"),
  ])
  func aRegistrarMayBeWrittenAsAURL(written: String, uri: String, path: String) throws {
    let configuration = try Configuration.parse(text: Self.account + "registrar = \"\(written)\"\n")
    #expect(configuration.accounts[0].registrar.description == uri)
    #expect(try profile(configuration).webSocketPath == path)
  }

  // MARK: Every hop

  @Test func aSecureAddressOfRecordMakesEveryHopSecure() throws {
    let text =
      "[[account]]\naor = \"sips:a@example.com\"\n[[account]]\naor = \"sips:b@example.com\"\ntransport = \"tls\"\n"
      + "outbound_proxy = [\"edge.example.net\", \"sip:core.example.net;lr\"]\n"
      + "[[account]]\naor = \"sip:c@example.com\"\nregistrar = \"sips:example.com\"\noutbound_proxy = \"edge.example.net\"\n"
    let accounts = try Configuration.parse(text: text).accounts
    #expect(accounts.map(\.registrar.description) == ["sips:example.com", "sips:example.com", "sips:example.com"])
    #expect(
      accounts.map { $0.routes[0].description } == [
        "direct", "sips:edge.example.net;lr > sips:core.example.net;lr", "sips:edge.example.net;lr",
      ])
  }

  @Test(arguments: [
    ("transport = \"udp\"", "transport must not be \"udp\": a sips URI asks for TLS on every hop"),
    (
      "outbound_proxy = \"sip:edge.example.net;transport=udp\"",
      "outbound_proxy must not ask for udp where a sips URI asks for TLS on every hop: "
        + "\"sips:edge.example.net;transport=udp;lr\""
    ),
    (
      "registrar = \"sips:example.com;transport=udp\"",
      "registrar must not be sips and ask for udp: sips is TLS on every hop: \"sips:example.com;transport=udp\""
    ),
  ])
  func noneOfItsHopsMayBeInTheClear(line: String, says: String) throws {
    #expect(try errors("[[account]]\naor = \"sips:a@example.com\"\n\(line)\n") == [says])
  }

  // MARK: Values

  @Test(arguments: [
    ("0", 0), ("63", 63), ("\"EF\"", 46), ("\"cs0\"", 0), ("\"CS7\"", 56), ("\"af43\"", 38), ("\"AF11\"", 10),
    ("\"LE\"", 1),
  ])
  func aCodePointIsANumberOrAName(value: String, code: UInt8) throws {
    let configuration = try Configuration.parse(text: Self.account + "dscp = \(value)\ninterface = \"x\"\n")
    #expect(try profile(configuration).dscp == code)
  }

  @Test(arguments: [
    ("dscp = 64", "dscp must be 0 to 63, or a name such as \"EF\", \"CS3\" or \"AF31\", not 64; did you mean 16?"),
    ("dscp = 184", "dscp must be 0 to 63, or a name such as \"EF\", \"CS3\" or \"AF31\", not 184; did you mean 46?"),
    ("dscp = 65", "dscp must be 0 to 63, or a name such as \"EF\", \"CS3\" or \"AF31\", not 65"),
    ("dscp = \"AF14\"", "dscp must be 0 to 63, or a name such as \"EF\", \"CS3\" or \"AF31\", not \"AF14\""),
    ("dscp = \"CS8\"", "dscp must be 0 to 63, or a name such as \"EF\", \"CS3\" or \"AF31\", not \"CS8\""),
    ("dscp = true", "dscp must be 0 to 63, or a name such as \"EF\", \"CS3\" or \"AF31\", not a boolean"),
    (
      "interface = \"192.0.2.1\"",
      "interface must be the name of a network interface such as \"eth0\", not \"192.0.2.1\"; an address is local_address"
    ),
    (
      "interface = \"anInterfaceTooLong\"",
      "interface must be the name of a network interface such as \"eth0\", not \"anInterfaceTooLong\""
    ),
    (
      "local_address = \"eth0\"",
      "local_address must be an address such as \"192.0.2.1\", or one of each family [\"192.0.2.1\", \"2001:db8::1\"], "
        + "not \"eth0\""
    ),
    ("local_address = [\"192.0.2.1\", \"192.0.2.2\"]", "local_address has two addresses of one family"),
    ("local_port = 0", "local_port must be between 1 and 65535, not 0"),
    ("websocket_path = \"ws\"", "websocket_path must be a path such as \"/ws\", not \"ws\""),
    (
      "keepalive = \"sometimes\"",
      "keepalive must be \"auto\", \"off\", a number of seconds, or a time such as \"30 min\", not a string"
    ),
    ("keepalive = \"2 d\"", "keepalive must be between 1 s and 1 d, not 2 d"),
    ("flows = 9", "flows must be between 1 and 8, not 9"), ("flows = 0", "flows must be between 1 and 8, not 0"),
    (
      "transport = \"sips\"",
      "transport must be \"udp\", \"tcp\", \"tls\", \"ws\" or \"wss\", not \"sips\"; did you mean \"tls\"?"
    ),
    ("ca_file = \"/nowhere/ca.pem\"", "ca_file: cannot read /nowhere/ca.pem: No such file or directory"),
    (
      "private_key_file = \"/nowhere/key.pem\"",
      "private_key_file: cannot read /nowhere/key.pem: No such file or directory"
    ),
    (
      "certificate_credential = \"client\"",
      "certificate_credential: no credentials were handed over ($CREDENTIALS_DIRECTORY); is there a LoadCredential=client:… "
        + "in the unit?"
    ),
  ])
  func whatIsNoValueIsAnsweredWithWhatIs(line: String, says: String) throws {
    #expect(try errors(Self.account + line + "\n").first == says)
    let proxy = "[proxy.edge]\nroutes = [[\"edge.example.net\"]]\n\(line)\n"
    #expect(try errors(proxy).first == says)
  }

  @Test func aPortAndAnAddressHaveToFitTheDaemon() throws {
    func errors(_ daemon: String, _ line: String) throws -> [String] {
      try self.errors("[daemon]\n\(daemon)\n\(Self.account)\(line)\n")
    }
    let room = "local_port must leave room for 2 shards beside those of the daemon (5060 to 5061), not be "
    for port in [5_059, 5_061, 65_535] {
      #expect(try errors("shards = 2", "local_port = \(port)") == ["\(room)\(port)"])
    }
    for port in [5_060, 5_062, 5_058] {
      _ = try Configuration.parse(text: "[daemon]\nshards = 2\n\(Self.account)local_port = \(port)\n")
    }
    #expect(
      try errors("local_address_v4 = \"192.0.2.1\"", "local_address = \"192.0.2.7\"") == [
        "local_address must be one that the daemon listens on, and 192.0.2.7 is none: local_address_v4 in [daemon] is "
          + "\"192.0.2.1\"; leave that out"
      ])
    #expect(try errors("local_address_v6 = \"off\"", "local_address = \"2001:db8::7\"").count == 1)
  }

  // MARK: Files

  @Test func certificatesAndKeysAreNamedByPathAndLookedAt() throws {
    let scratch = try ScratchDirectory()
    for name in ["ca.pem", "client.pem"] { try scratch.write("PEM", to: name, mode: 0o644) }
    try scratch.write("PEM", to: "client.key", mode: 0o600)
    func load(_ lines: String) throws -> Configuration {
      try scratch.write(Self.account + lines, to: "sipregd.toml")
      return try Configuration.load(scratch.file("sipregd.toml"), environment: ["CREDENTIALS_DIRECTORY": scratch.path])
    }
    let byFile = try load(
      "ca_file = \"ca.pem\"\ncertificate_file = \"client.pem\"\nprivate_key_file = \"client.key\"\n")
    let profile = try self.profile(byFile)
    #expect(profile.authorities == scratch.file("ca.pem"))
    #expect(profile.certificate == scratch.file("client.pem") && profile.privateKey == scratch.file("client.key"))
    let byCredential = try load(
      "ca_file = \"ca.pem\"\ncertificate_credential = \"client.pem\"\nprivate_key_credential = \"client.key\"\n")
    #expect(try self.profile(byCredential) == profile)

    func errors(_ lines: String) throws -> [String] {
      try #require(throws: ConfigurationErrors.self) { try load(lines) }.errors.map {
        $0.message.replacing(scratch.path, with: "DIR")
      }
    }
    #expect(
      try errors("certificate_file = \"client.pem\"\n") == [
        "private_key_file is missing: that of the certificate; it may be the same file"
      ])
    #expect(
      try errors("private_key_file = \"client.key\"\n") == [
        "certificate_file is missing: the one that the private key belongs to"
      ])
    #expect(
      try errors("certificate_file = \"client.pem\"\nprivate_key_file = \"ca.pem\"\n") == [
        "private_key_file: DIR/ca.pem holds a secret and is open to every user (mode 0644); run: chmod 640 DIR/ca.pem"
      ])
    #expect(
      try errors("certificate_file = \"client.pem\"\ncertificate_credential = \"client.pem\"\n").first
        == "certificate_file and certificate_credential exclude each other")
    try scratch.write("", to: "ca.pem")
    #expect(try errors("ca_file = \"ca.pem\"\n") == ["ca_file: DIR/ca.pem is empty"])
  }

  @Test func anAccountWithACertificateOfItsOwnDoesNotTakeTheKeyOfItsProxy() throws {
    let scratch = try ScratchDirectory()
    for name in ["a.pem", "a.key", "b.pem", "b.key"] { try scratch.write("PEM", to: name) }
    try scratch.write(
      "[proxy.edge]\nroutes = [[\"edge.example.net\"]]\ncertificate_file = \"a.pem\"\nprivate_key_file = \"a.key\"\n"
        + Self.account + "outbound_proxy = \"edge\"\ncertificate_file = \"b.pem\"\nprivate_key_file = \"b.key\"\n",
      to: "sipregd.toml")
    let configuration = try Configuration.load(scratch.file("sipregd.toml"))
    #expect(configuration.profiles.map(\.privateKey) == [scratch.file("b.key")])
  }

  // MARK: Questions

  @Test(arguments: [
    ("registrar = \"example.com:5061\"", ["registrar has port 5061, that of TLS: add transport = \"tls\""]),
    ("registrar = \"example.com:5061\"\ntransport = \"tls\"", []), ("registrar = \"sips:example.com:5061\"", []),
    ("registrar = \"example.com:5061;transport=udp\"", []),
    (
      "registrar = \"example.com:5060\"\ntransport = \"tls\"",
      ["registrar has port 5060, that of UDP and TCP: TLS is at 5061 mostly"]
    ),
    ("registrar = \"example.com:5061\"\noutbound_proxy = \"edge.example.net\"", []),
    (
      "outbound_proxy = \"edge.example.net:5061\"",
      ["outbound_proxy has port 5061, that of TLS: add transport = \"tls\""]
    ),
    ("outbound_proxy = \"tls://edge.example.net:5061\"", []),
  ])
  func thePortOfAnotherTransportIsAskedAbout(lines: String, says: [String]) throws {
    let configuration = try Configuration.parse(text: Self.account + lines + "\n")
    #expect(configuration.warnings.errors.map(\.message) == says)
  }

  @Test(arguments: [
    ("verify_server", "ca_file"), ("tls_verify", "ca_file"), ("insecure", "ca_file"), ("verify_certificate", "ca_file"),
    ("ca_list_file", "\"ca_file\""), ("cert_file", "\"certificate_file\""), ("priv_key_file", "\"private_key_file\""),
    ("certificate", "\"certificate_file\""), ("private_key", "\"private_key_file\""), ("method", "TLS 1.2"),
    ("tls_ciphers", "TLS 1.2"), ("root_ca", "\"ca_file\""), ("client_cert_key", "\"private_key_file\""),
    ("tls", "transport = \"tls\""), ("srtp", "calls"), ("tos", "\"dscp\""), ("bind", "\"local_address\""),
    ("qualify_frequency", "\"keepalive\""), ("ws_path", "\"websocket_path\""), ("device", "\"interface\""),
  ])
  func aKeyOfTLSInAnotherProgramIsAnsweredWithOurs(key: String, meant: String) throws {
    let message = try #require(errors(Self.account + "\(key) = \"x\"\n").first)
    #expect(message.hasPrefix("unknown key \"\(key)\"; ") && message.contains(meant), "\(message)")
  }
}
