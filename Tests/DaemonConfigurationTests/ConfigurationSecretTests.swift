import SIPMessage
import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

@Suite struct ConfigurationSecretTests {
  static let account = "[[account]]\naor = \"sip:a@example.com\"\n"
  static let digits = String(repeating: "c0ffee5ec4e7", count: 6)

  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func load(_ text: String, mode: Int = 0o600, credentials: String? = nil) throws -> Configuration {
    try scratch.write(text, to: "sipregd.toml", mode: mode)
    let environment = credentials.map { ["CREDENTIALS_DIRECTORY": $0] } ?? [:]
    return try Configuration.load(scratch.file("sipregd.toml"), environment: environment)
  }

  private func errors(_ text: String, mode: Int = 0o600, credentials: String? = nil) throws -> [String] {
    let errors = try #require(throws: ConfigurationErrors.self) {
      try load(text, mode: mode, credentials: credentials)
    }
    return errors.errors.map { $0.description.replacing(scratch.path, with: "DIR") }
  }

  @Test(arguments: [0o644, 0o604, 0o602, 0o666, 0o777])
  func aFileWithAPasswordThatIsOpenToEveryUserIsRefused(mode: Int) throws {
    let octal = String(mode, radix: 8)
    let text = Self.account + "password = \"hunter2\"\n" + Self.account + "name = \"b\"\npassword = \"hunter3\"\n"
    #expect(
      try errors(text, mode: mode) == [
        "DIR/sipregd.toml:3: account: DIR/sipregd.toml holds a secret and is open to every user (mode 0\(octal)); "
          + "run: chmod 640 DIR/sipregd.toml"
      ])
  }

  @Test(arguments: [0o600, 0o640, 0o660, 0o400])
  func aFileWithAPasswordForOwnerAndGroupIsRead(mode: Int) throws {
    let account = try #require(load(Self.account + "password = \"hunter2\"\n", mode: mode).accounts.first)
    #expect(account.credentials == [Credential(username: "a", password: "hunter2")])
  }

  @Test func aHashIsASecretToo() throws {
    let text = Self.account + "realm = \"r\"\nha1 = \"\(Self.digits.prefix(32))\"\n"
    #expect(try errors(text, mode: 0o644).count == 1)
  }

  @Test func anAccountsFileAndAPasswordFileAreJudgedByTheirOwnModes() throws {
    let text = "[daemon]\naccounts_file = \"accounts.jsonl\"\n" + Self.account + "password_file = \"a.password\"\n"
    let line = #"{"aor": "sip:b@example.com", "password": "hunter2"}"# + "\n"
    try scratch.write("\n" + line, to: "accounts.jsonl", mode: 0o644)
    try scratch.write("hunter3\n", to: "a.password", mode: 0o604)
    #expect(
      try errors(text, mode: 0o644) == [
        "DIR/sipregd.toml:5: account: password_file: DIR/a.password holds a secret and is open to every user "
          + "(mode 0604); run: chmod 640 DIR/a.password",
        "DIR/accounts.jsonl:2: account: DIR/accounts.jsonl holds a secret and is open to every user (mode 0644); "
          + "run: chmod 640 DIR/accounts.jsonl",
      ])
  }

  @Test(arguments: [
    ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), (" pass word ", " pass word "),
    ("pässwörd\n", "pässwörd"),
  ])
  func aPasswordFileHoldsOneLine(content: String, password: String) throws {
    try scratch.write(content, to: "secret")
    let byFile = try #require(load(Self.account + "password_file = \"secret\"\n").accounts.first)
    #expect(byFile.credentials == [Credential(username: "a", password: password)])
    let text = Self.account + "credential = \"secret\"\n"
    let byCredential = try #require(load(text, credentials: scratch.path).accounts.first)
    #expect(byCredential.credentials == byFile.credentials)
  }

  @Test(arguments: ["hunter2\nhunter3\n", "hunter2\u{0}", String(repeating: "x", count: 1_025)])
  func aPasswordFileWithAnythingElseIsRefused(content: String) throws {
    try scratch.write(content, to: "secret")
    #expect(
      try errors(Self.account + "password_file = \"secret\"\n") == [
        "DIR/sipregd.toml:3: account: password_file DIR/secret must hold one password on one line, 1024 bytes at most "
          + "without control characters"
      ])
  }

  @Test(
    arguments: [
      (
        "credential = \"x\"", nil,
        "credential: no credentials were handed over ($CREDENTIALS_DIRECTORY); is there a LoadCredential=x:… in the "
          + "unit?"
      ),
      ("credential = \"x\"", "/nowhere", "credential \"x\" cannot be read: No such file or directory"),
      ("credential = \"../x\"", "/tmp", "credential \"../x\" is not the name of a credential"),
      ("password_file = \"/nowhere/x\"", nil, "password_file: cannot read /nowhere/x: No such file or directory"),
      (
        "password_file = \"/dev/null\"", nil,
        "password_file: cannot read /dev/null: it is a device, not a file on a disk"
      ),
    ] as [(String, String?, String)])
  func aSecretThatIsNotThereIsSaidByItsPlace(line: String, credentials: String?, says: String) throws {
    #expect(
      try errors(Self.account + line + "\n", credentials: credentials) == ["DIR/sipregd.toml:3: account: " + says])
  }

  @Test func twoSourcesOfOneSecretExcludeEachOther() throws {
    let text = Self.account + "password = \"hunter2\"\npassword_file = \"x\"\n"
    #expect(
      try errors(text) == ["DIR/sipregd.toml:4: account: password and password_file exclude each other"])
    let both = Self.account + "password = \"hunter2\"\ncredentials = [{ password = \"hunter3\" }]\n"
    #expect(
      try errors(both) == [
        "DIR/sipregd.toml:1: account: credentials and a password of the account's own exclude each other"
      ])
  }

  @Test func severalHashesOfOnePasswordGoTogetherAndNeedTheirRealm() throws {
    let hashes = "ha1 = \"\(Self.digits.prefix(32))\"\nha1_sha512_256 = \"\(Self.digits.prefix(64))\"\n"
    let account = try #require(load(Self.account + "realm = \"r\"\n" + hashes).accounts.first)
    #expect(
      account.credentials == [
        Credential(username: "a", realm: "r", secret: .hashed(.md5, Array(Self.digits.utf8.prefix(32)))),
        Credential(username: "a", realm: "r", secret: .hashed(.sha512_256, Array(Self.digits.utf8.prefix(64)))),
      ])
    #expect(
      try errors(Self.account + hashes) == [
        "DIR/sipregd.toml:1: account: realm is missing: a hash (ha1…) was made for one realm and is good for that one "
          + "only"
      ])
  }

  /// Every way to get a secret wrong that came to mind; none may show it.
  @Test(arguments: [
    "password = hunter2", "password = \"hunter2", "password = 'hunter2", "password \"hunter2\"",
    "password = [\"hunter2\"]", "password = { hunter2 = 1 }", "password = \"hunter2\\u0000\"",
    "password = \"hunter2\\q\"", "password = \"hunter2\"\npassword = \"hunter2\"", "password = \"\"\"\nhunter2",
    "ha1 = \"hunter2\"", "ha1_sha256 = \"hunter2\"", "ha1 = \"hunter2\"\npassword = \"hunter2\"",
    "password = \"hunter2\"\npassword_file = \"nowhere\"", "credentials = \"hunter2\"", "credentials = [\"hunter2\"]",
    "credentials = [{ password = \"hunter2\", user = \"x\" }]", "registrar = \"sip:a:hunter2@example.com\"",
    "outbound_proxy = \"a:hunter2@example.com\"", "outbound_proxy = \"sips:a:hunter2@example.com\"",
    "from = \"<sip:a:hunter2@example.com>\"", "from = \"sipuser:hunter2@example.com x\"",
  ])
  func noErrorShowsASecret(line: String) throws {
    let errors = try #require(throws: ConfigurationErrors.self) {
      try Configuration.parse(text: Self.account + line + "\n")
    }
    #expect(!errors.description.contains("hunter2"))
  }

  @Test(arguments: [
    #"{"password": "hunter2", hunter2}"#, #"{"password": "hunter2}"#, #"{"password": hunter2}"#,
    #"{"password": "hunter2\x"}"#, #"{"password": "hunter2" "hunter2"}"#, #"{"password": ["hunter2"]}"#,
    #"{"password": "hunter2", "ha1": "hunter2"}"#, #"{"password": "hunter2", "expires": 0}"#, #""hunter2""#,
  ])
  func noErrorOfAnAccountsFileShowsASecret(line: String) throws {
    try scratch.write(line, to: "accounts.jsonl")
    let errors = try errors("[daemon]\naccounts_file = \"accounts.jsonl\"\n")
    #expect(errors.count == 1)
    #expect(!errors.description.contains("hunter2"))
  }

  @Test func aPrintedAccountShowsNoSecret() throws {
    let account = try #require(load(Self.account + "password = \"hunter2\"\n").accounts.first)
    #expect(!"\(account)".contains("hunter2"))
    #expect(!String(reflecting: account.credentials).contains("hunter2"))
  }
}
