import SIPUserAgent
import Testing

@testable import DaemonConfiguration

@Suite struct ConfigurationErrorTests {
  /// What is wrong, and what is said about it.
  struct Mistake: CustomTestStringConvertible {
    let text: String
    let says: [String]

    init(_ text: String, _ says: String...) { (self.text, self.says) = (text, says) }

    /// In an account that is otherwise well.
    static func account(_ line: String, _ says: String, at number: Int = 3) -> Mistake {
      Mistake(
        "[[account]]\naor = \"sip:a@example.com\"\n\(line)\n", "sipregd.toml:\(number): account: \(says)")
    }

    static func daemon(_ line: String, _ says: String) -> Mistake {
      Mistake("[daemon]\n\(line)\n", "sipregd.toml:2: [daemon]: \(says)")
    }

    var testDescription: String { text.split(separator: "\n").joined(separator: " / ") }
  }

  static let syntax = [
    Mistake("[daemon\n", "sipregd.toml:1: expected \"]\" after the table's name (column 8)"),
    Mistake("\n\nx = y\n", "sipregd.toml:3: expected a value; a text needs quotes (column 5)"),
    Mistake("[daemon]\n[daemon]\n", "sipregd.toml:2: [daemon] is already defined (line 1) (column 1)"),
    Mistake("[demon]\n", "sipregd.toml:1: unknown key \"demon\"; did you mean \"daemon\"?"),
    Mistake("zebra = 1\n", "sipregd.toml:1: unknown key \"zebra\""),
    Mistake("daemon = 1\n", "sipregd.toml:1: daemon must be a table: [daemon], not an integer"),
    Mistake("[account]\n", "sipregd.toml:1: account must be an array of tables: [[account]], not a table"),
    Mistake("account = [1]\n", "sipregd.toml:1: account must be an array of tables: [[account]], not an integer"),
    Mistake("[proxy]\nedge = 1\n", "sipregd.toml:2: proxy must hold tables: [proxy.edge]"),
    Mistake(
      "[proxy.edge]\nroutes = [\(repeatElement("[\"a.example\"]", count: 33).joined(separator: ", "))]\n",
      "sipregd.toml:2: [proxy.edge]: routes must hold 32 chains at most, not 33"),
    Mistake(
      "[log]\nlevel = \"loud\"\n",
      "sipregd.toml:2: [log]: level must be \"debug\", \"info\", \"notice\", \"warning\" or \"error\", not \"loud\""),
    Mistake("[defaults]\nname = \"x\"\n", "sipregd.toml:2: [defaults]: name belongs to an account, not to all of them"),
  ]

  static let daemon: [Mistake] = [
    .daemon("local_prot = 1", "unknown key \"local_prot\"; did you mean \"local_port\"?"),
    .daemon("local_port = 65536", "local_port must be between 0 and 65535, not 65536"),
    .daemon("local_port = \"5060\"", "local_port must be a whole number, not a string"),
    .daemon("unregister_on_stop = 1", "unregister_on_stop must be true or false, not an integer"),
    .daemon("state_directory = \"state\"", "state_directory must begin with \"/\", not be \"state\""),
    .daemon(
      "stop_timeout = \"soon\"",
      "stop_timeout must be a number of seconds, or a time such as \"30 min\", not a string"),
    .daemon("stop_timeout = \"1 h\"", "stop_timeout must be between 0 s and 10 min, not 1 h"),
    .daemon(
      "local_address_v4 = \"::1\"",
      "local_address_v4 must be an IPv4 address such as \"192.0.2.1\" or \"off\", not \"::1\""),
    .daemon("user_agent = \"\"", "user_agent must be 1 to 256 printable ASCII characters"),
    .daemon("user_agent = \"a\\r\\nVia: b\"", "user_agent contains a control character (U+000D)"),
    .daemon("user_agent = \"a\\u0000\"", "user_agent contains a control character (U+0000)"),
    .daemon(
      "dns_servers = [\"dns.example.com\"]",
      "dns_servers must be addresses such as \"192.0.2.53\" or \"[2001:db8::53]:5353\", not \"dns.example.com\""),
    .daemon("dns_servers = 8", "dns_servers must be a string or an array of strings, not an integer"),
    .daemon(
      "accounts_file = \"/nowhere/accounts.jsonl\"",
      "accounts_file: cannot read /nowhere/accounts.jsonl: No such file or directory"),
    Mistake(
      "[daemon]\nlocal_address_v4 = \"off\"\nlocal_address_v6 = \"off\"\n",
      "sipregd.toml:1: [daemon]: local_address_v4 and local_address_v6 are both \"off\": one of them must stay"),
  ]

  static let account: [Mistake] = [
    Mistake(
      "[[account]]\nname = \"a\"\n",
      "sipregd.toml:1: account \"a\": aor is missing: a SIP URI such as \"sip:alice@example.com\""),
    Mistake(
      "[[account]]\naor = \"sip:example.com\"\n",
      "sipregd.toml:2: account: aor must have a user part, as in sip:alice@example.com: \"sip:example.com\""),
    Mistake(
      "[[account]]\naor = \"sip:a b@example.com\"\n",
      "sipregd.toml:2: account: aor must be a SIP URI such as \"sip:alice@example.com\", not \"sip:a b@example.com\""),
    Mistake(
      "[[account]]\naor = \"sip:a@192.168.1.300\"\n",
      "sipregd.toml:2: account: aor has a host that is neither a name nor an address: \"sip:a@192.168.1.300\""),
    Mistake(
      "[[account]]\naor = \"sip:a@b.example;x=1\"\n",
      "sipregd.toml:2: account: aor must not have parameters: \"sip:a@b.example;x=1\""),
    Mistake(
      "[[account]]\nname = \"a\"\naor = \"sip:a@b.example\"\n[[account]]\nname = \"a\"\naor = \"sip:c@b.example\"\n",
      "sipregd.toml:4: account \"a\": the name is already taken (sipregd.toml:1)"),
    .account("exipres = 5", "unknown key \"exipres\"; did you mean \"expires\"?"),
    .account("expires = 0", "expires must be between 1 s and 366 d, not 0 s"),
    .account("expires = 1.5", "expires must be a number of seconds, or a time such as \"30 min\", not a fraction"),
    .account("name = \"\"", "name must be 1 to 255 bytes long", at: 3).placed("account \"\""),
    .account(
      "registrar = \"sip:x@example.com\"",
      "registrar must not have a user part (RFC 3261 §10.2): \"sip:x@example.com\""),
    .account(
      "registrar = \"sip:example.com?x=y\"",
      "registrar must not hold header fields after \"?\": \"sip:example.com?x=y\""),
    .account("registrar = \"example.com:0\"", "registrar must not have port 0: \"example.com:0\""),
    .account(
      "registrar = \"example.com;transport=sctp\"",
      "registrar must not have another transport than udp, tcp, tls, ws or wss: \"example.com;transport=sctp\""),
    .account(
      "transport = \"sctp\"",
      "transport must be \"udp\", \"tcp\", \"tls\", \"ws\" or \"wss\", not \"sctp\""),
    .account(
      "outbound_proxy = \"a.example, b.example\"",
      "outbound_proxy must be a host, host:port or SIP URI such as \"sip:edge.example.net;lr\", "
        + "not \"a.example, b.example\""),
    .account(
      "outbound_proxy = \"sip:a.example;lr,sip:b.example;lr\"",
      "outbound_proxy must be one URI; several make an array [\"…\", \"…\"]: \"sip:a.example;lr,sip:b.example;lr\""),
    .account(
      "outbound_proxy = 7",
      "outbound_proxy must be a host, host:port, SIP URI, the name of a [proxy.NAME] or an array of them, "
        + "not an integer"),
    .account("outbound_proxy = [1]", "outbound_proxy must be a chain of strings, not of an integer"),
    .account(
      "outbound_proxy = { routes = [\"a.example\"] }",
      "outbound_proxy is wrong: routes must be an array of chains, such as [[\"sip:a.example.net\"], "
        + "[\"sip:b.example.net\"]]: each chain is an array"),
    .account(
      "outbound_proxy = { routes = [[\"a.example;lr\"]], strict_routing = true }",
      "outbound_proxy is wrong: routes has \";lr\", which asks for loose routing, and strict_routing = true: "
        + "\"a.example;lr\""),
    Mistake(
      "[proxy.edge]\nroutes = [[\"a.example\"]]\n[[account]]\naor = \"sip:a@b.example\"\noutbound_proxy = \"egde\"\n",
      "sipregd.toml:5: account: outbound_proxy names no [proxy.egde]; did you mean \"edge\"?"),
    Mistake(
      "[proxy.edge]\nroute = 1\n",
      "sipregd.toml:1: [proxy.edge]: routes is missing: an array of chains, such as "
        + "[[\"sip:a.example.net\"], [\"sip:b.example.net\"]]",
      "sipregd.toml:2: [proxy.edge]: unknown key \"route\"; did you mean \"routes\"?"),
    .account("contact_host = \"a b\"", "contact_host must be a host name or an address, not \"a b\""),
    .account("contact_port = 0", "contact_port must be between 1 and 65535, not 0"),
    .account(
      "contact_parameters = \"?x\"",
      "contact_parameters must be URI parameters such as \";transport=tcp\", not \";?x\""),
    .account("username = \"a\\nb\"", "username contains a control character (U+000A)"),
    .account(
      "refresh_window_start = 95",
      "refresh_window_start (95) is after refresh_window_end (90)"),
    .account("retry_base = \"1 h\"", "retry_base (1 h) is above retry_maximum (30 min)"),
    .account(
      "refused_probe_interval = \"sometimes\"",
      "refused_probe_interval must be \"never\", a number of seconds, or a time such as \"30 min\", not a string"),
  ]

  @Test(arguments: syntax + daemon + account)
  func aMistakeIsSaidWithItsLineAndItsRemedy(mistake: Mistake) throws {
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: mistake.text) }
    #expect(errors.errors.map(\.description) == mistake.says)
  }

  @Test func everyMistakeIsSaidAtOnceInTheOrderOfTheFile() throws {
    let text = """
      [[account]]
      aor = 1
      [proxy.x]
      routes = 2
      [daemon]
      shards = 0
      [[account]]
      aor = "sip:a@example.com"
      expires = "x"
      """
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: text) }
    #expect(errors.errors.map(\.line) == [2, 4, 6, 9])
  }

  @Test func ofAMillionMistakesTheFirstAreShownAndTheRestCounted() throws {
    let text = String(repeating: "[[account]]\naor = 1\n", count: 1_000)
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: text) }
    #expect(errors.errors.count == ConfigurationErrors.kept)
    #expect(errors.count == 1_000)
    #expect(errors.description.hasSuffix("\nand 900 more"))
  }
}

extension ConfigurationErrorTests.Mistake {
  fileprivate func placed(_ place: String) -> Self {
    Self(
      text,
      replacing: says.map { says in
        says.replacing(": account: ", with: ": \(place): ")
      })
  }

  private init(_ text: String, replacing says: [String]) { (self.text, self.says) = (text, says) }
}
