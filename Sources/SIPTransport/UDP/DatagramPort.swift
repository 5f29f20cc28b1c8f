import Datagrams
import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// One UDP socket: all datagrams of one address family (RFC 3261 §18).
///
/// A thread of its own waits and delivers (`DatagramReceiver`); whoever sends does so on his own thread. A refresh and its
/// answer then cost one wake-up, where an event loop takes one for each hand-over, and no timer of RFC 3261 cares whether
/// an answer is late by a millisecond.
final class DatagramPort: Sendable {
  /// How long a full send buffer gets to drain.
  private static let sendRetry = TimeAmount.milliseconds(1)

  /// Only ever used under the lock.
  private final class Sending: @unchecked Sendable {
    var isOpen = true
    var writer = DatagramWriter()
    var backlog = CircularBuffer<Outbound>()
    var backlogBytes = 0
  }

  private let socket: DatagramSocket
  private let receiver: DatagramReceiver
  private let permit: SendingPermit
  private let backlogLimit: Int
  private let eventLoop: any EventLoop
  private let counters: CounterStore
  private let deliver: @Sendable ([TransportEvent]) -> Void
  private let sending = NIOLockedValueBox(Sending())

  /// Binds. `deliver` is called on the port's thread, and with what failed later on the event loop.
  init(
    _ endpoint: Endpoint, settings: TransportSettings, permit: SendingPermit, eventLoop: any EventLoop,
    counters: CounterStore,
    deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) throws(TransportFailure) {
    self.permit = permit
    backlogLimit = settings.maximumDatagramBacklog
    self.eventLoop = eventLoop
    self.counters = counters
    self.deliver = deliver
    do throws(DatagramError) {
      let socket = try DatagramSocket(boundTo: DatagramAddress(endpoint), joining: settings.joinsDatagrams)
      self.socket = socket
      do throws(DatagramError) {
        receiver = try DatagramReceiver(socket) { reader in
          while case let events = reader.messages(countedBy: counters), !events.isEmpty { deliver(events) }
        }
      } catch {
        socket.close()
        throw error
      }
    } catch {
      throw TransportFailure(errno: error.code)
    }
  }

  var endpoint: Endpoint { Endpoint(socket.address) }

  /// Blocks until the port is free; not for the port's thread.
  func close() {
    let isFirst = sending.withLockedValue { sending in
      defer { sending.isOpen = false }
      return sending.isOpen
    }
    guard isFirst else { return }
    receiver.stop()
    socket.close()
  }

  /// Datagrams that the system dropped, because they were not read in time.
  var overflow: UInt32 { sending.withLockedValue { $0.isOpen ? socket.overflow : 0 } }

  // MARK: Writing

  /// Sends in order; answers with what failed. Only what the socket does not take at once has to fit the backlog. From
  /// any thread.
  func send(_ batch: [Outbound]) -> [TransportEvent] {
    sending.withLockedValue { sending in
      let isRetryDue = !sending.backlog.isEmpty
      var (done, failures) = isRetryDue ? (0, []) : write(batch, sending)
      for outbound in batch[done...] {
        guard sending.backlog.isEmpty || sending.backlogBytes + outbound.bytes.count <= backlogLimit else {
          let failure = TransportFailure(.noBuffers, detail: "backlog is full")
          failures.append(.sendFailed(token: outbound.token, failure))
          continue
        }
        sending.backlog.append(outbound)
        sending.backlogBytes += outbound.bytes.count
      }
      if !isRetryDue, !sending.backlog.isEmpty { retryLater() }
      return failures
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
    sending.withLockedValue { sending in
      let (done, failures) = permit.isGiven ? write(sending.backlog, sending) : refuse(sending.backlog)
      sending.backlogBytes -= sending.backlog.prefix(done).reduce(0) { $0 + $1.bytes.count }
      sending.backlog.removeFirst(done)
      if !sending.backlog.isEmpty { retryLater() }
      return failures
    }
  }

  /// What waited has no permit any more.
  private func refuse(_ batch: CircularBuffer<Outbound>) -> (done: Int, failures: [TransportEvent]) {
    counters.update { $0.messagesForbidden += UInt64(batch.count) }
    return (batch.count, batch.map { .sendFailed(token: $0.token, .notPermitted) })
  }

  /// - Returns: how many left or failed; the socket did not take the next one, as long as there is one
  private func write<Batch: RandomAccessCollection<Outbound>>(
    _ batch: Batch, _ sending: Sending
  ) -> (done: Int, failures: [TransportEvent]) {
    func place(_ index: Int) -> Batch.Index { batch.index(batch.startIndex, offsetBy: index) }
    func failure(_ index: Int, _ failure: TransportFailure) -> TransportEvent {
      .sendFailed(token: batch[place(index)].token, failure)
    }
    guard sending.isOpen else {
      return (batch.count, (0..<batch.count).map { failure($0, TransportFailure(.closed)) })
    }
    let outcome = sending.writer.write(batch.count, to: socket) { writer, index in
      let outbound = batch[place(index)]
      return writer.add(
        outbound.bytes, to: DatagramAddress(outbound.destination.target.endpoint), from: outbound.departure.origin)
    }
    counters.update {
      $0.datagramsOut += UInt64(outcome.sent)
      $0.bytesOut += UInt64(outcome.bytes)
    }
    return (outcome.done, outcome.failures.map { failure($0.index, TransportFailure(errno: $0.error.code)) })
  }
}
