import RegistrationControl
import SIPUserAgent

/// The control socket's way to the supervisor. Calls come on the socket's event loop and are answered from a task.
struct OperatorDesk: ControlService {
  let supervisor: Supervisor

  func status(answer: @escaping ControlAnswer<DaemonStatus>) {
    Task { answer(.success(await supervisor.status())) }
  }

  func accounts(_ request: AccountPageRequest, answer: @escaping ControlAnswer<AccountPage>) {
    Task { answer(.success(await supervisor.page(request))) }
  }

  func details(ofAccount name: String, answer: @escaping ControlAnswer<AccountDetails>) {
    give(answer) { () async throws(ControlError) in try await supervisor.details(of: name) }
  }

  func refresh(_ selection: AccountSelection, wait: Int?, answer: @escaping ControlAnswer<RefreshReport>) {
    give(answer) { () async throws(ControlError) in try await supervisor.refresh(selection, wait: wait) }
  }

  func pause(_ selection: AccountSelection, answer: @escaping ControlAnswer<Int>) {
    give(answer) { () async throws(ControlError) in try await supervisor.tell(selection, .pause) }
  }

  func resume(_ selection: AccountSelection, answer: @escaping ControlAnswer<Int>) {
    give(answer) { () async throws(ControlError) in try await supervisor.tell(selection, .resume) }
  }

  func reload(dryRun: Bool, answer: @escaping ControlAnswer<ReloadReport>) {
    give(answer) { () async throws(ControlError) in try await supervisor.reload(dryRun: dryRun) }
  }

  func watch(_ stream: ControlEventStream) { supervisor.watch(stream) }

  private func give<Value: Sendable>(
    _ answer: @escaping ControlAnswer<Value>, _ work: @escaping @Sendable () async throws(ControlError) -> Value
  ) {
    Task {
      do throws(ControlError) {
        answer(.success(try await work()))
      } catch {
        answer(.failure(error))
      }
    }
  }
}
