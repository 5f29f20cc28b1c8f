import DaemonConfiguration
import NIOConcurrencyHelpers
import RegistrationControl
import RegistrationRecords
import SIPMessage
import SIPTransaction
import SIPUserAgent
import Scratch
import Testing

@testable import RegistrationDaemon

/// The daemon as a whole on loopback, with a store in memory.
@Suite(.timeLimit(.minutes(1))) struct SupervisorTests {
  private let scratch: ScratchDirectory
  private let store = MemoryStore()
  private let peer: Peer
  private let lines = NIOLockedValueBox([String]())

  init() throws {
    scratch = try ScratchDirectory()
    peer = try Peer()
  }

  private func configuration(_ names: [String]) throws(ConfigurationErrors) -> Configuration {
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

  /// - Parameter later: the accounts that a reload finds
  private func withDaemon(
    _ names: [String], later: [String] = [], _ body: (Supervisor) async throws -> Void
  ) async throws {
    let configuration = try configuration(names)
    let reloaded = try self.configuration(later)
    let log = EventLog(configuration.daemon.log, sink: { entry in lines.withLockedValue { $0.append(entry.message) } })
    let supervisor = try Supervisor(configuration, log: log, openStore: { _, observer in store.open(observer) }) { _ in
      reloaded
    }
    do {
      try await supervisor.start()
      try await body(supervisor)
    } catch {
      await supervisor.stop()
      throw error
    }
    await supervisor.stop()
  }

  /// Answers the REGISTER that comes next.
  private func accept() throws -> Message {
    let request = try Message(parsing: peer.receive(), as: .datagram)
    peer.reply(
      request.response(
        status: 200, reason: "OK", toTag: "t", receivedFrom: peer.endpoint,
        adding: [(.contact, Array((request.first(.contact)?.text ?? "").utf8)), (.expires, Array("600".utf8))]))
    return request
  }

  private func bound(_ supervisor: Supervisor) async throws {
    while await supervisor.status().bound == 0 { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test func whatOneProcessBoundTheNextHasWithoutARequest() async throws {
    var callID: String?
    try await withDaemon(["alice"]) { supervisor in
      callID = try accept().callID?.text
      try await bound(supervisor)
    }
    #expect(!store.isOpen)
    #expect(store.records.count == 1)
    #expect(store.records.values.first?.callID == callID)
    try await withDaemon(["alice"]) { supervisor in
      #expect(await supervisor.status().bound == 1)
      let details = try await supervisor.details(of: "alice")
      #expect(details.account.state == .registered)
    }
  }

  @Test func theStateOfAnAccountThatIsNoLongerConfiguredGoes() async throws {
    try await withDaemon(["alice"]) { supervisor in
      _ = try accept()
      try await bound(supervisor)
    }
    try await withDaemon(["bob"]) { _ in
      while store.records.keys.contains(where: { $0.hasPrefix("alice ") }) {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    #expect(lines.withLockedValue { $0 }.contains("forgot the state of 1 account no longer configured"))
  }

  @Test func aReloadTakesOutAndTakesIn() async throws {
    try await withDaemon(["alice", "bob"], later: ["bob", "carol"]) { supervisor in
      let report = try await supervisor.reload(dryRun: false)
      #expect((report.added, report.changed, report.removed, report.unchanged) == (["carol"], [], ["alice"], 1))
      let page = await supervisor.page(AccountPageRequest(filter: AccountFilter(), limit: 10))
      #expect(page.accounts.map(\.name) == ["bob", "carol"])
      await #expect(throws: ControlError.noSuchAccount("alice")) { try await supervisor.details(of: "alice") }
    }
  }

  @Test func anOperatorReadsThatNothingIsWritten() async throws {
    try await withDaemon([]) { supervisor in
      #expect(await supervisor.status().store.healthy)
      store.tell(.degraded(reason: "No space left on device"))
      #expect(await supervisor.status().store.problem == "No space left on device")
      store.tell(.good)
      #expect(await supervisor.status().store.healthy)
    }
    #expect(lines.withLockedValue { $0 }.suffix(3).first?.hasSuffix("No space left on device") == true)
  }

  @Test func aStoreOfAnotherProcessIsLeftToIt() async throws {
    let configuration = try configuration([])
    let log = EventLog(configuration.daemon.log, sink: { _ in })
    let inUse: Supervisor.OpenStore = { (directory, _) throws(StateInUse) in throw StateInUse(directory: directory) }
    let failure = #expect(throws: Supervisor.StartFailure.self) {
      try Supervisor(configuration, log: log, openStore: inUse) { _ in configuration }
    }
    #expect(failure?.description.hasSuffix("is in use by another sipregd or by sqlite3") == true)
  }
}
