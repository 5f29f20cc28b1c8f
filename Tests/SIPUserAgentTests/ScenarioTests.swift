import Foundation
import Testing

/// Every script of the Scenarios folder. `SIPREGD_REWRITE=1` writes what comes of them into the files: look at the
/// difference before it is committed.
@Suite struct ScenarioTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Scenarios")

  static let files: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".txt") }.sorted()
  }()

  @Test func thereAreScenarios() { #expect(Self.files.count >= 12) }

  @Test(arguments: files) func whatHappensIsWhatIsWritten(file: String) throws {
    let url = Self.folder.appending(path: file)
    let expected = try String(contentsOf: url, encoding: .utf8)
    let actual = try Scenario.run(expected)
    if ProcessInfo.processInfo.environment["SIPREGD_REWRITE"] == "1" {
      try actual.write(to: url, atomically: true, encoding: .utf8)
    }
    #expect(actual == expected, "\(file):\n\(Self.difference(expected, actual))")
  }

  @Test func aTraceThatDiffersIsShown() throws {
    let actual = try Scenario.run("> host example.test 192.0.2.10\n> add\n> advance 0s\n")
    #expect(actual.contains("store below 65"))
    #expect(Self.difference("a\nb", "a\nc") == "- b\n+ c")
  }

  static func difference(_ expected: String, _ actual: String) -> String {
    let lines = actual.split(separator: "\n", omittingEmptySubsequences: false)
    let changes = lines.difference(from: expected.split(separator: "\n", omittingEmptySubsequences: false))
    return changes.map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }.joined(separator: "\n")
  }
}
