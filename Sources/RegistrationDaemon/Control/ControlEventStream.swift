import NIOConcurrencyHelpers
import NIOCore
import RegistrationControl

/// The way of events to one watching client. Any thread may send; the event loop is woken once per batch. A client that
/// does not keep up is disconnected, because a gap in the events must not look like silence.
package final class ControlEventStream: Sendable {
  private struct State: Sendable {
    var queue: [RegistrationEvent] = []
    var isClosed = false
    var onClose: [@Sendable () -> Void] = []
    /// Run on the event loop: there is something to take, or too much. nil once closed: then it holds nothing of its
    /// client any more.
    var wake: (@Sendable () -> Void)?
  }

  private let state: NIOLockedValueBox<State>
  private let matcher: AccountMatcher
  private let limit: Int
  private let eventLoop: any EventLoop

  init(
    filter: AccountFilter, limit: Int, eventLoop: any EventLoop, wake: @escaping @Sendable () -> Void
  ) {
    matcher = AccountMatcher(filter)
    self.limit = limit
    self.eventLoop = eventLoop
    state = NIOLockedValueBox(State(wake: wake))
  }

  package func send(_ event: RegistrationEvent) {
    guard matcher.matches(name: event.account, aor: event.aor, state: event.state) else { return }
    let wake = state.withLockedValue { state -> (@Sendable () -> Void)? in
      guard !state.isClosed, state.queue.count <= limit else { return nil }
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

  /// What was sent since the last time, or nil when it was too much to keep.
  func take() -> [RegistrationEvent]? {
    let events = state.withLockedValue { state in
      let events = state.queue
      state.queue = []
      return events
    }
    return events.count > limit ? nil : events
  }

  func close() {
    let actions = state.withLockedValue { state in
      let actions = state.onClose
      state = State(isClosed: true)
      return actions
    }
    for action in actions { action() }
  }
}
