// swift-tools-version: 6.2
import PackageDescription

// The layers of RFC 3261 §5, bottom up, then the world around them. A target may import only what stands in its
// dependencies; `Tests/run lint` builds with `--explicit-target-dependency-import-check error`.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

/// The protocol core is plain values: the few unsafe constructs in it are marked.
let core: [SwiftSetting] = strict + [.strictMemorySafety()]

/// What the linker can do against those who got into the memory: calls into libraries are resolved at the start and their
/// table is read-only from then on (full RELRO), and no stack holds code. Programs are at any address (PIE) without asking.
let hardened: [LinkerSetting] = [
  .unsafeFlags(
    ["relro", "now", "noexecstack"].flatMap { ["-Xlinker", "-z", "-Xlinker", $0] }, .when(platforms: [.linux]))
]

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
]
/// TLS and WebSocket: what a stream is wrapped in.
let wrapped: [Target.Dependency] = [
  .product(name: "NIOTLS", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOWebSocket", package: "swift-nio"),
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "sipregd",
  products: [
    .executable(name: "sipregd", targets: ["sipregd"]),
    .executable(name: "sipregctl", targets: ["sipregctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // What the RFC is about.
    .target(name: "SIPMessage", swiftSettings: core),
    .target(name: "SIPTransaction", dependencies: ["SIPMessage"], swiftSettings: core),
    .target(
      name: "SIPUserAgent",
      dependencies: [
        "SIPMessage", "SIPTransaction",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ],
      swiftSettings: core),
    // What a shard decides.
    .target(name: "SIPLocation", dependencies: ["SIPMessage"], swiftSettings: core),
    .target(name: "ShardCore", dependencies: ["SIPMessage", "SIPTransaction", "SIPUserAgent"], swiftSettings: core),

    // What touches the world.
    .target(name: "Datagrams", dependencies: ["CDatagram"], swiftSettings: strict),
    .target(
      name: "SIPTransport",
      dependencies: ["SIPMessage", "SIPLocation", "Datagrams", "CAres", "CNetlink"] + nio + wrapped,
      swiftSettings: strict),
    .target(name: "Systemd", dependencies: ["CSystemd"], swiftSettings: strict),
    .target(
      name: "RegistrationControl", resources: [.embedInCode("org.sipregd.Registrations.varlink")],
      swiftSettings: strict),
    .target(
      name: "DaemonConfiguration",
      dependencies: [
        "SIPMessage", "SIPUserAgent", "Systemd",
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "RegistrationRecords",
      dependencies: [
        "SIPMessage", "SIPUserAgent", "ShardCore", "CSQLite",
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "RegistrationDaemon",
      dependencies: [
        "SIPMessage", "SIPTransaction", "SIPUserAgent", "SIPLocation", "ShardCore", "SIPTransport", "Systemd",
        "RegistrationControl", "DaemonConfiguration", "RegistrationRecords", "CMalloc",
      ] + nio,
      swiftSettings: strict),
    .target(
      name: "RegistrarLab",
      dependencies: [
        "SIPMessage", "SIPTransport", .product(name: "Crypto", package: "swift-crypto"),
      ] + nio,
      swiftSettings: strict),

    // Arguments in, exit status out.
    .executableTarget(
      name: "sipregd",
      dependencies: ["RegistrationDaemon", "DaemonConfiguration", "RegistrarLab", "RegistrationControl", arguments],
      swiftSettings: strict, linkerSettings: hardened),
    .executableTarget(
      name: "sipregctl", dependencies: ["RegistrationControl", arguments], swiftSettings: strict,
      linkerSettings: hardened),

    // What Swift can not see of the system, and its C libraries.
    .target(name: "CDatagram"),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CNetlink"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    .testTarget(
      name: "SIPMessageTests", dependencies: ["SIPMessage"], exclude: ["Torture"], swiftSettings: strict),
    .testTarget(name: "SIPTransactionTests", dependencies: ["SIPMessage", "SIPTransaction"], swiftSettings: strict),
    .testTarget(
      name: "SIPUserAgentTests", dependencies: ["SIPMessage", "SIPTransaction", "SIPUserAgent"],
      exclude: ["Scenarios"], swiftSettings: strict),
    .testTarget(name: "SIPLocationTests", dependencies: ["SIPLocation", "SIPMessage"], swiftSettings: strict),
    .testTarget(name: "DatagramsTests", dependencies: ["Datagrams"], swiftSettings: strict),
    .testTarget(
      name: "ShardCoreTests", dependencies: ["SIPMessage", "SIPTransaction", "SIPUserAgent", "ShardCore"],
      swiftSettings: strict),
    .testTarget(
      name: "SIPTransportTests",
      dependencies: [
        "SIPMessage", "SIPLocation", "SIPTransport", "Scratch", .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + nio + wrapped,
      swiftSettings: strict),
    .testTarget(name: "SystemdTests", dependencies: ["Systemd"], swiftSettings: strict),
    .testTarget(name: "RegistrationControlTests", dependencies: ["RegistrationControl"], swiftSettings: strict),
    .testTarget(
      name: "DaemonConfigurationTests",
      dependencies: ["DaemonConfiguration", "SIPMessage", "SIPUserAgent", "Scratch"], exclude: ["TOML"],
      swiftSettings: strict),
    .testTarget(
      name: "RegistrationRecordsTests",
      dependencies: [
        "RegistrationRecords", "SIPMessage", "SIPUserAgent", "ShardCore", "Scratch",
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RegistrationDaemonTests",
      dependencies: [
        "RegistrationDaemon", "DaemonConfiguration", "RegistrationRecords", "SIPMessage", "SIPUserAgent",
        "SIPTransaction", "SIPLocation", "ShardCore", "SIPTransport", "RegistrationControl", "Scratch",
      ] + nio,
      swiftSettings: strict),
    .testTarget(
      name: "RegistrarLabTests", dependencies: ["RegistrarLab", "SIPMessage", "SIPTransport"], swiftSettings: strict),
    .target(
      name: "Simulation", dependencies: ["SIPMessage", "SIPTransaction", "SIPUserAgent", "ShardCore"],
      path: "Tests/Simulation",
      swiftSettings: strict),
    .testTarget(
      name: "SimulationTests", dependencies: ["Simulation", "SIPMessage", "SIPUserAgent", "ShardCore"],
      swiftSettings: strict),
    .target(name: "Scratch", path: "Tests/Scratch", swiftSettings: strict),
    .testTarget(name: "HouseRulesTests", swiftSettings: strict),
  ]
)

// Only for `Tests/run simulate`.
if Context.environment["SIPREGD_SIMULATE"] != nil {
  package.products.append(.executable(name: "simulate", targets: ["simulate"]))
  package.targets.append(
    .executableTarget(
      name: "simulate", dependencies: ["Simulation", arguments], path: "Tests/Simulate", swiftSettings: strict))
}

// Only for `Tests/run fuzz`: it links with --sanitize=fuzzer, which brings the main function.
if Context.environment["SIPREGD_FUZZ"] != nil {
  package.products.append(.executable(name: "fuzz", targets: ["fuzz"]))
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "SIPMessage", "SIPTransaction", "SIPUserAgent", "SIPLocation", "ShardCore", "SIPTransport",
        "RegistrationControl", "DaemonConfiguration", "RegistrationRecords",
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + wrapped,
      path: "Tests/Fuzz", exclude: ["Seeds"], swiftSettings: [.swiftLanguageMode(.v6)]))
}

// Only for `Tests/Microbenchmarks/measure`, which counts instructions and allocations.
if Context.environment["SIPREGD_MICROBENCHMARKS"] != nil {
  package.products.append(.executable(name: "microbenchmarks", targets: ["microbenchmarks"]))
  package.targets += [
    .target(name: "AllocationCounter", path: "Tests/Microbenchmarks/AllocationCounter"),
    .executableTarget(
      name: "microbenchmarks",
      dependencies: [
        "AllocationCounter", "Datagrams", "SIPMessage", "SIPTransaction", "SIPUserAgent", "ShardCore",
        "RegistrationRecords",
      ],
      path: "Tests/Microbenchmarks/Program", swiftSettings: strict),
  ]
}
