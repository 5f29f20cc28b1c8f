import Dispatch

/// Runs an actor on a serial Dispatch queue of its own; `DispatchSerialQueue` does not exist on Linux.
///
/// `checkIsolated` is what lets a plain block on the queue enter the actor with `assumeIsolated`, once for a whole
/// batch: 15 ns an event, where an `await` for each costs microseconds.
final class QueueExecutor: SerialExecutor {
  let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
