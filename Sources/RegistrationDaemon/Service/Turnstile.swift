import NIOCore

/// Lets one through at a time, in the order in which they came.
actor Turnstile {
  private var isTaken = false
  private var waiting = CircularBuffer<CheckedContinuation<Void, Never>>()

  /// Returns when it is one's turn; call `leave` behind it.
  func enter() async {
    guard isTaken else { return isTaken = true }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    if let next = waiting.popFirst() { next.resume() } else { isTaken = false }
  }
}
