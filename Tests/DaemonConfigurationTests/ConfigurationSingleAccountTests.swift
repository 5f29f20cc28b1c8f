import SIPMessage
import SIPUserAgent
import Testing

@testable import DaemonConfiguration

@Suite struct ConfigurationSingleAccountTests {
  @Test func theCommandLineOfTheReadmeMakesOneAccount() throws {
    let configuration = try Configuration.singleAccount(
      server: "192.168.1.10:5060", username: "alice", password: "secret123")
    #expect(
      configuration.accounts == [
        Account(
          name: "alice@192.168.1.10", addressOfRecord: try URI("sip:alice@192.168.1.10"),
          registrar: try URI("sip:192.168.1.10:5060"),
          credentials: [Credential(username: "alice", password: "secret123")])
      ])
    #expect(configuration.path == nil)
  }

  @Test(arguments: [
    (["192.168.1.20:5060"], false, "sip:192.168.1.20:5060;lr"),
    (["192.168.1.20:5060;lr"], false, "sip:192.168.1.20:5060;lr"),
    (["sip:192.168.1.20"], true, "sip:192.168.1.20"),
    (["a.example", "b.example;lr"], false, "sip:a.example;lr > sip:b.example;lr"),
  ])
  func anOutboundProxyIsWrittenAsInTheFile(proxy: [String], isStrict: Bool, route: String) throws {
    let configuration = try Configuration.singleAccount(
      server: "[2001:db8::1]", username: "a b", password: "x", domain: "example.com", outboundProxy: proxy,
      strictRouting: isStrict, expires: "10 min", transport: "tcp", localPort: 0)
    let account = try #require(configuration.accounts.first)
    #expect(account.addressOfRecord == (try URI("sip:a%20b@example.com")))
    #expect(account.registrar == (try URI("sip:[2001:db8::1]")))
    #expect(account.routes.map(\.description) == [route.replacing(/^[^ ]+/) { "\($0.output);transport=tcp" }])
    #expect(account.expires == 600)
    #expect(configuration.daemon.localPort == 0)
  }

  @Test func mistakesAreSaidInTheWordsOfTheOptions() throws {
    let errors = try #require(throws: ConfigurationErrors.self) {
      try Configuration.singleAccount(
        server: "a:b:c", username: "x\n", password: "hunter2\u{0}", domain: "", outboundProxy: ["?"], expires: "0",
        transport: "sctp")
    }
    #expect(
      errors.errors.map(\.description) == [
        "--server must be a host, host:port or SIP URI such as \"sip:example.com\", not \"a:b:c\"",
        "--username contains a control character (U+000A)",
        "--expires must be between 1 s and 366 d, not 0 s",
        "--outbound-proxy must be a host, host:port or SIP URI such as \"sip:edge.example.net;lr\", not \"?\"",
        "--domain must be a SIP URI such as \"sip:alice@example.com\", not \"sip:x%0A@\"",
        "--transport must be \"udp\", \"tcp\", \"tls\", \"ws\" or \"wss\", not \"sctp\"",
        "--password contains a control character (U+0000)",
      ])
  }
}
