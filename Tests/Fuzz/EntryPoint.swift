import Foundation

/// Where bytes come into the daemon or its control program that others have made.
enum EntryPoint: String, CaseIterable {
  /// SIP peers, by datagrams and streams.
  case messages
  /// SIP peers, in answer to an INVITE or in order to begin one.
  case invites
  /// SIP peers behind a WebSocket.
  case webSockets
  /// Peers with TLS, or who say so.
  case certificates
  /// Name servers, of addresses.
  case names
  /// Name servers, of services.
  case services
  /// Programs at the control socket, and the daemon that they ask.
  case control
  /// The TOML file.
  case configuration
  /// The file of accounts, JSON Lines.
  case accounts
  /// The state file of a former process.
  case records

  /// That of this run, as the environment says.
  static let chosen: EntryPoint = {
    let name = ProcessInfo.processInfo.environment["SIPREGD_FUZZ_ENTRY"] ?? ""
    guard let entry = EntryPoint(rawValue: name) else {
      fatalError("SIPREGD_FUZZ_ENTRY is none of \(allCases.map(\.rawValue))")
    }
    return entry
  }()

  func run(_ bytes: [UInt8]) {
    switch self {
    case .messages: MessageProbe.run(bytes)
    case .invites: InviteProbe.run(bytes)
    case .webSockets: WebSocketProbe.run(bytes)
    case .certificates: CertificateProbe.run(bytes)
    case .names: NameProbe.run(bytes)
    case .services: ServiceProbe.run(bytes)
    case .control: ControlProbe.run(bytes)
    case .configuration: ConfigurationProbe.run(bytes)
    case .accounts: AccountsProbe.run(bytes)
    case .records: RecordProbe.run(bytes)
    }
  }
}

/// What libFuzzer calls with every input it makes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  EntryPoint.chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
