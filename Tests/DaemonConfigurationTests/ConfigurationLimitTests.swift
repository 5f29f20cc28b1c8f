import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

/// A configuration that was made to hurt: as deep, long or large as no operator writes it.
@Suite struct ConfigurationLimitTests {
  private func errors(_ text: String) throws -> [String] {
    try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: text) }.errors.map(\.message)
  }

  private static func dotted(_ levels: Int) -> String { repeatElement("a", count: levels).joined(separator: ".") }

  private static func nested(_ levels: Int, _ open: String, _ inside: String, _ close: String) -> String {
    String(repeating: open, count: levels) + inside + String(repeating: close, count: levels)
  }

  @Test(arguments: [
    "\(dotted(50_000)) = 1", "[\(dotted(50_000))]", "[[\(dotted(50_000))]]", "\(dotted(33)) = 1", "[\(dotted(33))]",
    "x = \(nested(50_000, "[", "", "]"))", "x = \(nested(50_000, "{a=", "1", "}"))", "x = \(nested(33, "[", "", "]"))",
    "x = {\(dotted(50_000)) = 1}", "[\(dotted(20))]\n\(dotted(20)) = 1",
    "[\(dotted(20))]\nx = \(nested(12, "{a=", "1", "}"))",
    "[\(dotted(30))]\nx = [{a = [1]}]", "a.\(nested(16, "a={a.", "b=1", "}"))",
  ])
  func whatNestsTooDeepIsRefused(text: String) throws {
    let message = try #require(errors(text + "\n").first)
    #expect(message.hasPrefix("tables and arrays nest deeper than 32 (column "))
  }

  @Test(arguments: [
    "\(dotted(32)) = 1", "[\(dotted(32))]", "[\(dotted(16))]\n\(dotted(16)) = 1", "x = \(nested(32, "[", "", "]"))",
    "x = \(nested(31, "{a=", "1", "}"))",
  ])
  func whatNestsLessIsRead(text: String) throws {
    #expect(throws: Never.self) { try TOMLReader.read(Array(text.utf8)) }
  }

  @Test(arguments: [nested(50_000, "[", "", "]"), nested(20_000, "{\"a\":", "1", "}")])
  func anAccountThatNestsTooDeepIsRefused(value: String) {
    #expect(throws: ReadingFailure.self) { try JSONReader.readObject(Array("{\"x\": \(value)}".utf8)[...], line: 1) }
  }

  // MARK: Numbers

  @Test(arguments: [
    String(repeating: "999999999d", count: 100_000), String(repeating: "9 ", count: 100), "9999999999d", "",
    "999999999 d 999999999 d 999999999 d 999999999 d",
  ])
  func noSumOfTimesIsTooMuch(time: String) throws {
    #expect(Duration(configured: time).map { $0 > .configurationLimit } != false)
    #expect(try errors("[daemon]\nstop_timeout = \"\(time)\"\n").count == 1)
  }

  @Test(arguments: [Int64.max, .min, -1, 366 * 86_400 + 1]) func noNumberOfSecondsIsTooMuch(seconds: Int64) throws {
    #expect(try errors("[[account]]\naor = \"sip:a@b.example\"\nexpires = \(seconds)\n").count == 1)
  }

  @Test(arguments: [
    (65_535, 1, true), (65_535, 2, false), (65_472, 64, true), (65_473, 64, false), (0, 64, true), (1, 64, true),
  ])
  func everyShardHasAPort(port: Int, shards: Int, isGood: Bool) throws {
    let text = "[daemon]\nlocal_port = \(port)\nshards = \(shards)\n"
    if isGood {
      #expect(try Configuration.parse(text: text).daemon.shards == shards)
    } else {
      #expect(
        try errors(text) == [
          "local_port (\(port)) leaves no ports for \(shards) shards: with these it must be \(65_536 - shards) at most, or 0"
        ])
    }
  }

  // MARK: Lengths

  @Test(arguments: [
    "aor = \"sip:\(String(repeating: "a", count: 5_000))@example.com\"",
    "username = \"\(String(repeating: "a", count: 4_097))\"",
    "realm = \"\(String(repeating: "é", count: 3_000))\"", "password = \"\(String(repeating: "a", count: 1_025))\"",
    "contact_user = \"\(String(repeating: "a", count: 1 << 20))\"",
    "credentials = [\(String(repeating: "{password=\"x\"},", count: 33))]",
    "outbound_proxy = [\(String(repeating: "\"a.example\",", count: 17))]",
    "password_file = \"/\(String(repeating: "a", count: 1 << 20))\"",
  ])
  func whatIsTooLongForARequestIsRefused(line: String) throws {
    let aor = line.hasPrefix("aor") ? "" : "aor = \"sip:a@example.com\"\n"
    let messages = try errors("[[account]]\n\(aor)\(line)\n")
    #expect(messages.count == 1)
    #expect(messages.allSatisfy { $0.contains("at most") && $0.utf8.count < 400 })
  }

  @Test func aLineOfAccountsMayNotSmuggleALongUserNameIn() throws {
    let scratch = try ScratchDirectory()
    try scratch.write("[daemon]\naccounts_file = \"a.jsonl\"\n", to: "sipregd.toml")
    let lines = ["x", String(repeating: "x", count: 5_000)].enumerated().map {
      #"{"aor": "sip:\#($0.offset)@example.com", "username": "\#($0.element)"}"#
    }
    try scratch.write(lines.joined(separator: "\n"), to: "a.jsonl")
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.load(scratch.file("sipregd.toml")) }
    #expect(errors.errors.map(\.message) == ["username must be 4096 bytes long at most, not 5000"])
  }

  @Test func nobodyLooksForWhatAMillionUnknownKeysMean() throws {
    let lines = (0..<20_000).map { "key_that_nobody_knows_\($0) = 1\n" }.joined()
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: "[daemon]\n" + lines) }
    #expect(errors.count == 20_000)
    #expect(try self.errors("[daemon]\n\"\(String(repeating: "x", count: 1 << 20))\" = 1\n")[0].utf8.count < 100)
  }

  @Test func fiftyThousandTablesTakeNoLongerEachThanOne() throws {
    let text =
      String(repeating: "[[account]]\naor = \"sip:a@example.com\"\nenabled = false\n", count: 1)
      + (0..<50_000).map { "[[account]]\naor = \"sip:\($0)@example.com\"\n" }.joined()
    #expect(try Configuration.parse(text: text).accounts.count == 50_000)
  }

  // MARK: Terminals

  @Test(arguments: [
    "\"\\u001b[31m\" = 1\n\"\\u001b[31m\" = 1\n", "\"\\u001b[31m\" 1\n", "\"\\u001b[31m\" = 1\n",
    "[\"\\u001b[31m\"]\n[\"\\u001b[31m\"]\n",
    "\"\\u001b[31m\" = 1\n[[\"\\u001b[31m\"]]\n", "\"\\u001b[31m\" = 1\n[\"\\u001b[31m\".x]\n",
    "\"\\u202e\" = 1\n\"\\u202e\".x = 1\n",
    "[proxy]\n\"\\u001b[31m\" = 1\n", "[[account]]\nname = \"\\u202e\"\n", "[[account]]\naor = \"\\u202e\"\n",
    "[[account]]\naor=\"sip:a@b.example\"\n\"\\n\" = 1\n", "[daemon]\naccounts_file = \"/\\u202e\"\n",
    "[log]\nlevel = \"\\u009b31m\"\n",
    "[[account]]\naor=\"sip:a@b.example\"\npassword_file = \"/\\u202e\"\n",
    "[[account]]\naor=\"sip:a@b.example\"\noutbound_proxy = \"\\u202e\"\n",
  ])
  func noErrorDrivesATerminal(text: String) throws {
    let errors = try #require(throws: ConfigurationErrors.self) {
      try Configuration.parse(text: text, name: "\u{1B}]0;x\u{07}.toml")
    }
    for line in errors.lines {
      #expect(
        line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && $0.value != 0x202E })
    }
  }
}
