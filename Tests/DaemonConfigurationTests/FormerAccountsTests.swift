import SIPMessage
import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

@Suite struct FormerAccountsTests {
  private let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try scratch.write("[daemon]\naccounts_file = \"accounts.jsonl\"\n", to: "sipregd.toml")
  }

  private func load(_ lines: [String], after former: Configuration? = nil) throws -> Configuration {
    try scratch.write(lines.joined(separator: "\n"), to: "accounts.jsonl")
    return try Configuration.load(scratch.file("sipregd.toml"), after: former)
  }

  private static func line(_ number: Int, expires: Int = 600) -> String {
    #"{"aor": "sip:\#(number)@example.com", "expires": \#(expires)}"#
  }

  @Test func whatIsSaidAgainIsFoundWhereverItStandsNow() throws {
    let old = try load((0..<50).map { Self.line($0) })
    var former = FormerAccounts(old.accounts)
    for (number, account) in old.accounts.enumerated() {
      #expect(former.position(of: account.name, near: number) == number)
      #expect(former.position(of: account.name, near: 49 - number) == number)
      #expect(former.same(as: account, at: number + 1) == account)
    }
    #expect(former.position(of: "nobody", near: 3) == nil)
  }

  @Test func whatDiffersIsTakenFromTheNewFile() throws {
    let old = try load((0..<50).map { Self.line($0) })
    let new = try load((0..<50).reversed().map { Self.line($0, expires: $0 == 7 ? 60 : 600) }, after: old)
    #expect(new.accounts.map(\.expires) == (0..<50).reversed().map { $0 == 7 ? 60 : 600 })
    let diff = ConfigurationDiff(from: old, to: new)
    #expect(diff.changed.map(\.name) == ["7@example.com"])
    #expect(diff.unchanged == 49)
  }

  /// Read by several processors in blocks, or by one: the same accounts, the same lines in errors.
  @Test func theNumberOfProcessorsMakesNoDifference() throws {
    var lines = (0..<30_000).map { Self.line($0) }
    let all = try load(lines)
    #expect(all.accounts.map(\.name) == (0..<30_000).map { "\($0)@example.com" })
    #expect(try load(lines, after: all).accounts == all.accounts)
    lines[29_000] = Self.line(17)
    lines[28_000] = "{"
    lines[5] = "{}"
    for former in [nil, all] {
      let errors = try #require(throws: ConfigurationErrors.self) { try load(lines, after: former) }
      #expect(errors.errors.map(\.line) == [6, 28_001, 29_001])
    }
  }
}
