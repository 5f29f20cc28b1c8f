import Testing

/// The arrows of the module graph, and what each layer may take from outside. The package manifest says the same of our
/// own targets; what comes with the toolchain (Glibc, Dispatch, Foundation) only stands here.
@Suite struct ImportRules {
  static let allowed: [String: Set<String>] = [
    // The protocol is a value: no sockets, no clock, no threads, no files.
    "SIPMessage": [],
    "SIPTransaction": ["SIPMessage"],
    "SIPUserAgent": ["SIPMessage", "SIPTransaction", "Crypto", "CryptoExtras"],
    "SIPLocation": ["SIPMessage"],
    "ShardCore": ["SIPMessage", "SIPTransaction", "SIPUserAgent"],

    "Datagrams": ["CDatagram", "Glibc", "Synchronization"],
    "SIPTransport": world.union(nio).union(["NIOTLS", "NIOHTTP1", "NIOWebSocket", "NIOSSL"]).union([
      "SIPMessage", "SIPLocation", "Datagrams", "CAres", "CNetlink",
    ]),
    "Systemd": ["CSystemd", "Glibc", "Synchronization"],
    "RegistrationControl": ["FoundationEssentials"],
    "DaemonConfiguration": ["SIPMessage", "SIPUserAgent", "Systemd", "Glibc", "Dispatch", "NIOConcurrencyHelpers"],
    "RegistrationRecords": [
      "SIPMessage", "SIPUserAgent", "ShardCore", "CSQLite", "Glibc", "Dispatch", "NIOConcurrencyHelpers",
    ],
    "RegistrationDaemon": world.union(nio).union([
      "SIPMessage", "SIPTransaction", "SIPUserAgent", "SIPLocation", "ShardCore", "SIPTransport", "Systemd",
      "RegistrationControl", "DaemonConfiguration", "RegistrationRecords", "CMalloc", "FoundationEssentials",
    ]),
    "RegistrarLab": world.union(nio).union(["SIPMessage", "SIPTransport", "Crypto"]),

    "sipregd": world.union([
      "RegistrationDaemon", "DaemonConfiguration", "RegistrarLab", "RegistrationControl", "ArgumentParser",
      "FoundationEssentials",
    ]),
    "sipregctl": ["RegistrationControl", "ArgumentParser", "Glibc"],
  ]

  static let world: Set<String> = ["Glibc", "Dispatch", "Synchronization"]
  static let nio: Set<String> = ["NIOCore", "NIOPosix", "NIOConcurrencyHelpers"]

  /// Targets without Swift files.
  static let systemLibraries: Set<String> = ["CSystemd", "CAres", "CDatagram", "CMalloc", "CNetlink", "CSQLite"]

  @Test func everyModuleHasARow() throws {
    let modules = Set(try SourceTree.paths(below: "Sources").map { String($0.split(separator: "/")[1]) })
    #expect(modules.subtracting(Self.systemLibraries) == Set(Self.allowed.keys))
  }

  @Test(arguments: allowed.keys.sorted())
  func aModuleImportsOnlyWhatItsRowAllows(module: String) throws {
    let files = try SourceTree.swiftFiles(below: "Sources/\(module)")
    try #require(!files.isEmpty)
    for file in files {
      let banned = file.imports.subtracting(Self.allowed[module] ?? [])
      #expect(banned.isEmpty, "\(file.path) imports \(banned.sorted().joined(separator: ", "))")
    }
  }

  @Test(arguments: [
    ("import Glibc", "Glibc"), ("@testable import Systemd", "Systemd"), ("package import NIOCore", "NIOCore"),
    ("@_spi(Testing) import Crypto", "Crypto"), ("import struct Foundation.URL", "Foundation"),
  ])
  func everyFormOfImportIsSeen(line: String, module: String) {
    #expect(SourceTree.File(path: "X.swift", lines: [Substring(line)]).imports == [module])
  }
}
