import Foundation
import Testing

/// `Tests/faults/table.tsv`: which test shows that each fault and each class of bugs is survived.
///
/// Faults have numbers, classes of bugs letters. What is shown by no test yet says with what it comes.
@Suite struct FaultTable {
  struct Row {
    let key, what, produced, tests, comesWith: String

    init?(_ line: Substring) {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard columns.count == 5 else { return nil }
      (key, what, produced, tests, comesWith) = (columns[0], columns[1], columns[2], columns[3], columns[4])
    }

    /// Path and function; a scenario has no function.
    var places: [(path: String, function: String?)] {
      tests.split(separator: " ").map { place in
        let parts = place.split(separator: ":").map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : nil)
      }
    }
  }

  static let classes = (UInt8(ascii: "A")...UInt8(ascii: "T")).map { String(UnicodeScalar($0)) }
  static let faults = (1...40).map(String.init)

  let rows: [Row]

  init() throws {
    let text = try Self.text("Tests/faults/table.tsv")
    let lines = text.split(separator: "\n").dropFirst()
    rows = try lines.map { try #require(Row($0), "\($0)") }
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
  }

  @Test func everyFaultAndEveryClassOfBugsStandsInItOnceAndInOrder() {
    #expect(rows.map(\.key) == Self.faults + Self.classes)
    #expect(Set(rows.map(\.what)).count == rows.count)
    #expect(rows.allSatisfy { !$0.what.isEmpty })
  }

  @Test func everyRowIsProducedAndShown() {
    for row in rows {
      #expect(row.comesWith.isEmpty, "\(row.key)")
      #expect(!row.places.isEmpty, "\(row.key)")
      #expect(!row.produced.isEmpty, "\(row.key)")
    }
  }

  @Test func everyTestThatIsNamedIsThere() throws {
    for row in rows {
      #expect(Set(row.places.map { "\($0)" }).count == row.places.count, "\(row.key) names a test twice")
      for (path, function) in row.places {
        let text = try #require(try? Self.text(path), "\(row.key): \(path)")
        switch function {
        case nil: #expect(path.contains("/Scenarios/"), "\(row.key): \(path)")
        case let name? where path.hasSuffix(".py"):
          #expect(text.contains("\ndef \(name)(trial)"), "\(row.key): \(name)")
        case let name?:
          let declaration = try Regex("@Test(?:(?!\\bfunc\\b).)*func \(name)\\b").dotMatchesNewlines()
          let isThere = text.contains(declaration)
          #expect(isThere, "\(row.key): \(name)")
        }
      }
    }
  }

  /// A program that produces a fault stands beside its number.
  @Test func everyFaultThatIsProducedIsNamed() throws {
    let marked = try Regex("\\n@fault\\(\\s*(\\d+).*?\\ndef (\\w+)\\(", as: (Substring, Substring, Substring).self)
      .dotMatchesNewlines()
    var count = 0
    for path in try SourceTree.paths(below: "Tests/faults") where path.hasSuffix(".py") {
      for match in try Self.text(path).matches(of: marked) {
        count += 1
        let row = try #require(rows.first { $0.key == match.1 }, "\(path): \(match.1)")
        #expect(row.places.contains { $0 == (path, String(match.2)) }, "\(row.key): \(path):\(match.2) is not named")
      }
    }
    #expect(count > 40)
  }
}
