import Foundation
import NIOCore
import RegistrationControl
import Testing

@testable import RegistrationDaemon

/// What a client must not be able to do to the daemon, or to another client.
@Suite struct ControlAbuseTests {
  private func event(_ number: Int, account: String = "user00000") -> RegistrationEvent {
    RegistrationEvent(
      at: Timestamp(seconds: 1_764_000_000), account: account, aor: "sip:\(account)@example.com", kind: .refreshed,
      state: .registered, text: "\(number) " + String(repeating: "x", count: 500))
  }

  /// Waits for what another thread is about to do.
  private func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<6_000 {
      if condition() { return true }
      usleep(10_000)
    }
    return false
  }

  @Test(arguments: ["x", "[]", #"{"method":7}"#, "{}", String(repeating: "[", count: 100_000)])
  func garbageEndsTheConnection(_ garbage: String) throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1))
    let client = try RawClient(path: bench.path)
    client.send(Array(garbage.utf8) + [0])
    #expect(throws: RawClient.Closed.self) { try client.receive() }
    let next = try RawClient(path: bench.path)
    #expect(try next.ask(.status, StatusReply.self).parameters.status.total == 1)
  }

  @Test func aLineWithoutEndIsCutOffAtTheLimit() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1))
    let client = try RawClient(path: bench.path)
    client.send([UInt8](repeating: UInt8(ascii: " "), count: 10 << 20))
    #expect(throws: RawClient.Closed.self) { try client.receive() }
  }

  @Test func callsThatWaitBehindASilentServiceAreBounded() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1, isSilent: true))
    let client = try RawClient(path: bench.path)
    let call = ControlCall.status.frame()
    client.send((0...((1 << 20) / call.count + 1)).flatMap { _ in call })
    #expect(throws: RawClient.Closed.self) { try client.receive() }
  }

  @Test func aConnectionBeyondTheLimitIsClosedAndTheOthersGoOn() throws {
    var limits = ControlLimits()
    limits.clients = 2
    let bench = try ControlBench(service: ScriptedService(accounts: 1), limits: limits)
    let first = try RawClient(path: bench.path)
    _ = try first.ask(.status, StatusReply.self)
    var second: RawClient? = try RawClient(path: bench.path)
    _ = try second?.ask(.status, StatusReply.self)
    let third = try RawClient(path: bench.path)
    #expect(throws: RawClient.Closed.self) { try third.receive() }
    _ = try first.ask(.status, StatusReply.self)
    second = nil
    #expect(eventually { (try? RawClient(path: bench.path).ask(.status, StatusReply.self)) != nil })
  }

  @Test func aConnectionThatAsksNothingIsClosed() throws {
    var limits = ControlLimits()
    limits.idle = .milliseconds(1)
    let bench = try ControlBench(service: ScriptedService(accounts: 1), limits: limits)
    let client = try RawClient(path: bench.path)
    #expect(throws: RawClient.Closed.self) { try client.receive() }
  }

  @Test func aWatcherSeesEveryEventThatItsFilterLetsThroughInOrder() throws {
    let service = ScriptedService(accounts: 1)
    let bench = try ControlBench(service: service)
    let client = try RawClient(path: bench.path)
    client.send(ControlCall.watch(AccountFilter(pattern: "user*")).frame(more: true))
    #expect(eventually { service.watchers.count == 1 })
    for number in 0..<500 {
      service.watchers[0].send(event(number))
      service.watchers[0].send(event(number, account: "other"))
    }
    for number in 0..<500 {
      let reply = try client.reply(WatchReply.self)
      #expect(reply.continues)
      #expect(reply.parameters.event == event(number))
    }
    client.finishSending()
    #expect(eventually { service.closedWatchers == 1 })
  }

  @Test func aWatcherThatDoesNotReadIsDisconnected() throws {
    var limits = ControlLimits()
    limits.unread = 256 << 10
    let service = ScriptedService(accounts: 1)
    let bench = try ControlBench(service: service, limits: limits)
    let sleeper = try RawClient(path: bench.path)
    sleeper.send(ControlCall.watch(AccountFilter()).frame(more: true))
    #expect(eventually { service.watchers.count == 1 })
    // Far more than the kernel's socket buffers and ours together.
    for number in 0..<10_000 where service.closedWatchers == 0 { service.watchers[0].send(event(number)) }
    #expect(eventually { service.closedWatchers == 1 })
    let other = try RawClient(path: bench.path)
    #expect(try other.ask(.status, StatusReply.self).parameters.status.total == 1)
  }

  @Test func aWatcherWhoseEventsPileUpBeforeTheEventLoopIsDisconnected() throws {
    var limits = ControlLimits()
    limits.queuedEvents = 0
    let service = ScriptedService(accounts: 1)
    let bench = try ControlBench(service: service, limits: limits)
    let client = try RawClient(path: bench.path)
    client.send(ControlCall.watch(AccountFilter()).frame(more: true))
    #expect(eventually { service.watchers.count == 1 })
    service.watchers[0].send(event(0))
    #expect(throws: RawClient.Closed.self) { try client.receive() }
    #expect(eventually { service.closedWatchers == 1 })
  }

  @Test func aListThatIsReadSlowlyWaitsAndIsCompleteInTheEnd() throws {
    var limits = ControlLimits()
    limits.unread = 64 << 10
    let bench = try ControlBench(service: ScriptedService(accounts: 5_000), limits: limits)
    let client = try RawClient(path: bench.path)
    client.send(ControlCall.list(AccountFilter()).frame(more: true))
    let other = try RawClient(path: bench.path)
    #expect(try other.ask(.status, StatusReply.self).parameters.status.total == 5_000)
    var count = 0
    var continues = true
    while continues {
      let reply = try client.reply(ListReply.self)
      count += reply.parameters.accounts.count
      continues = reply.continues
    }
    #expect(count == 5_000)
  }

  @Test func aListThatIsNotReadAtAllEndsAfterTheStall() throws {
    var limits = ControlLimits()
    limits.unread = 64 << 10
    limits.stall = .milliseconds(1)
    let bench = try ControlBench(service: ScriptedService(accounts: 20_000), limits: limits)
    let client = try RawClient(path: bench.path)
    client.send(ControlCall.list(AccountFilter()).frame(more: true))
    #expect(client.waitForHangUp())
  }

  @Test func whoSendsCallsAndReadsNoRepliesIsDisconnected() throws {
    var limits = ControlLimits()
    limits.unread = 64 << 10
    limits.stall = .milliseconds(1)
    let bench = try ControlBench(service: ScriptedService(accounts: 1), limits: limits)
    let client = try RawClient(path: bench.path)
    let call = ControlCall.interfaceDescription(InterfaceDescription.registrationsName).frame()
    client.send((0..<5_000).flatMap { _ in call })
    #expect(client.waitForHangUp())
  }
}
