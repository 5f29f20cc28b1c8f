import DaemonConfiguration
import NIOConcurrencyHelpers
import RegistrationRecords
import Testing

@testable import RegistrationDaemon

/// What an operator reads of the store: each change once, and what is wrong for as long as it is.
@Suite struct StoreWatchTests {
  private let entries = NIOLockedValueBox([EventLog.Entry]())
  private let log: EventLog
  private let watch: StoreWatch

  init() {
    log = EventLog(LogSettings(), sink: { [entries] entry in entries.withLockedValue { $0.append(entry) } })
    watch = StoreWatch(log: log)
  }

  private var lines: [String] {
    log.flush()
    return entries.withLockedValue { $0.map { "\($0.level.rawValue): \($0.message)" } }
  }

  @Test func eachChangeIsSaidOnce() {
    #expect(watch.problem == nil)
    watch.changed(.good)
    watch.changed(.degraded(reason: "No space left on device"))
    watch.changed(.degraded(reason: "No space left on device"))
    #expect(watch.problem == "No space left on device")
    watch.changed(.closed(reason: "/s: Permission denied"))
    #expect(watch.problem == "a start would not find it: /s: Permission denied")
    watch.changed(.good)
    #expect(watch.problem == nil)
    #expect(
      lines == [
        "error: state is not written, registrations go on from memory: No space left on device",
        "error: a start would not find the state: /s: Permission denied", "notice: state is written again",
      ])
  }

  /// Each loss is a gap of its own, whatever was said before.
  @Test func everyLossIsFilledAndAsksForItByItsNumber() {
    let losses = NIOLockedValueBox([Int]())
    watch.changed(.incomplete(loss: 1, reason: "gone"))
    watch.onLoss { loss in losses.withLockedValue { $0.append(loss) } }
    watch.changed(.incomplete(loss: 2, reason: "gone"))
    watch.changed(.incomplete(loss: 3, reason: "gone"))
    #expect(losses.withLockedValue { $0 } == [2, 3])
    #expect(lines == ["error: state was lost (gone), and is written anew from memory"])
    #expect(watch.problem == "it was lost and is written anew: gone")
  }
}
