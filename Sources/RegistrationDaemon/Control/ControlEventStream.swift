import NIOConcurrencyHelpers
import NIOCore
import RegistrationControl
import Synchronization

/// The way of events to one watching client. Any thread may send; the event loop is woken once per batch. A client that
/// does not keep up is disconnected, because a gap in the events must not look like silence.
package final class ControlEventStream: Sendable {
  private struct State: Sendable {
    var queue = CircularBuffer<RegistrationEvent>()
    /// What is in the queue.
    var bytes = 0
    /// More came than there is room for.
    var isOverfull = false
    var isClosed = false
    var onClose: [@Sendable () -> Void] = []
    /// Run on the event loop: there is something to take, or too much. nil once closed: then it holds nothing of its
    /// client any more.
    var wake: (@Sendable () -> Void)?
  }

  private let state: NIOLockedValueBox<State>
  private let matcher: AccountMatcher
  private let limit: Int
  private let budget: ControlEventBudget
  private let eventLoop: any EventLoop

  /// - Parameter limit: bytes that may wait
  init(
    filter: AccountFilter, limit: Int, budget: ControlEventBudget, eventLoop: any EventLoop,
    wake: @escaping @Sendable () -> Void
  ) {
    matcher = AccountMatcher(filter)
    self.limit = limit
    self.budget = budget
    self.eventLoop = eventLoop
    state = NIOLockedValueBox(State(wake: wake))
  }

  package func send(_ event: RegistrationEvent) {
    guard matcher.matches(name: event.account, aor: event.aor, state: event.state) else { return }
    let size = event.estimatedSize
    let wake = state.withLockedValue { state -> (@Sendable () -> Void)? in
      guard !state.isClosed, !state.isOverfull else { return nil }
      guard state.bytes + size <= limit, budget.take(size) else {
        state.isOverfull = true
        return state.wake
      }
      state.bytes += size
      state.queue.append(event)
      return state.queue.count == 1 ? state.wake : nil
    }
    if let wake { eventLoop.execute(wake) }
  }

  /// Runs `action` once, when the client has gone: at once if it has already.
  package func onClose(_ action: @escaping @Sendable () -> Void) {
    let isClosed = state.withLockedValue { state in
      if !state.isClosed { state.onClose.append(action) }
      return state.isClosed
    }
    if isClosed { action() }
  }

  /// The next of what was sent, at most so many, or nil when more came than could be kept.
  func take(_ count: Int) -> [RegistrationEvent]? {
    state.withLockedValue { state in
      guard !state.isOverfull else { return nil }
      let events = Array(state.queue.prefix(count))
      state.queue.removeFirst(events.count)
      let size = events.reduce(0) { $0 + $1.estimatedSize }
      state.bytes -= size
      budget.giveBack(size)
      // A burst leaves no room behind that nobody needs.
      if state.queue.isEmpty { state.queue = CircularBuffer() }
      return events
    }
  }

  func close() {
    let actions = state.withLockedValue { state in
      let actions = state.onClose
      budget.giveBack(state.bytes)
      state = State(isClosed: true)
      return actions
    }
    for action in actions { action() }
  }
}

/// What the events of all watchers together may take, in bytes.
package final class ControlEventBudget: Sendable {
  private let limit: Int
  private let taken = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  /// - Returns: whether there was room for it.
  func take(_ size: Int) -> Bool {
    guard taken.add(size, ordering: .relaxed).newValue > limit else { return true }
    giveBack(size)
    return false
  }

  func giveBack(_ size: Int) { taken.subtract(size, ordering: .relaxed) }
}

extension RegistrationEvent {
  /// About what it takes, here and on its way, in bytes.
  fileprivate var estimatedSize: Int { 256 + account.utf8.count + aor.utf8.count + text.utf8.count }
}
