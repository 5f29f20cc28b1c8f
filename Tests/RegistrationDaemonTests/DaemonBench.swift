import DaemonConfiguration
import NIOConcurrencyHelpers
import RegistrationControl
import RegistrationRecords
import SIPMessage
import Scratch

@testable import RegistrationDaemon

/// The daemon as a whole on loopback, with a store in memory and a peer that its accounts register with.
struct DaemonBench {
  private let scratch: ScratchDirectory
  let store = MemoryStore()
  let peer: Peer
  private let written = NIOLockedValueBox([String]())
  /// Call-ID and CSeq of the request that was answered last.
  private let answered = NIOLockedValueBox("")

  init() throws {
    scratch = try ScratchDirectory()
    peer = try Peer()
  }

  /// What the log holds.
  var lines: [String] { written.withLockedValue { $0 } }

  func configuration(_ names: [String]) throws(ConfigurationErrors) -> Configuration {
    let accounts = names.map { name in
      """
      [[account]]
      name = "\(name)"
      aor = "sip:\(name)@example.com"
      registrar = "sip:\(peer.endpoint)"
      username = "\(name)"
      password = "secret"

      """
    }
    let settings = """
      [daemon]
      state_directory = "\(scratch.file("state"))"
      control_socket = "\(scratch.file("control"))"
      local_port = 0
      local_address_v4 = "127.0.0.1"
      local_address_v6 = "off"

      """
    return try Configuration.parse(text: settings + accounts.joined())
  }

  /// - Parameter reread: what a reload finds
  func supervisor(_ names: [String], reread: @escaping Supervisor.Reread) throws -> Supervisor {
    let configuration = try configuration(names)
    let log = EventLog(
      configuration.daemon.log, sink: { [written] entry in written.withLockedValue { $0.append(entry.message) } })
    return try Supervisor(configuration, log: log, openStore: { _, observer in store.open(observer) }, reread: reread)
  }

  /// Up, and down again.
  ///
  /// - Parameter later: the accounts that a reload finds
  func withDaemon(
    _ names: [String], later: [String] = [], _ body: (Supervisor) async throws -> Void
  ) async throws {
    let reloaded = try configuration(later)
    let supervisor = try supervisor(names) { _ in reloaded }
    do {
      try await supervisor.start()
      try await body(supervisor)
    } catch {
      await supervisor.stop()
      throw error
    }
    await supervisor.stop()
  }

  /// Answers the REGISTER that comes next, and copies of the one before, which leave while its answer is late.
  func accept() async throws -> Message {
    while true {
      let request = try Message(parsing: await peer.receive(), as: .datagram)
      try answer(request)
      let name = try "\(request.first(.callID)?.text ?? "") \(request.cSeq().number)"
      let isNew = answered.withLockedValue { last in
        defer { last = name }
        return name != last
      }
      if isNew { return request }
    }
  }

  private func answer(_ request: Message) throws {
    // Seen where it says that it is: there is no NAT between.
    let via = try request.topmostVia()
    guard case .address(let address) = via.host, let port = via.port else {
      preconditionFailure("a Via without an end")
    }
    peer.reply(
      request.response(
        status: 200, reason: "OK", toTag: "t", receivedFrom: Endpoint(address: address, port: port),
        adding: [(.contact, Array((request.first(.contact)?.text ?? "").utf8)), (.expires, Array("600".utf8))]))
  }

  func bound(_ supervisor: Supervisor) async throws {
    while await supervisor.status().bound == 0 { try await Task.sleep(for: .milliseconds(5)) }
  }
}
