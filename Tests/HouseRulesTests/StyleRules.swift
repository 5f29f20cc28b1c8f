import Testing

/// Rules of style that a machine can check and `swift format` does not.
@Suite struct StyleRules {
  @Test func noFileOutgrowsItsReasonToChange() throws {
    let files = try SourceTree.swiftFiles(below: "Sources")
    try #require(!files.isEmpty)
    for file in files {
      #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count - 1) lines")
    }
  }

  /// A new state or event must not compile until every machine has decided what to do.
  @Test func machinesDecideEveryCase() throws {
    let transaction = try SourceTree.swiftFiles(below: "Sources/SIPTransaction")
      .filter { $0.name.contains("Transaction") || $0.name.hasSuffix("Machine.swift") }
    let userAgent = try SourceTree.swiftFiles(below: "Sources/SIPUserAgent")
      .filter { $0.name.hasPrefix("Registration") || $0.name == "Attempt.swift" }
    try #require(!transaction.isEmpty)
    try #require(!userAgent.isEmpty)
    for file in transaction + userAgent {
      for line in file.code {
        #expect(!line.text.contains(/^\s*(?:@unknown\s+)?default\s*:/), "\(file.path):\(line.number): default")
      }
    }
  }

  /// Time and chance are arguments of the protocol, and only the shell acts or speaks.
  @Test(arguments: ["SIPMessage", "SIPTransaction", "SIPUserAgent", "ShardCore"])
  func theCoreHasNoClockNoChanceAndNoVoice(module: String) throws {
    let banned =
      /\b(?:ContinuousClock|SuspendingClock|SystemRandomNumberGenerator|Task|async|await|print|debugPrint)\b|\.random\(in: [^,)]*\)|\.shuffled\(\)|\.randomElement\(\)/
    for file in try SourceTree.swiftFiles(below: "Sources/\(module)") {
      for line in file.code {
        let found = line.text.firstMatch(of: banned).map { String($0.0) }
        #expect(found == nil, "\(file.path):\(line.number)")
      }
    }
  }

  @Test func nothingIsLeftForLater() throws {
    let notes = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
    for file in try SourceTree.swiftFiles(below: "Sources") + SourceTree.swiftFiles(below: "Tests") {
      for (index, line) in file.lines.enumerated() {
        #expect(!notes.contains { line.contains($0) }, "\(file.path):\(index + 1)")
      }
    }
  }

  /// A skipped test is a failure that nobody sees.
  @Test func noTestIsSwitchedOff() throws {
    let banned = /\.disabled\(|\.enabled\(|\bwithKnownIssue\b|\bXCTSkip\b|Test\.cancel\(/
    for file in try SourceTree.swiftFiles(below: "Tests") where !file.path.hasPrefix("Tests/HouseRulesTests/") {
      for line in file.code {
        #expect(!line.text.contains(banned), "\(file.path):\(line.number)")
      }
    }
  }

  /// The service manager is systemd's own noun.
  @Test func typesAreNamedAfterWhatTheyAre() throws {
    let declaration = /\b(?:struct|class|enum|actor|protocol)\s+(\w+(?:Manager|Helper|Helpers|Utils|Base|Impl))\b/
    for file in try SourceTree.swiftFiles(below: "Sources") {
      for line in file.code {
        let name = line.text.firstMatch(of: declaration)?.1
        #expect(name == nil || name == "ServiceManager", "\(file.path):\(line.number): \(name ?? "")")
      }
    }
  }
}
