import SIPMessage
import SIPUserAgent
import Testing

@testable import ShardCore

@Suite struct StartQueueTests {
  private let now = Instant(nanoseconds: 1_000_000_000_000)

  private func timer(_ slot: Int32) -> TimerID { TimerID(kind: .registration, slot: slot, generation: 1) }

  /// As many as may start, each of which is then under way.
  private func drain(_ queue: inout StartQueue, underWay: Int, at now: Instant) -> Int {
    var count = 0
    while queue.next(underWay: underWay + count, now: now) != nil {
      queue.started()
      count += 1
    }
    return count
  }

  @Test func noMoreStartThanTheWindowHolds() {
    var queue = StartQueue()
    for slot in 0..<1_000 { queue.append(timer(Int32(slot)), isUrgent: false) }
    #expect(drain(&queue, underWay: 0, at: now) == StartQueue.window)
    #expect(drain(&queue, underWay: StartQueue.window, at: now) == 0)
  }

  @Test func anAnswerMakesRoomForOneMore() {
    var queue = StartQueue()
    for slot in 0..<1_000 { queue.append(timer(Int32(slot)), isUrgent: false) }
    _ = drain(&queue, underWay: 0, at: now)
    #expect(drain(&queue, underWay: StartQueue.window - 3, at: now) == 3)
  }

  @Test func whoDoesNotAnswerHoldsNobodyUpForLong() {
    var queue = StartQueue()
    for slot in 0..<1_000 { queue.append(timer(Int32(slot)), isUrgent: false) }
    _ = drain(&queue, underWay: 0, at: now)
    let later = now + StartQueue.patience * 2
    #expect(queue.retryAt <= later)
    #expect(drain(&queue, underWay: 100_000, at: later) == StartQueue.window)
  }

  @Test func refreshesGoBeforeFirstRegistrations() {
    var queue = StartQueue()
    queue.append(timer(1), isUrgent: false)
    queue.append(timer(2), isUrgent: true)
    guard case .timer(let first) = queue.next(underWay: 0, now: now),
      case .timer(let second) = queue.next(underWay: 0, now: now)
    else {
      Issue.record("nothing starts")
      return
    }
    #expect((first.slot, second.slot) == (2, 1))
    #expect(queue.isEmpty)
  }

  @Test func whatStartsNothingTakesNoRoom() {
    var queue = StartQueue()
    queue.append(.pause, of: (0..<1_000).map { AccountID(index: $0) })
    #expect(queue.hasCommands)
    var count = 0
    while queue.next(underWay: 0, now: now) != nil { count += 1 }
    #expect(count == 1_000)
    #expect(!queue.hasCommands)
  }
}
