import SIPMessage
import SIPUserAgent
import Testing

@testable import DaemonConfiguration

/// A line that is read after the pattern of another comes to what it would come to by itself.
@Suite struct AccountPatternTests {
  /// What a line comes to: an account, or what is wrong.
  struct Outcome: Equatable {
    var account: Account?
    var isEnabled: Bool?
    var words: [String] = []
  }

  /// A profile has one number, whoever sees it first.
  private static let profiles = ProfileRegister(after: [])

  private static func reader(_ defaults: AccountDraft) -> AccountReader {
    var reader = AccountReader(secrets: SecretReader(credentialsDirectory: nil), profiles: profiles)
    reader.defaults = defaults
    return reader
  }

  private static func read(_ line: [UInt8], by reader: inout AccountReader) -> Outcome {
    let source = ConfigurationSource(name: "accounts.jsonl", directory: "", mode: nil)
    let list = ErrorList()
    do {
      let found = try reader.readAccount(line[...], number: 7, of: source, list: list)
      return Outcome(account: found?.account, isEnabled: found?.isEnabled, words: list.errors.lines)
    } catch {
      return Outcome(words: ["\(ConfigurationError(error, in: source.name))"])
    }
  }

  private func expectTheSame(
    _ line: [UInt8], after model: String, defaults: AccountDraft = AccountDraft(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var learned = Self.reader(defaults)
    var fresh = Self.reader(defaults)
    _ = Self.read(Array(model.utf8), by: &learned)
    #expect(
      Self.read(line, by: &learned) == Self.read(line, by: &fresh), "\(line[...].text)", sourceLocation: sourceLocation)
  }

  static let models = [
    #"{"name":"u1","aor":"sip:u1@a.example","registrar":"sip:r.example","username":"n1","password":"p1","expires":60}"#,
    #"{ "aor" : "sip:u1@a.example:5070" , "password" : "p1" }"#,
    #"{"aor":"sip:u1@192.0.2.7","outbound_proxy":["a.example","b.example"],"contact_rewrite":true,"name":"u1"}"#,
    #"{"password":"p1","realm":"r","aor":"sip:u1@a.example","transport":"tcp","enabled":false,"from":"sip:x@a.example"}"#,
    #"{"aor":"sip:u1@a.example","password":"p1","transport":"tls","dscp":46,"keepalive":25,"name":"u1"}"#,
    #"{"aor":"sip:u1@a.example","realm":"r","ha1":"0123456789abcdef0123456789abcdef","username":"n1"}"#,
    #"{"aor":"sip:u1@a.example","credentials":[{"username":"n1","password":"p1"}],"name":"u1"}"#,
    #"{"aor":"sips:u1@a.example","password":"p1","outbound_proxy":"b.example"}"#,
  ]

  /// That line for another user.
  private static func like(_ model: String) -> String {
    model.replacing("u1", with: "user2").replacing("n1", with: "other2").replacing("p1", with: "secret 2")
  }

  @Test(arguments: models.dropLast(3)) func aLineOfTheSameFormIsNotTakenApart(model: String) throws {
    var reader = Self.reader(AccountDraft())
    let first = try #require(Self.read(Array(model.utf8), by: &reader).account)
    let found = AccountPattern(Array(model.utf8)[...], first, isEnabled: true, defaults: AccountDraft())
    let pattern = try #require(found)
    let account = pattern.account(of: Self.like(model).utf8.span)
    #expect(account?.addressOfRecord.user?.text == "user2")
    let longer = pattern.account(of: (Self.like(model) + " ").utf8.span)
    #expect(longer == nil)
  }

  @Test(arguments: models) func aLineOfTheSameFormMeansTheSame(model: String) {
    expectTheSame(Array(Self.like(model).utf8), after: model)
    expectTheSame(Array(Self.like(model).replacing("a.example", with: "c.example").utf8), after: model)
  }

  /// Bytes that mean something to JSON, a URI or a terminal.
  @Test(arguments: models) func aByteMoreOrLessMeansTheSame(model: String) {
    let line = Array(Self.like(model).utf8)
    for place in line.indices {
      var shorter = line
      shorter.remove(at: place)
      expectTheSame(shorter, after: model)
      for byte in "\"\\{},:@;?% \u{7F}x".utf8 + [0x80] {
        var other = line
        other[place] = byte
        expectTheSame(other, after: model)
        other.insert(line[place], at: place)
        expectTheSame(other, after: model)
      }
    }
  }

  @Test(arguments: [
    ("u1", ""), ("u1", String(repeating: "u", count: 256)), ("u1", "u%41"), ("u1", "u\\u0041"), ("u1", "ü"),
    ("p1", ""), ("p1", String(repeating: "p", count: 1_024)), ("p1", String(repeating: "p", count: 1_025)),
    ("n1", ""), ("n1", String(repeating: "n", count: 70_000)), ("sip:u1", "sips:u1"), ("sip:u1", "SIP:u1"),
    ("sip:u1", "u1"), ("sip:u1@a.example", "<sip:u1@a.example>"), ("u1@", ""), ("u1@", "u1:p@"), ("u1@", "u1@u1@"),
    ("\"aor\"", "\"name\""), ("\"aor\"", "\"credentials\""), ("\"password\"", "\"password_file\""),
  ])
  func whatOughtToBeLookedAtIs(word: String, other: String) {
    for model in Self.models { expectTheSame(Array(model.replacing(word, with: other).utf8), after: model) }
  }

  @Test func defaultsHoldForLinesThatSayNothing() {
    var withName = AccountDraft()
    withName.username = "shared"
    var withSecrets = withName
    withSecrets.proof = .secrets([.password([1])])
    withSecrets.realm = "r"
    var withList = AccountDraft()
    withList.proof = .credentials([
      AccountDraft.CredentialDraft(username: "one", realm: nil, secrets: [.password([1])], line: 1),
      AccountDraft.CredentialDraft(username: nil, realm: "r", secrets: [.password([2])], line: 1),
    ])
    for model in Self.models + [#"{"aor":"sip:u1@a.example"}"#] {
      for defaults in [withName, withSecrets, withList] {
        expectTheSame(Array(Self.like(model).utf8), after: model, defaults: defaults)
      }
    }
  }

  /// None fits another for a while, and then all do.
  @Test func aRegularPartBehindAnIrregularOneIsReadAsWell() {
    var learned = Self.reader(AccountDraft())
    for number in 0..<400 {
      let line = Array(#"{"aor":"sip:u\#(number)@a.example","expires":\#(60 + min(number, 200))}"#.utf8)
      var fresh = Self.reader(AccountDraft())
      #expect(Self.read(line, by: &learned) == Self.read(line, by: &fresh))
    }
  }

  @Test func linesOfManyFormsTakeTurns() {
    var learned = Self.reader(AccountDraft())
    for round in 0..<3 {
      for form in 0..<12 {
        let line = Array(#"{"aor":"sip:u\#(round)@a\#(form).example","expires":\#(60 + form)}"#.utf8)
        var fresh = Self.reader(AccountDraft())
        #expect(Self.read(line, by: &learned) == Self.read(line, by: &fresh))
      }
    }
  }
}
