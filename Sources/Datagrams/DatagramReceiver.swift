import Glibc
import Synchronization

/// A thread of its own that waits for datagrams of one socket and hands them on.
///
/// In a stream of datagrams it reads once in `readPause`, since a wake-up costs as much as some datagrams.
package final class DatagramReceiver: Sendable {
  /// Between two reads while datagrams come one upon the other: one is late by so much at most.
  private static let readPause = Duration.milliseconds(1)
  /// After a read that failed, so that an error which stays does not take a processor.
  private static let readRetry = Duration.milliseconds(100)

  private let socket: DatagramSocket
  private let handOn: @Sendable (inout DatagramReader) -> Void
  private let isStopped = Atomic<Bool>(false)
  private let thread = Mutex<pthread_t?>(nil)

  /// - Parameter handOn: is called on the thread with what a read brought, and takes all of it
  package init(_ socket: DatagramSocket, handOn: @escaping @Sendable (inout DatagramReader) -> Void)
    throws(DatagramError)
  {
    self.socket = socket
    self.handOn = handOn
    var thread = pthread_t()
    let receiver = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<DatagramReceiver>.fromOpaque(context).takeRetainedValue().readUntilStopped() }
        return nil
      }, receiver.toOpaque())
    guard code == 0 else {
      receiver.release()
      throw DatagramError(code: code)
    }
    self.thread.withLock { $0 = thread }
  }

  /// Returns when nothing is handed on any more; not for the thread itself. Once.
  package func stop() {
    isStopped.store(true, ordering: .releasing)
    socket.endWaiting()
    if let thread = thread.withLock({ $0 }) { pthread_join(thread, nil) }
  }

  private func readUntilStopped() {
    var reader = DatagramReader()
    let clock = ContinuousClock()
    var before = clock.now - Self.readPause * 2
    while true {
      reader.read(from: socket)
      guard !isStopped.load(ordering: .acquiring) else { return }
      let now = clock.now
      handOn(&reader)
      // As many datagrams as there are slots are no trickle, however few slots they came in.
      if reader.arrived == 0 {
        Self.sleep(Self.readRetry)
      } else if reader.arrived < DatagramReader.capacity, now - before < Self.readPause * 2 {
        Self.sleep(Self.readPause - (clock.now - now))
      }
      before = now
    }
  }

  private static func sleep(_ duration: Duration) {
    guard duration > .zero else { return }
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
  }
}
