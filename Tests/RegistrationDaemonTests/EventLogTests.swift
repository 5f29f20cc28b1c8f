import DaemonConfiguration
import Dispatch
import NIOConcurrencyHelpers
import Testing

@testable import RegistrationDaemon

/// Which entries are written, in which order, and what becomes of those that are too many.
@Suite struct EventLogTests {
  private let entries = NIOLockedValueBox([EventLog.Entry]())

  private func log(
    _ level: LogSettings.Level = .info, before: @escaping @Sendable (EventLog.Entry) -> Void = { _ in }
  ) -> EventLog {
    var settings = LogSettings()
    settings.level = level
    return EventLog(
      settings,
      sink: { [entries] entry in
        before(entry)
        entries.withLockedValue { $0.append(entry) }
      })
  }

  private func messages(of log: EventLog) -> [String] {
    log.flush()
    return entries.withLockedValue { $0.map(\.message) }
  }

  @Test func whatIsLessImportantThanTheLevelIsNotWritten() {
    let levels = LogSettings.Level.allCases
    for level in levels {
      entries.withLockedValue { $0 = [] }
      let log = log(level)
      for other in levels { log.write(other, other.rawValue) }
      #expect(messages(of: log) == levels.drop { $0 != level }.map(\.rawValue))
      #expect(levels.filter(log.isWritten) == Array(levels.drop { $0 != level }))
    }
  }

  @Test func theLevelOfARunningLogCanBeChanged() {
    let log = log()
    log.write(.debug, "before")
    log.setLevel(.debug)
    log.write([EventLog.Entry(.debug, "between", fields: [(name: "SIP_ACCOUNT", value: "alice")])])
    log.setLevel(.error)
    log.write(.warning, "behind")
    #expect(messages(of: log) == ["between"])
    #expect(entries.withLockedValue { $0.first?.fields.map(\.value) } == ["alice"])
  }

  @Test func whatThereIsNoRoomForIsCounted() {
    let (arrived, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let log = log { entry in
      guard entry.message == "slow" else { return }
      arrived.signal()
      gate.wait()
    }
    log.write(.info, "slow")
    arrived.wait()
    log.write((0..<10_000).map { EventLog.Entry(.info, "\($0)") })
    for _ in 0..<3 { log.write([EventLog.Entry(.info, "too"), EventLog.Entry(.info, "many")]) }
    gate.signal()
    let found = messages(of: log)
    #expect(found.prefix(3) == ["slow", "6 log entries were dropped: too many at once", "0"])
    #expect(found.count == 10_002 && found.last == "9999")
    log.write(.info, "later")
    #expect(messages(of: log).last == "later")
  }
}
