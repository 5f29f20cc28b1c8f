import Foundation
import Testing

/// What lies where in the repository.
@Suite struct RepositoryRules {
  static let topLevel: Set<String> = [
    "Package.swift", "Sources", "Tests", "systemd", "config", "README.md", "LICENSE", "CHANGELOG.md",
  ]

  @Test func theTopLevelHoldsOnlyWhatAReaderLooksForThere() throws {
    let tracked = Set(try SourceTree.trackedPaths().map { String($0.prefix { $0 != "/" }) })
    try #require(tracked.contains("Package.swift"))
    let others = tracked.subtracting(Self.topLevel).filter { !$0.hasPrefix(".") }
    #expect(others.isEmpty, "\(others.sorted())")
  }

  /// A file system that takes upper and lower case for the same can hold a checkout.
  @Test func noTwoPathsDifferOnlyInCase() throws {
    var names = Set<String>()
    for path in try SourceTree.trackedPaths() {
      let parts = path.split(separator: "/")
      for count in 1...parts.count { names.insert(parts.prefix(count).joined(separator: "/")) }
    }
    try #require(names.contains("Tests/HouseRulesTests"))
    let twins = Dictionary(grouping: names) { $0.lowercased() }.values.filter { $0.count > 1 }
    #expect(twins.isEmpty, "\(twins)")
  }

  /// The verdict on each torture message is written down, and each message that is written down is there.
  @Test func everyTortureMessageHasAVerdict() throws {
    let folder = "Tests/SIPMessageTests/Torture"
    let files = Set(try SourceTree.paths(below: folder).filter { $0.hasSuffix(".dat") })
    let table = try String(contentsOf: SourceTree.root.appending(path: "\(folder)/verdicts.tsv"), encoding: .utf8)
    let rows = table.split(separator: "\n").dropFirst()
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    #expect(files.count == 63)
    #expect(rows.count == files.count)
    #expect(Set(rows.map { "\(folder)/\($0[0])" }) == files)
    for row in rows {
      try #require(row.count == 12, "\(row[0])")
      let bytes = try Data(contentsOf: SourceTree.root.appending(path: "\(folder)/\(row[0])"))
      #expect(String(bytes.count) == row[9], "\(row[0]) was changed on its way here")
    }
  }

  /// Each fast way of reading or writing has a suite that holds it to the full one.
  @Test func everyTwinIsHeldByASuite() throws {
    let text = try String(contentsOf: SourceTree.root.appending(path: ".github/CONTRIBUTING.md"), encoding: .utf8)
    let section = try #require(text.split(separator: "## Twins\n").last?.split(separator: "\n## ").first)
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count == 8)
    let names = Set(try SourceTree.paths(below: "Tests").compactMap { $0.split(separator: "/").last.map(String.init) })
    for row in rows {
      let suite = try #require(row.split(separator: "|").last { $0.contains("`") })
      #expect(names.contains(suite.trimmingCharacters(in: CharacterSet(charactersIn: " `")) + ".swift"), "\(row)")
    }
  }

  /// Scripts that a newcomer is told to run can be run.
  @Test(arguments: [
    "Tests/run", "Tests/packages", "Tests/benchmark", "Tests/Microbenchmarks/measure", "Tests/growth", ".ci/run",
  ])
  func aScriptCanBeRun(path: String) {
    #expect(FileManager.default.isExecutableFile(atPath: SourceTree.root.appending(path: path).path))
  }
}
