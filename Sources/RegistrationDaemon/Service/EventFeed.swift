import NIOConcurrencyHelpers
import RegistrationControl
import SIPMessage
import SIPUserAgent
import ShardCore
import Synchronization

/// Brings what shards report to the log and to whoever watches.
final class EventFeed: ShardObserver {
  private let log: EventLog
  private let watchers = NIOLockedValueBox<[Int: ControlEventStream]>([:])
  private let nextWatcher = Atomic<Int>(0)

  init(log: EventLog) { self.log = log }

  var leastRead: Report.Weight {
    if log.isWritten(.debug) || watchers.withLockedValue({ !$0.isEmpty }) { return .routine }
    return log.isWritten(.info) ? .progress : .notable
  }

  func happened(_ happenings: [Happening]) {
    log.write(happenings.lazy.filter { self.log.isWritten($0.report.level) }.map(\.entry))
    tell { clock in happenings.map { $0.event(clock) } }
  }

  func happened(toHop uri: URI, _ report: HopReport) { log.write([report.entry(of: uri)]) }

  func arrived(_ request: ArrivedRequest, at now: Instant, for account: (Account, StateName)?) {
    log.write([request.entry(for: account?.0)])
    guard let (account, state) = account else { return }
    tell { clock in [request.event(of: account, in: state, at: clock.timestamp(of: now))] }
  }

  func leftOut(_ words: String, of uri: URI) {
    log.write([
      EventLog.Entry(
        .warning, HopOccurrence.leftOut(words), fields: [(name: "SIP_NEXT_HOP", value: uri.description)])
    ])
  }

  func remarked(_ words: String, of target: Target) {
    log.write([
      EventLog.Entry(.warning, words, fields: [(name: "SIP_NEXT_HOP", value: target.endpoint.description)])
    ])
  }

  /// A change of the configuration.
  func announce(_ events: (WallClock) -> [RegistrationEvent]) { tell(events) }

  func watch(_ stream: ControlEventStream) {
    let number = nextWatcher.add(1, ordering: .relaxed).newValue
    watchers.withLockedValue { $0[number] = stream }
    stream.onClose { [weak self] in self?.watchers.withLockedValue { $0[number] = nil } }
  }

  private func tell(_ makeEvents: (WallClock) -> [RegistrationEvent]) {
    let streams = watchers.withLockedValue { Array($0.values) }
    guard !streams.isEmpty else { return }
    let events = makeEvents(WallClock())
    for stream in streams { for event in events { stream.send(event) } }
  }
}
