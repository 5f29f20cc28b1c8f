import SIPMessage
import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

/// What an operator meant who knows another program.
@Suite struct ConfigurationHintTests {
  static let account = "[[account]]\naor = \"sip:a@example.com\"\n"

  private func errors(_ text: String) throws -> [String] {
    try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: text) }.errors.map(\.message)
  }

  @Test(arguments: [
    ("secret", "password"), ("passwd", "password"), ("Password", "password"), ("auth_password", "password"),
    ("auth_pass", "password"), ("remotesecret", "password"), ("user", "username"), ("auth_username", "username"),
    ("auth_user", "username"), ("auth-user", "username"), ("authUser", "username"), ("auth-username", "username"),
    ("authorization_username", "username"), ("userid", "username"), ("r_username", "username"), ("auth_ha1", "ha1"),
    ("md5_cred", "ha1"), ("proxy", "outbound_proxy"), ("outboundproxy", "outbound_proxy"),
    ("outbound", "outbound_proxy"),
    ("outbound-proxy", "outbound_proxy"), ("register-proxy", "outbound_proxy"), ("auth_proxy", "outbound_proxy"),
    ("reg_route", "outbound_proxy"), ("route", "outbound_proxy"), ("host", "registrar"), ("server", "registrar"),
    ("server_uri", "registrar"), ("registrar_uri", "registrar"), ("reg_proxy", "registrar"), ("r_domain", "registrar"),
    ("sip_server", "registrar"), ("client_uri", "aor"), ("reg_identity", "aor"), ("uri", "aor"), ("extension", "aor"),
    ("domain", "registrar"), ("domain", "aor"), ("l_domain", "aor"), ("auth_realm", "realm"), ("expiration", "expires"),
    ("expiry", "expires"), ("expire-seconds", "expires"), ("regint", "expires"), ("reg_expires", "expires"),
    ("ttl", "expires"),
    ("register-transport", "transport"), ("protocol", "transport"), ("from-user", "from"),
    ("contact_addr", "contact_host"),
    ("binding_URI", "contact_host"), ("external_ip", "contact_host"), ("contact-params", "contact_parameters"),
    ("binding_params", "contact_parameters"), ("rewrite_contact", "contact_rewrite"), ("sipnat", "contact_rewrite"),
    ("register", "enabled"), ("retry_interval", "retry_base"), ("retry-seconds", "retry_base"),
    ("reg_delay", "retry_base"),
    ("forbidden_retry_interval", "refused_probe_interval"), ("max_retries", "retry_maximum"), ("l_uuid", "name"),
    ("outbound_auth", "credentials"), ("port", "registrar"), ("socket", "local_address"), ("usrename", "username"),
    ("password file", "password_file"), ("tls", "transport"), ("natping", "keepalive"), ("codecs", "calls"),
    ("shards", "[daemon]"), ("level", "[log]"), ("strict_routing", "[proxy.NAME]"),
  ])
  func aKeyOfAnotherProgramNamesTheOneThatIsMeant(key: String, meant: String) throws {
    let message = try #require(errors(Self.account + "\"\(key)\" = \"x\"\n").first)
    #expect(
      message.hasPrefix("unknown key \"\(key)\"; ") && message.dropFirst(key.count + 14).contains(meant), "\(message)")
  }

  @Test(arguments: [
    ("[daemon]\nport = 5060\n", "unknown key \"port\"; did you mean \"local_port\"?"),
    ("[daemon]\nbind = \"x\"\n", "unknown key \"bind\"; did you mean \"local_address_v4\"?"),
    ("[daemon]\nexpires = 60\n", "unknown key \"expires\"; it belongs into [[account]] or [defaults]"),
    ("[daemon]\nlog_level = \"x\"\n", "unknown key \"log_level\"; it belongs into [log]: level and target"),
    ("[daemon]\nuser = \"sip\"\n", "unknown key \"user\"; systemd does that: see systemd/sipregd.service"),
    ("[daemon]\naccounts = \"x\"\n", "unknown key \"accounts\"; did you mean \"accounts_file\"?"),
    ("[log]\ndebug = true\n", "unknown key \"debug\"; did you mean \"level\"?"),
    ("[general]\nx = 1\n", "unknown key \"general\"; did you mean \"daemon\"?"),
    ("[[gateway]]\nx = 1\n", "unknown key \"gateway\"; did you mean \"account\"?"),
    ("[[accounts]]\nx = 1\n", "unknown key \"accounts\"; did you mean \"account\"?"),
    ("password = \"x\"\n", "unknown key \"password\"; it belongs into [[account]] or [defaults]"),
    ("[proxy.x]\nroutes = [[\"a.example\"]]\nlr = true\n", "unknown key \"lr\"; did you mean \"strict_routing\"?"),
    (
      account + "credentials = [{ user = \"x\", password = \"y\" }]\n",
      "unknown key \"user\"; did you mean \"username\"?"
    ),
  ])
  func everyTableKnowsItsOwnNeighbours(text: String, says: String) throws {
    #expect(try errors(text) == [says])
  }

  @Test func noForeignNameIsAKeyOrHasTwoMeanings() {
    func check<Key: ConfigurationKey>(_ type: Key.Type) {
      for name in Key.foreign.meant.keys {
        #expect(Key.named(name) == nil && Key.foreign.words[name] == nil, "\(name)")
        #expect(name.allSatisfy { $0.isLowercase || $0.isNumber }, "\(name)")
      }
    }
    check(RootKey.self)
    check(DaemonKey.self)
    check(LogKey.self)
    check(ProxyKey.self)
    check(AccountKey.self)
    check(CredentialKey.self)
  }

  // MARK: URIs

  @Test(arguments: [
    ("aor", "sip:9901#1@example.com", "sip:9901%231@example.com"),
    ("aor", "9901#1@example.com", "sip:9901%231@example.com"),
    ("aor", "sip:jürgen@example.com", "sip:j%C3%BCrgen@example.com"),
    ("aor", "sip:100%@example.com", "sip:100%25@example.com"),
    ("aor", "\"Alice\" <sip:alice@example.com>", "sip:alice@example.com"),
    ("aor", "Alice <sip:a@b.example>;x=1", "sip:a@b.example"),
    ("aor", "sip://alice@example.com", "sip:alice@example.com"),
    ("aor", " sip:alice@example.com ", "sip:alice@example.com"),
    ("aor", "sip:9901%231#2@example.com", "sip:9901%231%232@example.com"),
    ("from", "sip:9#1@b.example", "sip:9%231@b.example"),
    ("registrar", "sip://example.com", "sip:example.com"), ("registrar", "example.com/", "sip:example.com"),
    ("registrar", "udp:192.0.2.1:5060", "sip:192.0.2.1:5060;transport=udp"),
    ("registrar", "tls:example.com", "sip:example.com;transport=tls"),
    ("registrar", "sip+tls://example.com:5061", "sip:example.com:5061;transport=tls"),
    ("registrar", "sips://example.com", "sips:example.com"), ("aor", "tls:alice@example.com", "sip:alice@example.com"),
    ("outbound_proxy", "WSS:edge.example.net", "sip:edge.example.net;transport=wss"),
    ("registrar", "Main <sip:example.com>", "sip:example.com"),
    ("outbound_proxy", "https://edge.example.net/", "sip:edge.example.net"),
  ])
  func anAddressThatIsNearlyOneIsAnsweredWithWhatToWrite(key: String, value: String, write: String) throws {
    let account = key == "aor" ? "[[account]]\n" : Self.account
    let message = try #require(errors("\(account)\(key) = '\(value)'\n").first)
    #expect(message.hasPrefix("\(key) must be ") && message.hasSuffix("; did you mean \"\(write)\"?"), "\(message)")
    #expect(throws: Never.self) { try Configuration.parse(text: "\(account)\(key) = '\(write)'\n") }
  }

  @Test(arguments: ["sip:a:hunter2@exa mple.com", "<sip:a:hunter2@example.com> x", "a:hunter2#@example.com"])
  func noHintShowsAPassword(value: String) throws {
    #expect(try !errors("[[account]]\naor = '\(value)'\n").joined().contains("hunter2"))
  }

  // MARK: Questions

  private func warnings(_ text: String) throws -> [String] {
    try Configuration.parse(text: text).warnings.errors.map(\.description)
  }

  @Test(arguments: [
    (
      "aor = \"sip:bob@example.com:5070\"",
      "sipregd.toml:2: account: aor has a port, and an address of record has none; did you mean "
        + "aor = \"sip:bob@example.com\" and registrar = \"sip:example.com:5070\"?"
    ),
    (
      "aor = \"sip:bob@example.com:5061\"",
      "sipregd.toml:2: account: aor has a port (5061 is that of TLS), and an address of record has none; "
        + "did you mean aor = \"sip:bob@example.com\" and registrar = \"sip:example.com:5061;transport=tls\"?"
    ),
    (
      "aor = \"sip:bob@example.com:5070\"\nregistrar = \"192.0.2.1\"",
      "sipregd.toml:2: account: aor has a port, and an address of record has none; did you mean "
        + "aor = \"sip:bob@example.com\"?"
    ),
    (
      "aor = \"sip:bob@example.com\"\nregistrar = \"example.com:5061\"",
      "sipregd.toml:3: account: registrar has port 5061, that of TLS: add transport = \"tls\""
    ),
    (
      "aor = \"sip:bob@example.com\"\nexpires = 60\nminimum_interval = 60",
      "sipregd.toml:4: account: minimum_interval (1 min) leaves no room for a refresh before expires (1 min): "
        + "every binding lapses"
    ),
  ])
  func whatIsHardlyMeantIsAskedAboutAndTaken(lines: String, says: String) throws {
    let text = "[[account]]\n\(lines)\n"
    #expect(try warnings(text) == [says])
    #expect(try Configuration.parse(text: text).accounts.count == 1)
    #expect(try warnings(Self.account).isEmpty)
  }

  @Test func aFileOfSuchAccountsIsAskedAboutAFewTimes() throws {
    let scratch = try ScratchDirectory()
    try scratch.write("[daemon]\naccounts_file = \"a.jsonl\"\n", to: "sipregd.toml")
    let lines = (0..<1_000).map { #"{"aor": "sip:\#($0)@example.com:5061"}"# }
    try scratch.write(lines.joined(separator: "\n"), to: "a.jsonl")
    let configuration = try Configuration.load(scratch.file("sipregd.toml"))
    #expect(configuration.accounts.count == 1_000)
    #expect((1...ConfigurationErrors.kept).contains(configuration.warnings.errors.count))
  }

  // MARK: Realms

  @Test(
    arguments: [
      ("realm = \"*\"", nil), ("realm = \"\"", nil), ("", nil), ("realm = \"r\"", "r"), ("realm = \" *\"", " *"),
    ] as [(String, String?)])
  func aStarIsEveryRealm(line: String, realm: String?) throws {
    let account = try Configuration.parse(text: Self.account + "password = \"x\"\n\(line)\n").accounts[0]
    #expect(account.credentials == [Credential(username: "a", realm: realm, password: "x")])
  }

  @Test func aStarTakesTheRealmOfTheDefaultsAwayAndIsNoneForAHash() throws {
    let text = "[defaults]\nrealm = \"r\"\n" + Self.account + "credentials = [{ realm = \"*\", password = \"x\" }]\n"
    #expect(try Configuration.parse(text: text).accounts[0].credentials == [Credential(username: "a", password: "x")])
    let hash = Self.account + "realm = \"*\"\nha1 = \"\(String(repeating: "0", count: 32))\"\n"
    #expect(try errors(hash).first?.hasPrefix("realm is missing") == true)
  }

  @Test func anEmptyPasswordIsAPassword() throws {
    let account = try Configuration.parse(text: Self.account + "password = \"\"\n").accounts[0]
    #expect(account.credentials == [Credential(username: "a", password: "")])
  }
}
