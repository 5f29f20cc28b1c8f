import DaemonConfiguration
import RegistrationControl
import Testing

@testable import RegistrationDaemon

/// Calls of the control socket as the daemon answers them: each once, with what it found or why there is nothing.
@Suite(.timeLimit(.minutes(1))) struct OperatorDeskTests {
  private let bench: DaemonBench

  init() throws { bench = try DaemonBench() }

  /// What a call is answered with. A second answer would trap.
  private func answer<Value: Sendable>(
    _ call: (@escaping ControlAnswer<Value>) -> Void
  ) async -> Result<Value, ControlError> {
    await withCheckedContinuation { continuation in call { continuation.resume(returning: $0) } }
  }

  @Test func whatIsSelectedIsDone() async throws {
    try await bench.withDaemon(["alice"]) { supervisor in
      let desk = OperatorDesk(supervisor: supervisor)
      _ = try await bench.accept()
      try await bench.bound(supervisor)
      let paused = await answer { desk.pause(AccountSelection(names: ["alice"]), answer: $0) }
      #expect(paused == .success(1))
      #expect(try await bench.accept().expires?.value == 0)
      while try await answer(desk.status).get().counts.paused == 0 { try await Task.sleep(for: .milliseconds(5)) }
      let page = try await answer {
        desk.accounts(AccountPageRequest(filter: AccountFilter(states: [.paused]), limit: 10), answer: $0)
      }.get()
      #expect(page.accounts.map(\.reason) == ["paused by the operator"])
      let refreshed = try await answer { desk.refresh(AccountSelection(all: true), wait: nil, answer: $0) }.get()
      #expect((refreshed.affected, refreshed.paused, refreshed.sent) == (1, 1, 0))
      let resumed = await answer { desk.resume(AccountSelection(pattern: "*"), answer: $0) }
      #expect(resumed == .success(1))
      #expect(try await bench.accept().expires?.value != 0)
      try await bench.bound(supervisor)
      #expect(try await answer { desk.details(ofAccount: "alice", answer: $0) }.get().account.state == .registered)
    }
  }

  @Test func withANameThatNobodyHasNothingIsDone() async throws {
    try await bench.withDaemon(["alice"]) { supervisor in
      let desk = OperatorDesk(supervisor: supervisor)
      let selection = AccountSelection(names: ["alice", "eve"])
      let error = ControlError.noSuchAccount("eve")
      #expect(await answer { desk.pause(selection, answer: $0) } == .failure(error))
      #expect(await answer { desk.resume(selection, answer: $0) } == .failure(error))
      #expect(await answer { desk.refresh(selection, wait: nil, answer: $0) }.failure == error)
      #expect(await answer { desk.details(ofAccount: "eve", answer: $0) }.failure == error)
      let status = try await answer(desk.status).get()
      #expect(status.counts.paused == 0)
    }
  }

  @Test func aWrongConfigurationIsToldLineByLineAndChangesNothing() async throws {
    let supervisor = try bench.supervisor(["alice"]) { _ throws(ConfigurationErrors) in
      try Configuration.parse(text: "[daemon]\nlocal_port = 70000\n")
    }
    let desk = OperatorDesk(supervisor: supervisor)
    #expect(
      await answer { desk.reload(dryRun: false, answer: $0) }.failure
        == .unavailable(reason: "the daemon is starting or stopping"))
    try await supervisor.start()
    let failure = await answer { desk.reload(dryRun: false, answer: $0) }.failure
    guard case .reloadFailed(let lines)? = failure else {
      Issue.record("\(String(describing: failure))")
      return await supervisor.stop()
    }
    #expect(lines.count == 1 && lines.first?.hasPrefix("sipregd.toml:2: ") == true)
    #expect(try await answer(desk.status).get().total == 1)
    await supervisor.stop()
    #expect(bench.lines.contains("the configuration is wrong, nothing was changed"))
  }

  @Test func aDryRunTellsAndChangesNothing() async throws {
    try await bench.withDaemon(["alice"], later: ["bob"]) { supervisor in
      let desk = OperatorDesk(supervisor: supervisor)
      let report = try await answer { desk.reload(dryRun: true, answer: $0) }.get()
      #expect((report.added, report.removed) == (["bob"], ["alice"]))
      #expect(try await answer { desk.details(ofAccount: "alice", answer: $0) }.get().account.name == "alice")
    }
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
