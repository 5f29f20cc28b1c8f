import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

/// Files as editors and exports leave them.
@Suite struct ConfigurationEncodingTests {
  static let mark = TextEncoding.byteOrderMark
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  static func utf16(_ text: String, isBigEndian: Bool = false, hasMark: Bool = true) -> [UInt8] {
    let units = (hasMark ? [0xFEFF] : []) + Array(text.utf16)
    return units.flatMap { isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
  }

  private func said(_ body: () throws -> Configuration) throws -> [String] {
    let errors = try #require(throws: ConfigurationErrors.self) { try body() }
    return errors.errors.map { $0.description.replacing(scratch.path + "/", with: "") }
  }

  // MARK: TOML

  static let toml = "[[account]]\naor = \"sip:a@example.com\"\npassword = \"x\"\n"

  @Test(arguments: [
    mark + Array(toml.utf8), Array(toml.replacing("\n", with: "\r\n").utf8), Array(toml.dropLast().utf8),
    mark + Array(toml.replacing("\n", with: "\r\n").dropLast().utf8),
    Array(toml.replacing(" = ", with: "\t=\t").replacing("\n", with: " \t\n").utf8),
  ])
  func aConfigurationOfAnyEditorIsRead(bytes: [UInt8]) throws {
    try scratch.write(.init(bytes), to: "sipregd.toml")
    let account = try #require(Configuration.load(scratch.file("sipregd.toml")).accounts.first)
    #expect(account.credentials == [Credential(username: "a", password: "x")])
  }

  @Test func columnsAreCountedBehindTheMark() throws {
    try scratch.write(.init(Self.mark + Array("x = y\n".utf8)), to: "sipregd.toml")
    #expect(
      try said { try Configuration.load(scratch.file("sipregd.toml")) } == [
        "sipregd.toml:1: expected a value; a text needs quotes (column 5)"
      ])
  }

  static let wide = [
    utf16("# ä\n"), utf16("# ä\n", isBigEndian: true), utf16("[daemon]\n", hasMark: false),
    utf16("[daemon]\n", isBigEndian: true, hasMark: false),
  ]

  @Test(arguments: wide) func utf16IsToldInWords(bytes: [UInt8]) throws {
    try scratch.write(.init(bytes), to: "sipregd.toml")
    #expect(
      try said { try Configuration.load(scratch.file("sipregd.toml")) } == [
        "sipregd.toml:1: is UTF-16, not UTF-8: save it as UTF-8, or use iconv -f UTF-16 -t UTF-8 (column 1)"
      ])
  }

  @Test(arguments: [
    ("level = “info”", "expected a value; quotes must be straight: \" or '"),
    ("level = True", "expected a value; write true"),
    ("level = no", "expected a value; write false"),
    ("level = OFF", "expected a value; write false, or \"off\" in quotes"),
    ("; level = 1", "expected a key; a comment begins with \"#\""),
    ("level: info", "expected \"=\" after the key \"level\""),
  ])
  func habitsOfOtherFilesAreToldFrom(line: String, says: String) throws {
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.parse(text: "[log]\n\(line)\n") }
    #expect(errors.errors.count == 1)
    #expect(errors.description.hasPrefix("sipregd.toml:2: \(says) (column "), "\(errors)")
  }

  // MARK: JSON Lines

  private func load(accounts bytes: [UInt8]) throws -> Configuration {
    try scratch.write("[daemon]\naccounts_file = \"a.jsonl\"\n", to: "sipregd.toml")
    try scratch.write(.init(bytes), to: "a.jsonl")
    return try Configuration.load(scratch.file("sipregd.toml"))
  }

  static let first = Array(#"{"aor": "sip:a@example.com", "password": "x"}"#.utf8)
  static let second = Array(#"{"aor": "sip:b@example.com", "password": "y"}"#.utf8)

  @Test(arguments: [
    mark + first + [10] + second + [10], first + [13, 10, 13, 10] + second + [13, 10, 13, 10, 9, 13, 10],
    mark + first + [13, 10] + second, first + [10] + mark + second + [10], mark + [10] + first + [10, 10] + second,
  ])
  func aListOfAnyExportIsRead(bytes: [UInt8]) throws {
    let accounts = try load(accounts: bytes).accounts
    #expect(accounts.map(\.name) == ["a@example.com", "b@example.com"])
    #expect(
      accounts.map(\.credentials) == [
        [Credential(username: "a", password: "x")], [.init(username: "b", password: "y")],
      ])
  }

  @Test(arguments: [utf16(#"{"aor": "sip:a@example.com"}"#), utf16("{}\n", isBigEndian: true, hasMark: false)])
  func aListInUTF16IsToldInWordsOnce(bytes: [UInt8]) throws {
    #expect(
      try said { try load(accounts: bytes) } == [
        "sipregd.toml:2: [daemon]: accounts_file: cannot read a.jsonl: it is UTF-16, not UTF-8: save it as UTF-8, "
          + "or use iconv -f UTF-16 -t UTF-8"
      ])
  }

  // MARK: Passwords

  private func password(_ bytes: [UInt8]) throws -> Configuration {
    try scratch.write(.init(bytes), to: "secret")
    try scratch.write("[[account]]\naor = \"sip:a@example.com\"\npassword_file = \"secret\"\n", to: "sipregd.toml")
    return try Configuration.load(scratch.file("sipregd.toml"))
  }

  @Test(
    arguments: [
      ("x", "x"), ("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x"), ("\u{FEFF}x\r\n", "x"), (" x y \n", " x y "),
      ("x\t\n", nil),
      ("\n", ""), ("\r\n", ""), ("\u{FEFF}\n", ""), ("é#\"\\\n", "é#\"\\"), ("x\ny\n", nil), ("", nil),
    ] as [(String, String?)])
  func aPasswordIsItsLineAndNothingElse(content: String, password: String?) throws {
    let bytes = Array(content.utf8)
    guard let password else {
      #expect(throws: ConfigurationErrors.self) { try self.password(bytes) }
      return
    }
    let account = try #require(self.password(bytes).accounts.first)
    #expect(account.credentials == [Credential(username: "a", password: password)])
  }

  @Test func aPasswordInUTF16IsToldInWords() throws {
    #expect(
      try said { try password(Self.utf16("hunter2\r\n")) } == [
        "sipregd.toml:3: account: password_file secret is UTF-16, not UTF-8: save it as UTF-8, "
          + "or use iconv -f UTF-16 -t UTF-8"
      ])
  }

  // MARK: UTF-8

  @Test func theFirstByteThatIsNotUTF8IsFoundAsTheStandardLibraryFindsIt() {
    let bytes: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
    ]
    var random = ConfigurationMutilationTests.Seeded(state: 10)
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in bytes.randomElement(using: &random) }
      let valid = (0...text.count).last { String(validating: text.prefix($0), as: UTF8.self) != nil }
      #expect(TextEncoding.firstInvalid(text[...]) == (valid == text.count ? nil : valid), "\(text)")
    }
  }

  /// In a time that grows with the line and not with its square.
  @Test func oneBadByteInALineOfAMegabyteIsFound() throws {
    let bytes = Array("x = 1\n# ".utf8) + [UInt8](repeating: 0x61, count: 1 << 20) + [0xFF, 10]
    let source = ConfigurationSource(name: "sipregd.toml", directory: "", mode: nil)
    let errors = try #require(throws: ConfigurationErrors.self) {
      try ConfigurationReader.read(bytes, of: source, environment: [:])
    }
    #expect(errors.description == "sipregd.toml:2: not UTF-8 (column \((1 << 20) + 3))")
  }
}
