import Dispatch
import NIOConcurrencyHelpers
import SIPUserAgent

/// Keeps what must survive the process: the `RegistrationRecord` of each account that was bound, what identities are made
/// of before that, and the local ports. One SQLite file in the state directory, written in batches on a queue of its own,
/// never on a shard's.
///
/// What waits while the disk is busy goes into one transaction. A disk that fails stops nobody: `StateHealth` says so,
/// the newest record of each account waits in memory, and it is written when it can be. Not here: who numbers the
/// accounts, and what a record means.
package final class StateStore: Sendable {
  /// Between attempts after a failure; doubled up to 64 times as long.
  package static let retryInterval = Duration.seconds(1)
  private static let maximumDoublings = 6
  /// Between looks whether the state is still where a start would find it.
  package static let lookInterval = Duration.seconds(20)

  private struct Waiting {
    var changes: [StateChange] = []
    var completions: [@Sendable () -> Void] = []
    var isWritingPlanned = false
    var isRetryPlanned = false
    var failures = 0
    var isClosed = false
  }

  private let queue = DispatchQueue(label: "org.sipregd.state")
  private let writer: StateWriter
  private let waiting = NIOLockedValueBox(Waiting())
  private let retryInterval: Duration
  private let lookInterval: Duration

  /// Opens the state in a directory, which is made when only it is missing. A file that cannot be used is set aside.
  ///
  /// - Parameters:
  ///   - notice: what an operator must read. Called on the store's queue.
  ///   - healthChanged: called on the store's queue; the health is `good` until then.
  /// - Throws: when another process uses the directory. Every other trouble is one of health.
  package static func open(
    directory: String, clock: StateClock = .system(), retryInterval: Duration = StateStore.retryInterval,
    lookInterval: Duration = StateStore.lookInterval,
    notice: @escaping @Sendable (String) -> Void, healthChanged: @escaping @Sendable (StateHealth) -> Void
  ) throws(StateInUse) -> StateStore {
    let store = StateStore(directory, clock, retryInterval, lookInterval, notice, healthChanged)
    try store.onQueue { writer throws(StateInUse) in try writer.open() }
    store.planRetry()
    store.planLook()
    return store
  }

  private init(
    _ directory: String, _ clock: StateClock, _ retryInterval: Duration, _ lookInterval: Duration,
    _ notice: @escaping @Sendable (String) -> Void, _ healthChanged: @escaping @Sendable (StateHealth) -> Void
  ) {
    self.retryInterval = retryInterval
    self.lookInterval = lookInterval
    writer = StateWriter(path: directory, clock: clock, queue: queue, notice: notice, healthChanged: healthChanged)
  }

  // MARK: - At the start

  /// Reserves CSeq numbers for every account that has a record, before `load`.
  ///
  /// - Returns: how many; 0 while nothing can be written.
  package func beginSeries() -> UInt32 {
    defer { planRetry() }
    return onQueue { writer in writer.beginSeries() } ? IdentityOrigin.reserve : 0
  }

  /// For accounts that have no record; nil while nothing can be written.
  package func makeOrigin() async -> IdentityOrigin? {
    defer { planRetry() }
    return await withCheckedContinuation { continuation in
      queue.async { [writer] in continuation.resume(returning: writer.makeOrigin()) }
    }
  }

  /// Gives out every record once, before anything is saved. A binding that has ended, or may have, is left out of it.
  package func load(_ each: (_ name: String, _ record: consuming RegistrationRecord) -> Void) {
    onQueue { writer in writer.load(each) }
    planRetry()
  }

  /// Of the process before this one; empty when it left none.
  package func lastPorts() -> [UInt16] { onQueue { writer in writer.lastPorts() } }

  // MARK: - While it runs

  /// Stores the newest records of some accounts, and renewals of what was stored before.
  ///
  /// - Parameter completion: called on the store's queue once they are on the disk; at once when the store is degraded,
  ///   because registrations go on from memory then.
  package func save(_ changes: [StateChange], completion: @escaping @Sendable () -> Void = {}) {
    let isFirst = waiting.withLockedValue { waiting in
      if waiting.isClosed {
        // What is saved now is not stored.
      } else if waiting.changes.isEmpty {
        waiting.changes = changes
      } else {
        waiting.changes += changes
      }
      waiting.completions.append(completion)
      defer { waiting.isWritingPlanned = true }
      return !waiting.isWritingPlanned
    }
    if isFirst { queue.async { self.writeWaiting() } }
  }

  /// Removes accounts that left the configuration, when their un-REGISTER is over.
  package func forget(_ names: [String]) {
    save(names.map { .forgotten(name: $0) })
  }

  package func rememberPorts(_ ports: [UInt16]) {
    save([.ports(ports)])
  }

  /// Holds no more memory than it must, after a burst.
  package func releaseMemory() async {
    await withCheckedContinuation { continuation in
      queue.async { [writer] in
        writer.releaseMemory()
        continuation.resume()
      }
    }
  }

  /// Writes what waits and lets go of the directory. What is saved afterwards is not stored.
  package func close() {
    waiting.withLockedValue { $0.isClosed = true }
    onQueue { writer in
      writeWaiting()
      writer.close()
    }
  }

  private func writeWaiting() {
    let (changes, completions) = waiting.withLockedValue { waiting in
      defer { (waiting.changes, waiting.completions, waiting.isWritingPlanned) = ([], [], false) }
      return (waiting.changes, waiting.completions)
    }
    if !changes.isEmpty {
      writer.write(changes)
      planRetry()
    }
    for completion in completions { completion() }
  }

  // MARK: - Whether it stays where it is

  private func planLook() {
    queue.asyncAfter(deadline: .now() + .milliseconds(Int(lookInterval / .milliseconds(1)))) { [weak self] in
      guard let self, !waiting.withLockedValue({ $0.isClosed }) else { return }
      look()
      planLook()
    }
  }

  private func look() {
    writer.look()
    if writer.isDegraded { retry() }
  }

  /// Looks now whether the state is where a start would find it, as it does by itself now and then.
  ///
  /// - Returns: the loss whose gap has to be filled; nil: none, or nothing can be written.
  package func lookNow() async -> Int? {
    await withCheckedContinuation { continuation in
      queue.async { [self] in
        look()
        continuation.resume(returning: writer.unfilledLoss)
      }
    }
  }

  /// All that memory has was saved since this loss (`StateHealth.incomplete`).
  package func complete(_ loss: Int) {
    queue.async { [self] in
      writeWaiting()
      writer.complete(loss)
    }
  }

  // MARK: - After a failure

  private func planRetry() {
    queue.async { [self] in
      guard writer.isDegraded else { return }
      let doublings = waiting.withLockedValue { waiting -> Int? in
        guard !waiting.isRetryPlanned, !waiting.isClosed else { return nil }
        waiting.isRetryPlanned = true
        defer { waiting.failures += 1 }
        return min(waiting.failures, Self.maximumDoublings)
      }
      guard let doublings else { return }
      let delay = retryInterval * (1 << doublings)
      queue.asyncAfter(deadline: .now() + .milliseconds(Int(delay / .milliseconds(1)))) { [weak self] in self?.retry() }
    }
  }

  private func retry() {
    let isClosed = waiting.withLockedValue { waiting in
      waiting.isRetryPlanned = false
      return waiting.isClosed
    }
    guard !isClosed else { return }
    writer.retry()
    if writer.isDegraded {
      planRetry()
    } else {
      waiting.withLockedValue { $0.failures = 0 }
    }
  }

  private func onQueue<Result, Failure>(
    _ body: (StateWriter) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = queue.sync { () -> Swift.Result<Result, Failure> in
      do throws(Failure) {
        return .success(try body(writer))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
