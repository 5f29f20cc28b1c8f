import NIOCore
import SIPMessage

/// One TCP connection, made or accepted: messages in, messages out (RFC 3261 §18.3, RFC 5626 §3.5.1). Lives on its
/// event loop.
///
///     connecting ──> open ──> closed
///          └────────────────────^
///
/// It closes itself when no message can be cut from the stream, when a message stays unfinished, and when a peer that
/// connected stays silent. It does not reconnect: the next message to the same target opens a new one.
final class StreamConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum State {
    case connecting(queue: [Outbound])
    case open(ChannelHandlerContext)
    case closed
  }

  let flow: Flow
  /// The peer opened it.
  let isAccepted: Bool
  private let settings: TransportSettings
  private let table: ConnectionTable
  private var state = State.connecting(queue: [])
  private var framer: MessageFramer
  private var events: [TransportEvent] = []
  private var failure: TransportFailure?
  /// Bytes that were taken from the sender and did not leave yet.
  private var backlog = 0
  private var needsFlush = false
  private var lastFrame = NIODeadline.now()
  private var lastSend = NIODeadline.now()
  private var idleTimer: Scheduled<Void>?
  private var messageTimer: Scheduled<Void>?

  init(flow: Flow, isAccepted: Bool, settings: TransportSettings, table: ConnectionTable) {
    self.flow = flow
    self.isAccepted = isAccepted
    self.settings = settings
    self.table = table
    framer = MessageFramer(limits: settings.messageLimits)
  }

  // MARK: Life

  func channelActive(context: ChannelHandlerContext) {
    // Given up while it came up.
    guard case .connecting(let queue) = state else { return context.close(promise: nil) }
    state = .open(context)
    for outbound in queue { write(outbound, context) }
    flush()
    if isAccepted { watchForSilence(context, at: lastFrame + TimeAmount(settings.idleTimeout)) }
  }

  /// The connection did not come up: every message that waited for it failed.
  func connectFailed(_ error: any Error) {
    guard case .connecting(let queue) = state else { return }
    state = .closed
    let failure = TransportFailure(error)
    events += queue.map { .sendFailed(token: $0.token, failure) }
    table.counters.update { $0.sendFailures += UInt64(queue.count) }
    table.ended(self)
    deliver()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(context, TransportFailure(error))
  }

  func channelInactive(context: ChannelHandlerContext) {
    guard case .open = state else { return }
    state = .closed
    idleTimer?.cancel()
    messageTimer?.cancel()
    // Requests to the target travel over the connection in the table only. The end of one that the peer made, or of
    // one that has a successor, is none of theirs.
    if table.ended(self) { events.append(.connectionClosed(flow.target, failure)) }
    deliver()
  }

  /// An accepted connection may be gone before it came up, and then nothing else tells of its end. For one that is
  /// made, `connectFailed` does, with the reason.
  func handlerRemoved(context: ChannelHandlerContext) {
    if isAccepted { connectFailed(ChannelError.ioOnClosedChannel) }
  }

  func close(_ reason: TransportFailure) {
    switch state {
    case .connecting: connectFailed(reason)
    case .open(let context): close(context, reason)
    case .closed: break
    }
  }

  private func close(_ context: ChannelHandlerContext, _ reason: TransportFailure) {
    failure = failure ?? reason
    context.close(promise: nil)
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    let before = events.count
    var pings = 0
    var defect: FramingError?
    framer.append(buffer.readableBytesView)
    do throws(FramingError) {
      while let frame = try framer.next() {
        switch frame {
        case .message(let bytes): events.append(.received(bytes, flow))
        case .ping: pings += 1
        }
      }
    } catch {
      defect = error
    }
    let messages = events.count - before
    table.counters.update {
      $0.bytesIn += UInt64(buffer.readableBytes)
      $0.streamMessagesIn += UInt64(messages)
      $0.keepAlivesIn += UInt64(pings)
      if defect != nil { $0.malformedStreams += 1 }
    }
    if let defect { return close(context, TransportFailure(defect)) }
    if pings > 0 { pong(pings, context) }
    if messages + pings > 0 { lastFrame = .now() }
    watchForEnd(context, anew: messages + pings > 0)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush()
    deliver()
  }

  private func pong(_ count: Int, _ context: ChannelHandlerContext) {
    let bytes = [UInt8](repeatElement([0x0D, 0x0A], count: count).joined())
    // A peer that pings and does not read gets no pong.
    guard backlog + bytes.count <= settings.maximumBacklog else { return }
    backlog += bytes.count
    write(bytes, context) { _ in }
  }

  private func deliver() {
    guard !events.isEmpty else { return }
    let batch = events
    events = []
    table.deliver(batch)
  }

  // MARK: Timers

  /// Rearms itself for what is left, so that a message costs no timer.
  private func watchForSilence(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
    idleTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      let due = self.lastFrame + TimeAmount(self.settings.idleTimeout)
      guard due <= .now() else { return self.watchForSilence(context, at: due) }
      self.close(context, TransportFailure(.timedOut, detail: "nothing received for \(self.settings.idleTimeout)"))
    }
  }

  /// A message that has begun has to end in time, however steadily its bytes drip in.
  private func watchForEnd(_ context: ChannelHandlerContext, anew: Bool) {
    // Two bytes may be a pong, which ends nothing.
    let isInMessage = framer.pendingBytes > 2
    if anew || !isInMessage {
      messageTimer?.cancel()
      messageTimer = nil
    }
    guard isInMessage, messageTimer == nil else { return }
    messageTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(settings.messageTimeout)) {
      self.close(context, TransportFailure(.timedOut, detail: "a message was begun and not ended"))
    }
  }

  // MARK: Writing

  /// When it last carried a message; nil while it comes up or something waits in it.
  var idleSince: NIODeadline? {
    guard case .open = state, backlog == 0 else { return nil }
    return max(lastFrame, lastSend)
  }

  /// Takes a message for sending; `flush` follows. Answers with the reason when it can not be taken.
  func send(_ outbound: Outbound) -> TransportFailure? {
    guard backlog == 0 || backlog + outbound.bytes.count <= settings.maximumBacklog else {
      return TransportFailure(.noBuffers, detail: "too much waits for \(flow.target)")
    }
    lastSend = .now()
    switch state {
    case .connecting(var queue):
      state = .closed  // The queue has one owner while it grows.
      queue.append(outbound)
      state = .connecting(queue: queue)
      backlog += outbound.bytes.count
    case .open(let context):
      backlog += outbound.bytes.count
      write(outbound, context)
    case .closed:
      return TransportFailure(.closed)
    }
    return nil
  }

  func flush() {
    guard needsFlush, case .open(let context) = state else { return }
    needsFlush = false
    context.flush()
  }

  private func write(_ outbound: Outbound, _ context: ChannelHandlerContext) {
    let (token, count) = (outbound.token, outbound.bytes.count)
    write(outbound.bytes, context) { failure in
      guard let failure else {
        return self.table.counters.update {
          $0.streamMessagesOut += 1
          $0.bytesOut += UInt64(count)
        }
      }
      self.table.counters.update { $0.sendFailures += 1 }
      self.events.append(.sendFailed(token: token, failure))
      if case .closed = self.state { self.deliver() }
    }
  }

  private func write(
    _ bytes: [UInt8], _ context: ChannelHandlerContext, completion: @escaping (TransportFailure?) -> Void
  ) {
    needsFlush = true
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { result in
      self.backlog -= bytes.count
      switch result {
      case .success: completion(nil)
      case .failure(let error):
        let failure = TransportFailure(error)
        if error is IOError { self.failure = self.failure ?? failure }
        completion(failure)
      }
    }
    context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: promise)
  }
}
