import SIPMessage
import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

@Suite struct ConfigurationFileTests {
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func load(accounts: String) throws -> Configuration {
    let text = """
      [daemon]
      accounts_file = "accounts.jsonl"
      [proxy.edge]
      routes = [["edge.example.net"]]
      [[account]]
      name = "first"
      aor = "sip:first@example.com"
      """
    try scratch.write(text, to: "sipregd.toml")
    try scratch.write(accounts, to: "accounts.jsonl")
    return try Configuration.load(scratch.file("sipregd.toml"))
  }

  private func errors(accounts: String) throws -> [String] {
    let errors = try #require(throws: ConfigurationErrors.self) { try load(accounts: accounts) }
    return errors.errors.map { $0.description.replacing(scratch.path + "/", with: "") }
  }

  @Test func aFileThatIsNotThereIsSaidSo() throws {
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.load(scratch.file("none.toml")) }
    #expect(errors.description == "\(scratch.path)/none.toml: cannot read the file: No such file or directory")
    let directory = try #require(throws: ConfigurationErrors.self) { try Configuration.load(scratch.path) }
    #expect(directory.description == "\(scratch.path): cannot read the file: Is a directory")
  }

  @Test(arguments: [
    (
      "{\"aor\": 1}",
      "accounts.jsonl:1: account: aor must be a SIP URI such as \"sip:alice@example.com\", not an integer"
    ),
    (
      "\n\n{\"name\": \"x\"}",
      "accounts.jsonl:3: account \"x\": aor is missing: a SIP URI such as \"sip:alice@example.com\""
    ),
    ("{\"aor\": \"sip:a@b.example\"", "accounts.jsonl:1: expected \",\" or \"}\" (column 26)"),
    ("[]", "accounts.jsonl:1: expected an object: { … }, one a line and no array around them (column 1)"),
    ("1", "accounts.jsonl:1: expected an object: { … } (column 1)"),
    ("{\"aor\": \"sip:a@b.example\", \"aor\": 1}", "accounts.jsonl:1: the key \"aor\" is given twice (column 33)"),
    (
      "{\"aor\": \"sip:a@b.example\", \"shards\": 1}",
      "accounts.jsonl:1: account: unknown key \"shards\"; it belongs into [daemon]"
    ),
    (
      "{\"aor\": \"sip:first@b.example\", \"name\": \"first\"}",
      "accounts.jsonl:1: account \"first\": the name is already taken (sipregd.toml:5)"
    ),
    (
      "{\"aor\": \"sip:a@b.example\"}\n{\"aor\": \"sip:a@b.example\"}",
      "accounts.jsonl:2: account \"a@b.example\": the name is already taken (accounts.jsonl:1)"
    ),
    (
      "{\"aor\": \"sip:a@b.example\", \"from\": \"sip:\\r\\nVia\"}",
      "accounts.jsonl:1: account: from contains a control character (U+000D)"
    ),
  ])
  func aLineOfTheAccountsFileIsNamedByItsNumber(lines: String, says: String) throws {
    #expect(try errors(accounts: lines) == [says])
  }

  @Test func aLineThatIsNoTextOrEndlessIsRefusedAndTheNextIsRead() throws {
    try scratch.write("[daemon]\naccounts_file = \"a.jsonl\"\n", to: "sipregd.toml")
    var bytes = Array("{\"aor\": \"sip:".utf8) + [0xFF] + Array("\"}\n{\"aor\": \"".utf8)
    bytes += [UInt8](repeating: 0x61, count: 1_000_000) + Array("\"}\n{\"aor\": 1}\n".utf8)
    try scratch.write(.init(bytes), to: "a.jsonl")
    let errors = try #require(throws: ConfigurationErrors.self) {
      try Configuration.load(scratch.file("sipregd.toml"))
    }
    #expect(
      errors.errors.map { $0.description.replacing(scratch.path + "/", with: "") } == [
        "a.jsonl:1: not UTF-8 (column 14)", "a.jsonl:2: the line is longer than 65536 bytes (column 1)",
        "a.jsonl:3: account: aor must be a SIP URI such as \"sip:alice@example.com\", not an integer",
      ])
  }

  private static func line(_ number: Int) -> String {
    #"{"aor": "sip:\#(number)@example.com", "password": "p", "realm": "example.com", "outbound_proxy": "edge"}"#
  }

  @Test func accountsOfBothFilesComeInTheirOrder() throws {
    let configuration = try load(accounts: (0..<1_000).map(Self.line).joined(separator: "\n"))
    #expect(configuration.accounts.map(\.name) == ["first"] + (0..<1_000).map { "\($0)@example.com" })
    let last = try #require(configuration.accounts.last)
    #expect(last.routes == [RouteSet(proxies: [try URI("sip:edge.example.net;lr")])])
    #expect(last.credentials == [Credential(username: "999", realm: "example.com", password: "p")])
  }

  @Test func theOneMistakeAmongAHundredThousandAccountsIsFound() throws {
    var lines = (0..<100_000).map { #"{"aor":"sip:\#($0)@a.example"}"# }
    lines[77_776] = #"{"aor": "sip:x@example.com", "expires": "-5"}"#
    #expect(
      try errors(accounts: lines.joined(separator: "\n")) == [
        "accounts.jsonl:77777: account: expires must be a number of seconds, or a time such as \"30 min\", "
          + "not a string"
      ])
  }
}
