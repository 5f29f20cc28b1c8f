import Testing

/// Rules of style that a machine can check and `swift format` does not.
@Suite struct StyleRules {
  @Test func noFileOutgrowsItsReasonToChange() throws {
    let files = try SourceTree.swiftFiles(below: "Sources")
    try #require(!files.isEmpty)
    for file in files {
      #expect(file.lines.count <= 351, "\(file.path) has \(file.lines.count - 1) lines")
    }
  }

  /// A new state or event must not compile until every machine has decided what to do.
  @Test func machinesDecideEveryCase() throws {
    let transaction = try SourceTree.swiftFiles(below: "Sources/SIPTransaction")
      .filter { $0.name.contains("Transaction") || $0.name.hasSuffix("Machine.swift") }
    let userAgent = try SourceTree.swiftFiles(below: "Sources/SIPUserAgent")
      .filter { $0.name.hasPrefix("Registration") || ["Attempt.swift", "KeepAlive.swift"].contains($0.name) }
    try #require(!transaction.isEmpty)
    try #require(!userAgent.isEmpty)
    for file in transaction + userAgent {
      for line in file.code {
        #expect(!line.text.contains(/^\s*(?:@unknown\s+)?default\s*:/), "\(file.path):\(line.number): default")
      }
    }
  }

  /// Time and chance are arguments of the protocol, and only the shell acts or speaks.
  @Test(arguments: ["SIPMessage", "SIPTransaction", "SIPUserAgent", "SIPLocation", "ShardCore"])
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

  /// A doc comment is read by itself, wherever its symbol is used: what "the same" is stands on another page then.
  @Test func aDocCommentStandsByItself() throws {
    let dependent = /^\s*\/\/\/ (?:The same|Of its)\b/
    for file in try SourceTree.swiftFiles(below: "Sources") + SourceTree.swiftFiles(below: "Tests") {
      for (index, line) in file.lines.enumerated() where index == 0 || !file.lines[index - 1].contains("///") {
        #expect(!line.contains(dependent), "\(file.path):\(index + 1)")
      }
    }
  }

  /// In comments: types of others, and a word of somebody else's configuration.
  static let foreignNames: Set<String> = ["DispatchSerialQueue", "Filter", "AuthUser"]

  /// What is in backticks in a comment and looks like a type, or like something of one, was renamed together with it.
  @Test func aTypeThatACommentNamesIsThere() throws {
    let files = try SourceTree.swiftFiles(below: "Sources")
    let declaration = /\b(?:struct|class|enum|actor|protocol|typealias|associatedtype)\s+([A-Z]\w*)/
    let code = files.flatMap(\.code)
    let types = Set(code.flatMap { $0.text.matches(of: declaration).map { String($0.1) } })
    let words = Set(code.flatMap { $0.text.matches(of: /\w+/).map { String($0.0) } })
    try #require(types.count > 300)
    var count = 0
    for file in files {
      for (index, line) in file.lines.enumerated() {
        guard let comment = line.firstRange(of: "//") else { continue }
        for match in line[comment.lowerBound...].matches(of: /`([A-Z][a-z]\w*)(?:\.(\w+))?/) {
          count += 1
          let (type, member) = (String(match.1), match.2.map(String.init))
          #expect(
            types.contains(type) || Self.foreignNames.contains(type), "\(file.path):\(index + 1): there is no \(type)")
          #expect(
            member.map { words.contains($0) } ?? true, "\(file.path):\(index + 1): there is no \(member ?? "")")
        }
      }
    }
    #expect(count > 50)
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
