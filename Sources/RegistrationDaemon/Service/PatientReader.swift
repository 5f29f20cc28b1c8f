import Dispatch
import NIOConcurrencyHelpers

/// Reads beside everything else, and stops waiting when it takes too long: a file system may hang, as NFS does without its
/// server, and a thread that waits for it cannot be called back. What it reads in the end, nobody takes.
final class PatientReader: Sendable {
  /// A million accounts take a quarter of a minute beside other work.
  static let patience = Duration.seconds(120)
  /// Threads that may hang; a reading more would hang as well.
  static let mostHanging = 4

  private let hanging = NIOLockedValueBox(0)

  var isExhausted: Bool { hanging.withLockedValue { $0 >= Self.mostHanging } }

  /// - Returns: nil when it took longer.
  func read<Value: Sendable>(within patience: Duration, _ body: @escaping @Sendable () -> Value) async -> Value? {
    await withCheckedContinuation { continuation in
      let waiting = NIOLockedValueBox<CheckedContinuation<Value?, Never>?>(continuation)
      @Sendable func answer(_ value: Value?) -> Bool {
        let waiter = waiting.withLockedValue { waiter in
          defer { waiter = nil }
          return waiter
        }
        waiter?.resume(returning: value)
        return waiter != nil
      }
      // A thread of its own: no other queue waits behind one that hangs.
      DispatchQueue(label: "sip.configuration", qos: .utility).async { [hanging] in
        if !answer(body()) { hanging.withLockedValue { $0 -= 1 } }
      }
      let nanoseconds =
        Int(clamping: patience.components.seconds) * 1_000_000_000
        + Int(patience.components.attoseconds / 1_000_000_000)
      DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [hanging] in
        if answer(nil) { hanging.withLockedValue { $0 += 1 } }
      }
    }
  }
}
