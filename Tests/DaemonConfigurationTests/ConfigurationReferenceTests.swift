import Foundation
import SIPUserAgent
import Scratch
import Testing

@testable import DaemonConfiguration

/// Holds `config/sipregd.toml` and the keys that are read together.
@Suite struct ConfigurationReferenceTests {
  static let directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("config").path

  static func reference() throws -> String {
    try String(contentsOfFile: directory + "/sipregd.toml", encoding: .utf8)
  }

  /// With every setting in use: a setting is a comment without a blank after its sign, or with two inside an array.
  static func inUse() throws -> String {
    try reference().split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("#") && (!line.hasPrefix("# ") && line != "#" || line.hasPrefix("#  ")) ? line.dropFirst() : line
    }.joined(separator: "\n")
  }

  /// The keys that stand there, by table.
  private func keys(in text: String) throws -> [String: Set<String>] {
    let root = try TOMLReader.read(Array(text.utf8))
    var keys: [String: Set<String>] = [:]
    func add(_ content: ConfigurationValue.Content, as name: String) {
      switch content {
      case .table(let table):
        for entry in table.entries {
          keys[name, default: []].insert(entry.key)
          add(entry.value.content, as: name == "proxy" ? "proxy.NAME" : entry.key)
        }
      case .array(let elements): for element in elements { add(element.content, as: name) }
      case .string, .integer, .float, .boolean, .date, .null: break
      }
    }
    add(.table(root), as: "")
    return keys
  }

  private func names<Key: ConfigurationKey>(_ type: Key.Type) -> Set<String> { Set(Key.allCases.map(\.rawValue)) }

  @Test func everyKeyStandsInTheReferenceAndNoOther() throws {
    let keys = try keys(in: Self.inUse())
    #expect(keys[""] == names(RootKey.self))
    #expect(keys["daemon"] == names(DaemonKey.self))
    #expect(keys["log"] == names(LogKey.self))
    #expect(keys["proxy.NAME"] == names(ProxyKey.self))
    #expect(keys["defaults", default: []].union(keys["account", default: []]) == names(AccountKey.self))
    #expect(keys["credentials"].map(names(CredentialKey.self).isSuperset) == true)
  }

  @Test func theReferenceAsItIsChangesNoDefault() throws {
    let configuration = try Configuration.parse(text: Self.reference())
    #expect(configuration.daemon == DaemonSettings())
    #expect(configuration.accounts.isEmpty)
  }

  @Test func theReferenceWithEverythingInUseLoadsAndShowsTheDefaults() throws {
    let scratch = try ScratchDirectory()
    let path = try scratch.write(Self.inUse(), to: "sipregd.toml")
    try scratch.write(Data(contentsOf: URL(fileURLWithPath: Self.directory + "/accounts.jsonl")), to: "accounts.jsonl")
    try scratch.write("bob's\n", to: "bob.password")
    try scratch.write("carol's", to: "carol")
    for name in ["authority.pem", "client.pem", "client.key"] { try scratch.write("PEM", to: name) }
    let configuration = try Configuration.load(path, environment: ["CREDENTIALS_DIRECTORY": scratch.path])
    #expect(configuration.daemon == DaemonSettings())
    #expect(configuration.path == path)
    #expect(configuration.accounts.map(\.policy).allSatisfy { $0 == .standard })
    #expect(configuration.accounts.first?.expires == 3600)
    #expect(configuration.accounts.map(\.credentials.count) == [1, 0, 1, 1, 3, 2, 1, 1, 1, 1])
    let bob = try #require(configuration.accounts.dropFirst(2).first)
    #expect(bob.credentials == [Credential(username: "bob", password: "bob's")])
  }

  /// Each is registered by `Tests/providers`.
  @Test func theExamplesOfProvidersLoadAndRaiseNoQuestion() throws {
    let text = try String(contentsOfFile: Self.directory + "/providers.toml", encoding: .utf8)
    let configuration = try Configuration.parse(text: text)
    #expect(configuration.accounts.count == 14)
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.profiles.map(\.webSocketPath) == ["/sip"])
  }
}
