import DaemonConfiguration
import RegistrationControl
import RegistrationRecords
import Testing

@testable import RegistrationDaemon

/// The daemon as a whole on loopback, with a store in memory.
@Suite(.timeLimit(.minutes(1))) struct SupervisorTests {
  private let bench: DaemonBench

  init() throws { bench = try DaemonBench() }

  @Test func whatOneProcessBoundTheNextHasWithoutARequest() async throws {
    var callID: String?
    try await bench.withDaemon(["alice"]) { supervisor in
      callID = try await bench.accept().callID?.text
      try await bench.bound(supervisor)
    }
    #expect(!bench.store.isOpen)
    #expect(bench.store.records.count == 1)
    #expect(bench.store.records.values.first?.callID == callID)
    try await bench.withDaemon(["alice"]) { supervisor in
      #expect(await supervisor.status().bound == 1)
      let details = try await supervisor.details(of: "alice")
      #expect(details.account.state == .registered)
    }
  }

  @Test func theStateOfAnAccountThatIsNoLongerConfiguredGoes() async throws {
    try await bench.withDaemon(["alice"]) { supervisor in
      _ = try await bench.accept()
      try await bench.bound(supervisor)
    }
    try await bench.withDaemon(["bob"]) { _ in
      while bench.store.records.keys.contains(where: { $0.hasPrefix("alice ") }) {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    #expect(bench.lines.contains("forgot the state of 1 account no longer configured"))
  }

  @Test func aReloadTakesOutAndTakesIn() async throws {
    try await bench.withDaemon(["alice", "bob"], later: ["bob", "carol"]) { supervisor in
      let report = try await supervisor.reload(dryRun: false)
      #expect((report.added, report.changed, report.removed, report.unchanged) == (["carol"], [], ["alice"], 1))
      let page = await supervisor.page(AccountPageRequest(filter: AccountFilter(), limit: 10))
      #expect(page.accounts.map(\.name) == ["bob", "carol"])
      await #expect(throws: ControlError.noSuchAccount("alice")) { try await supervisor.details(of: "alice") }
    }
  }

  @Test func anOperatorReadsThatNothingIsWritten() async throws {
    try await bench.withDaemon([]) { supervisor in
      #expect(await supervisor.status().store.healthy)
      bench.store.tell(.degraded(reason: "No space left on device"))
      #expect(await supervisor.status().store.problem == "No space left on device")
      bench.store.tell(.good)
      #expect(await supervisor.status().store.healthy)
    }
    #expect(bench.lines.suffix(3).first?.hasSuffix("No space left on device") == true)
  }

  @Test func aStoreOfAnotherProcessIsLeftToIt() async throws {
    let configuration = try bench.configuration([])
    let log = EventLog(configuration.daemon.log, sink: { _ in })
    let inUse: Supervisor.OpenStore = { (directory, _) throws(StateInUse) in throw StateInUse(directory: directory) }
    let failure = #expect(throws: Supervisor.StartFailure.self) {
      try Supervisor(configuration, log: log, openStore: inUse) { _ in configuration }
    }
    #expect(failure?.description.hasSuffix("is in use by another sipregd or by sqlite3") == true)
  }
}
