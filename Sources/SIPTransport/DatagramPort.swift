import Glibc
import NIOCore
import SIPMessage
import Synchronization

/// One UDP socket: all datagrams of one address family (RFC 3261 §18).
///
/// A thread of its own waits in recvmmsg(2) and delivers; whoever sends does so on his own thread. A refresh and its
/// answer then cost one wake-up, where an event loop takes one for each hand-over. In a stream of messages the thread
/// reads once in `readPause`, since a wake-up costs as much as some messages, and no timer of RFC 3261 cares.
final class DatagramPort: Sendable {
  /// Between two reads while messages come one upon the other: an answer is late by so much at most.
  private static let readPause = Duration.milliseconds(1)
  /// After a read that failed, so that an error which stays does not take a processor.
  private static let readRetry = Duration.milliseconds(100)
  /// How long a full send buffer gets to drain.
  private static let sendRetry = TimeAmount.milliseconds(1)

  private struct Sending {
    var isOpen = true
    let writer = DatagramWriter()
    var backlog = CircularBuffer<Outbound>()
    var backlogBytes = 0
  }

  private let socket: DatagramSocket
  private let backlogLimit: Int
  private let eventLoop: any EventLoop
  private let counters: CounterStore
  private let deliver: @Sendable ([TransportEvent]) -> Void
  private let sending = Mutex(Sending())
  private let thread = Mutex<pthread_t?>(nil)

  /// Binds. `deliver` is called on the port's thread, and with what failed later on the event loop.
  init(
    _ endpoint: Endpoint, settings: TransportSettings, eventLoop: any EventLoop, counters: CounterStore,
    deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) throws(TransportFailure) {
    socket = try DatagramSocket(boundTo: endpoint)
    backlogLimit = settings.maximumDatagramBacklog
    self.eventLoop = eventLoop
    self.counters = counters
    self.deliver = deliver
    do throws(TransportFailure) {
      try startReading()
    } catch {
      socket.close()
      throw error
    }
  }

  var endpoint: Endpoint { socket.endpoint }

  /// Blocks until the port is free; not for the port's thread.
  func close() {
    let isFirst = sending.withLock { sending in
      defer { sending.isOpen = false }
      return sending.isOpen
    }
    guard isFirst else { return }
    socket.endWaiting()
    if let thread = thread.withLock({ $0 }) { pthread_join(thread, nil) }
    socket.close()
  }

  // MARK: Reading

  private func startReading() throws(TransportFailure) {
    var thread = pthread_t()
    let port = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<DatagramPort>.fromOpaque(context).takeRetainedValue().readUntilClosed() }
        return nil
      }, port.toOpaque())
    guard code == 0 else {
      port.release()
      throw TransportFailure(errno: code)
    }
    self.thread.withLock { $0 = thread }
  }

  private func readUntilClosed() {
    let reader = DatagramReader()
    let clock = ContinuousClock()
    var before = clock.now - Self.readPause * 2
    while true {
      reader.read(from: socket)
      guard sending.withLock({ $0.isOpen }) else { return }
      let now = clock.now
      let seen = handOn(reader)
      // As many messages as there are slots are no trickle, however few slots they came in.
      if seen.datagramsIn == 0 {
        Self.sleep(Self.readRetry)
      } else if seen.datagramsIn < DatagramReader.capacity, now - before < Self.readPause * 2 {
        Self.sleep(Self.readPause - (clock.now - now))
      }
      before = now
    }
  }

  /// - Returns: what came
  private func handOn(_ reader: DatagramReader) -> TransportCounters {
    var all = TransportCounters()
    while true {
      var seen = TransportCounters()
      let events = reader.messages(counting: &seen)
      counters.update { $0.add(seen) }
      all.add(seen)
      guard !events.isEmpty else { return all }
      deliver(events)
    }
  }

  private static func sleep(_ duration: Duration) {
    guard duration > .zero else { return }
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
  }

  /// Datagrams that the system dropped, because they were not read in time.
  var overflow: UInt32 { sending.withLock { $0.isOpen ? socket.overflow : 0 } }

  // MARK: Writing

  /// Sends in order; answers with what failed. Only what the socket does not take at once has to fit the backlog. From
  /// any thread.
  func send(_ batch: [Outbound]) -> [TransportEvent] {
    sending.withLock { sending in
      let isRetryDue = !sending.backlog.isEmpty
      var outcome = isRetryDue ? DatagramWriter.Outcome() : write(batch, sending)
      for outbound in batch[outcome.done...] {
        guard sending.backlog.isEmpty || sending.backlogBytes + outbound.bytes.count <= backlogLimit else {
          let failure = TransportFailure(.noBuffers, detail: "backlog is full")
          outcome.failures.append(.sendFailed(token: outbound.token, failure))
          continue
        }
        sending.backlog.append(outbound)
        sending.backlogBytes += outbound.bytes.count
      }
      if !isRetryDue, !sending.backlog.isEmpty { retryLater() }
      return outcome.failures
    }
  }

  private func retryLater() {
    eventLoop.scheduleTask(in: Self.sendRetry) {
      let failures = self.drain()
      guard !failures.isEmpty else { return }
      self.counters.update { $0.sendFailures += UInt64(failures.count) }
      self.deliver(failures)
    }
  }

  private func drain() -> [TransportEvent] {
    sending.withLock { sending in
      let outcome = write(sending.backlog, sending)
      sending.backlogBytes -= sending.backlog.prefix(outcome.done).reduce(0) { $0 + $1.bytes.count }
      sending.backlog.removeFirst(outcome.done)
      if !sending.backlog.isEmpty { retryLater() }
      return outcome.failures
    }
  }

  private func write(_ batch: some RandomAccessCollection<Outbound>, _ sending: Sending) -> DatagramWriter.Outcome {
    guard sending.isOpen else {
      let failures = batch.map { TransportEvent.sendFailed(token: $0.token, TransportFailure(.closed)) }
      return DatagramWriter.Outcome(done: batch.count, failures: failures)
    }
    let outcome = sending.writer.write(batch, to: socket)
    counters.update {
      $0.datagramsOut += outcome.sent
      $0.bytesOut += outcome.bytes
    }
    return outcome
  }
}
