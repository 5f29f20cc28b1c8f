import Foundation
import RegistrationControl
import Testing

@testable import RegistrationDaemon

/// Who gets a place at the control socket, and how much of the daemon, when others take what they can get.
@Suite struct ControlPlacesTests {
  private let readers = ControlPermissions(changers: [])

  private func isAnswered(_ client: RawClient) -> Bool { (try? client.ask(.status, StatusReply.self)) != nil }

  /// So many connections one after the other; those that are answered.
  private func connections(_ count: Int, to path: String) throws -> [RawClient] {
    try (0..<count).map { _ in try RawClient(path: path) }.filter(isAnswered)
  }

  @Test func oneReaderHasOnlySoManyConnections() throws {
    var limits = ControlLimits()
    limits.clientsPerReader = 3
    let bench = try ControlBench(service: ScriptedService(accounts: 1), permissions: readers, limits: limits)
    #expect(try connections(8, to: bench.path).count == 3)
  }

  @Test func allReadersTogetherLeaveThePlacesOfThoseWhoMayChange() throws {
    var limits = ControlLimits()
    (limits.clients, limits.placesKept) = (5, 3)
    let bench = try ControlBench(service: ScriptedService(accounts: 1), permissions: readers, limits: limits)
    #expect(try connections(8, to: bench.path).count == 2)
  }

  @Test func whoMayChangeHasAllPlaces() throws {
    var limits = ControlLimits()
    (limits.clients, limits.placesKept, limits.clientsPerReader) = (5, 3, 1)
    let bench = try ControlBench(service: ScriptedService(accounts: 1), limits: limits)
    #expect(try connections(8, to: bench.path).count == 5)
  }

  @Test(arguments: [(ControlPermissions.rootAndOwnUser, true), (ControlPermissions(changers: []), false)])
  func aReaderHasNoRoomForALongCall(_ permissions: ControlPermissions, _ isAnswered: Bool) throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1), permissions: permissions)
    let client = try RawClient(path: bench.path)
    let names = (0..<20_000).map { "user\($0)" }
    client.send(ControlCall.refresh(AccountSelection(names: names)).frame())
    if isAnswered {
      #expect(throws: ControlError.noSuchAccount("user0")) { try client.reply(AffectedReply.self) }
    } else {
      #expect(throws: RawClient.Closed.self) { try client.receive() }
    }
  }

  @Test func theEventsOfAllWatchersTogetherHaveALimit() throws {
    var limits = ControlLimits()
    (limits.queuedEvents, limits.queuedEventsInAll) = (1 << 20, 1 << 20)
    limits.unread = 4 << 10
    let service = ScriptedService(accounts: 1)
    let bench = try ControlBench(service: service, limits: limits)
    let sleepers = try (0..<8).map { _ in try RawClient(path: bench.path) }
    for sleeper in sleepers { sleeper.send(ControlCall.watch(AccountFilter()).frame(more: true)) }
    while service.watchers.count < sleepers.count { usleep(1_000) }
    let event = RegistrationEvent(
      at: Timestamp(seconds: 1_764_000_000), account: "alice", aor: "sip:alice@example.com", kind: .refreshed,
      state: .registered, text: String(repeating: "x", count: 2_000))
    // Each could keep half a thousand; together they keep that.
    for _ in 0..<400 { for watcher in service.watchers { watcher.send(event) } }
    #expect(eventually { service.closedWatchers >= sleepers.count / 2 })
    #expect(isAnswered(try RawClient(path: bench.path)))
  }

  @Test func aWatcherThatReadsInTheEndHasMissedNothing() throws {
    var limits = ControlLimits()
    limits.unread = 4 << 10
    let service = ScriptedService(accounts: 1)
    let bench = try ControlBench(service: service, limits: limits)
    let client = try RawClient(path: bench.path)
    client.send(ControlCall.watch(AccountFilter()).frame(more: true))
    while service.watchers.isEmpty { usleep(1_000) }
    // More than the kernel keeps for it, less than it may leave lying.
    for number in 0..<1_500 {
      service.watchers[0].send(
        RegistrationEvent(
          at: Timestamp(seconds: 1_764_000_000), account: "\(number)", aor: "sip:a@b", kind: .refreshed,
          state: .registered, text: String(repeating: "x", count: 300)))
    }
    for number in 0..<1_500 {
      #expect(try client.reply(WatchReply.self).parameters.event.account == "\(number)")
    }
  }

  private func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<6_000 {
      if condition() { return true }
      usleep(10_000)
    }
    return false
  }
}
