import Dispatch
import NIOConcurrencyHelpers
import SIPUserAgent
import ShardCore

/// A store of records in one SQLite file in the state directory, written in batches on a queue of its own, never on a
/// shard's.
///
/// What waits while the disk is busy goes into one transaction. A disk that fails stops nobody: `StateHealth` says so,
/// the newest record of each account waits in memory, and it is written when it can be.
package final class StateStore: RecordStore {
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
  /// - Parameter observer: called on the store's queue.
  /// - Throws: when another process uses the directory. Every other trouble is one of health.
  package static func open(
    directory: String, clock: StateClock = .system(), retryInterval: Duration = StateStore.retryInterval,
    lookInterval: Duration = StateStore.lookInterval, observer: StoreObserver
  ) throws(StateInUse) -> StateStore {
    let store = StateStore(directory, clock, retryInterval, lookInterval, observer)
    try store.onQueue { writer throws(StateInUse) in try writer.open() }
    store.planRetry()
    store.planLook()
    return store
  }

  private init(
    _ directory: String, _ clock: StateClock, _ retryInterval: Duration, _ lookInterval: Duration,
    _ observer: StoreObserver
  ) {
    self.retryInterval = retryInterval
    self.lookInterval = lookInterval
    writer = StateWriter(path: directory, clock: clock, queue: queue, observer: observer)
  }

  // MARK: - At the start

  package func beginSeries() -> UInt32 {
    defer { planRetry() }
    return onQueue { writer in writer.beginSeries() } ? IdentityOrigin.reserve : 0
  }

  package func makeOrigin() async -> IdentityOrigin? {
    defer { planRetry() }
    return await withCheckedContinuation { continuation in
      queue.async { [writer] in continuation.resume(returning: writer.makeOrigin()) }
    }
  }

  package func load(_ each: (_ name: String, _ record: consuming RegistrationRecord) -> Void) {
    onQueue { writer in writer.load(each) }
    planRetry()
  }

  package func lastPorts() -> [UInt16] { onQueue { writer in writer.lastPorts() } }

  // MARK: - While it runs

  /// The completion is called on the store's queue.
  package func save(_ changes: [StateChange], completion: @escaping @Sendable () -> Void) {
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

  package func releaseMemory() async {
    await withCheckedContinuation { continuation in
      queue.async { [writer] in
        writer.releaseMemory()
        continuation.resume()
      }
    }
  }

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

  /// As it does by itself now and then.
  package func lookNow() async -> Int? {
    await withCheckedContinuation { continuation in
      queue.async { [self] in
        look()
        continuation.resume(returning: writer.unfilledLoss)
      }
    }
  }

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
