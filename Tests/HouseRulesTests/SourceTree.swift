import Foundation

/// The checkout that this test was compiled from, read as text.
struct SourceTree {
  struct File: Sendable {
    /// Relative to the top of the checkout.
    let path: String
    let lines: [Substring]

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// The lines without comments, with their numbers. Text inside string literals stays.
    var code: [(number: Int, text: Substring)] {
      lines.enumerated().compactMap { index, line in
        let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        return code.allSatisfy(\.isWhitespace) ? nil : (index + 1, code)
      }
    }

    /// What the file imports, whatever stands before or after the word.
    var imports: Set<String> {
      let pattern =
        /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
      return Set(code.compactMap { $0.text.firstMatch(of: pattern).map { String($0.1) } })
    }
  }

  static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The Swift files below a folder, in the order of their paths.
  static func swiftFiles(below folder: String) throws -> [File] {
    try paths(below: folder).filter { $0.hasSuffix(".swift") }.map { path in
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }

  static func paths(below folder: String) throws -> [String] {
    guard let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return found.compactMap { ($0 as? String).map { "\(folder)/\($0)" } }.sorted()
  }

  /// What git knows, so that what a build leaves behind does not count.
  static func trackedPaths() throws -> [String] {
    let git = Process()
    let output = Pipe()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-c", "safe.directory=*", "-C", root.path, "ls-files", "-z"]
    git.standardOutput = output
    try git.run()
    let listing = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else { throw CocoaError(.fileReadUnknown) }
    return listing.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
