import NIOCore
import SIPMessage

/// One connection, made or accepted: messages in, messages out (RFC 5626 §3.5.1). `MessageFraming` before it cuts them
/// from the stream, or `WebSocketFraming`. Lives on its event loop.
///
///     connecting ──> open ──> closed
///          └────────────────────^
///
/// Open is what a peer is behind that is the right one: `CertificateCheck` and `WebSocketOpening` let it become active when
/// they are done.
///
/// It closes itself when no message can be cut from the stream, when a message stays unfinished, when nothing is answered
/// over it, when a peer that connected stays silent, and when one asks and does not read what it is answered. It does not
/// reconnect: the next message to the same target opens a new one.
final class StreamConnection: ChannelInboundHandler {
  typealias InboundIn = StreamRead
  typealias OutboundOut = ByteBuffer

  enum State {
    /// With its place in a channel, as soon as it has one.
    case connecting(ChannelHandlerContext?)
    case open(ChannelHandlerContext)
    case closed
  }

  let flow: Flow
  /// The peer opened it.
  let isAccepted: Bool
  let settings: TransportSettings
  let table: ConnectionTable
  private(set) var state = State.connecting(nil)
  /// Bytes of a message that is not whole yet.
  private(set) var unfinished = 0
  private var events: [TransportEvent] = []
  private var failure: TransportFailure?
  private var hasBroughtMessages = false
  var outgoing = Outgoing()
  private var carried = Carried()
  private(set) var lastFrame = NIODeadline.now()
  private var lastSend = NIODeadline.now()
  /// Since when the peer takes no answers; it is not read meanwhile.
  private(set) var stalledSince: NIODeadline?
  /// When the message began that is not whole yet.
  private(set) var unfinishedSince: NIODeadline?
  /// Since when a request has left and no message came; nil: none has. Keep-alives answer nothing.
  private var unansweredSince: NIODeadline?
  private var answerTimer: Scheduled<Void>?
  private var idleTimer: Scheduled<Void>?
  private var messageTimer: Scheduled<Void>?
  private var stallTimer: Scheduled<Void>?
  /// It has brought more than its share and is not read until then.
  private var pauseTimer: Scheduled<Void>?

  init(flow: Flow, isAccepted: Bool, settings: TransportSettings, table: ConnectionTable) {
    self.flow = flow
    self.isAccepted = isAccepted
    self.settings = settings
    self.table = table
  }

  // MARK: Life

  func handlerAdded(context: ChannelHandlerContext) {
    if case .connecting = state { state = .connecting(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    // Given up while it came up.
    guard case .connecting = state else { return context.close(promise: nil) }
    state = .open(context)
    flush()
    if isAccepted { watchForSilence(context, at: lastFrame + TimeAmount(settings.idleTimeout)) }
    watchForAnswer(context)
    deliver()
  }

  /// The connection did not come up: every message that waited for it failed.
  func connectFailed(_ error: any Error) {
    guard case .connecting = state else { return }
    state = .closed
    let failure = TransportFailure(error)
    events += carried.tokens.map { .sendFailed(token: $0, failure) }
    table.counters.update { $0.sendFailures += UInt64(outgoing.messages) }
    table.ended(self)
    deliver()
  }

  /// Something to be known of its peer.
  func remark(_ words: String) {
    if table.isNews(of: flow.target.serverName) { events.append(.remarked(flow.target, words)) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(context, TransportFailure(error))
  }

  func channelInactive(context: ChannelHandlerContext) {
    switch state {
    case .connecting: connectFailed(TransportFailure(.closed, detail: "the peer ended it as soon as it was made"))
    case .open: ended()
    case .closed: break
    }
  }

  private func ended() {
    state = .closed
    for timer in [answerTimer, idleTimer, messageTimer, stallTimer, pauseTimer] { timer?.cancel() }
    table.counters.update { $0.sendFailures += UInt64(outgoing.messages) }
    table.ended(self)
    if !isAccepted {
      if failure == nil, !hasBroughtMessages, flow.target.transport.isSecure { failure = .endedBehindHandshake }
      let end = ConnectionEnd(
        flow: flow, carried: carried.tokens, hasBroughtMessages: hasBroughtMessages, failure: failure)
      events.append(.connectionClosed(end))
    }
    deliver()
  }

  /// An accepted connection may be gone before it came up, and then nothing else tells of its end. For one that is
  /// made, `connectFailed` does, with the reason.
  func handlerRemoved(context: ChannelHandlerContext) {
    if isAccepted { connectFailed(ChannelError.ioOnClosedChannel) }
  }

  func close(_ reason: TransportFailure) {
    switch state {
    case .connecting(let context):
      connectFailed(reason)
      context?.close(promise: nil)
    case .open(let context): close(context, reason)
    case .closed: break
    }
  }

  /// It has ended when this returns, although TLS may say goodbye for a while.
  private func close(_ context: ChannelHandlerContext, _ reason: TransportFailure) {
    if case .connecting = state { connectFailed(reason) }
    failure = failure ?? reason
    context.close(promise: nil)
    if case .open = state, flow.target.transport.isSecure { ended() }
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .open = state else { return }
    let read = unwrapInboundIn(data)
    let messages = read.messages.count - (read.endsOutOfStep ? 1 : 0)
    for bytes in read.messages { events.append(.received(bytes, flow)) }
    unfinished = Int(read.unfinished)
    table.counters.update {
      $0.bytesIn += UInt64(read.bytes)
      $0.streamMessagesIn += UInt64(messages)
      $0.keepAlivesIn += UInt64(read.pings)
      if read.defect != nil { $0.malformedStreams += 1 }
    }
    if messages > 0 { (hasBroughtMessages, unansweredSince) = (true, nil) }
    if let defect = read.defect { return close(context, TransportFailure(defect)) }
    // A WebSocket has answered already.
    if read.pings > 0, !flow.target.transport.isWebSocket { pong(Int(read.pings)) }
    if read.hasPong { events.append(.pong(flow)) }
    let isWhole = messages > 0 || read.pings > 0 || read.hasPong
    if isWhole { lastFrame = .now() }
    watchForEnd(context, anew: isWhole)
    table.unfinishedChanged(self)
    if isAccepted, messages > 0 { keepPace(after: messages, context) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush()
    deliver()
  }

  /// A stranger that brings much is read later.
  private func keepPace(after messages: Int, _ context: ChannelHandlerContext) {
    guard let pause = table.pause(after: messages, of: self) else { return }
    pauseTimer?.cancel()
    pauseTimer = context.eventLoop.assumeIsolated().scheduleTask(in: pause) {
      self.pauseTimer = nil
      self.settleReading(context)
    }
    settleReading(context)
  }

  /// What is not read can not end in time.
  private func settleReading(_ context: ChannelHandlerContext) {
    let isRead = stalledSince == nil && pauseTimer == nil
    // Fails on a channel that is closed only, and that is not read.
    try? context.channel.syncOptions?.setOption(.autoRead, value: isRead)
    if isRead { return watchForEnd(context, anew: false) }
    messageTimer?.cancel()
    messageTimer = nil
  }

  private func pong(_ count: Int) {
    // A peer that pings and does not read gets no pong.
    guard takes(2 * count) else { return }
    outgoing.append(repeatElement([0x0D, 0x0A], count: count).joined())
    table.backlogChanged(self)
  }

  /// Asks the peer for a sign of life: `TransportEvent.pong` follows.
  func keepAlive() {
    guard case .open(let context) = state else { return }
    guard table.permit.isGiven else { return close(context, .notPermitted) }
    context.triggerUserOutboundEvent(KeepAlive.ping, promise: nil)
  }

  private func deliver() {
    guard !events.isEmpty else { return }
    let batch = events
    events = []
    table.deliver(batch)
  }

  // MARK: Timers

  /// It carries no further request: when Timer F has the first one given up (RFC 3261 §17.1.2.2) the next one leaves over
  /// another connection, be it a little early.
  var isMute: Bool { unansweredSince.map { $0 + answerTimeout - timerTolerance <= .now() } ?? false }

  private var answerTimeout: TimeAmount { TimeAmount(settings.answerTimeout) }
  /// By how much the clocks of both sides of this module may differ.
  private var timerTolerance: TimeAmount { TimeAmount(settings.answerTimeout / 32) }

  /// Closes behind Timer F of the first request, which is given up by itself: those behind it are lost with the
  /// connection.
  private func watchForAnswer(_ context: ChannelHandlerContext) {
    guard let since = unansweredSince, answerTimer == nil else { return }
    answerTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: since + answerTimeout + timerTolerance) {
      self.answerTimer = nil
      guard let since = self.unansweredSince else { return }
      guard since + self.answerTimeout + self.timerTolerance <= .now() else { return self.watchForAnswer(context) }
      self.closeMute()
    }
  }

  func closeMute() {
    close(TransportFailure(.timedOut, detail: "nothing came over it for \(settings.answerTimeout)"))
  }

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
    let isInMessage = unfinished > 2
    if anew || !isInMessage {
      messageTimer?.cancel()
      (messageTimer, unfinishedSince) = (nil, nil)
    }
    guard isInMessage, messageTimer == nil else { return }
    unfinishedSince = .now()
    messageTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(settings.messageTimeout)) {
      self.close(context, TransportFailure(.timedOut, detail: "a message was begun and not ended"))
    }
  }

  // MARK: Writing

  /// When it last carried a message; nil while it comes up or something waits in it.
  var idleSince: NIODeadline? {
    guard case .open = state, outgoing.isEmpty else { return nil }
    return max(lastFrame, lastSend)
  }

  /// Bytes that may wait here at most. A single message is always taken.
  private var backlogLimit: Int { isAccepted ? settings.maximumAnswerBacklog : settings.maximumBacklog }

  private func takes(_ count: Int) -> Bool { outgoing.isEmpty || outgoing.bytes + count <= backlogLimit }

  /// Takes a message for sending; `flush` follows. Answers with the reason when it can not be taken.
  func send(_ outbound: Outbound) -> TransportFailure? {
    if case .closed = state { return TransportFailure(.closed) }
    if outgoing.bytes >= Outgoing.usualWrite { flush() }
    guard takes(outbound.bytes.count) else {
      return TransportFailure(.noBuffers, detail: "too much waits for \(flow.target)")
    }
    lastSend = .now()
    if !isAccepted, outbound.token != Outbound.answer {
      carried.note(outbound.token, now: lastSend, patience: TimeAmount(settings.messageTimeout))
      unansweredSince = unansweredSince ?? lastSend
      if case .open(let context) = state { watchForAnswer(context) }
    }
    outgoing.append(outbound, asFrame: flow.target.transport.isWebSocket)
    table.backlogChanged(self)
    return nil
  }

  /// Hands on what waits, as long as the peer takes it: one write at a time, so that what waits costs its bytes and no
  /// more.
  func flush() {
    defer { watchForStall() }
    guard case .open(let context) = state, let (bytes, messages) = outgoing.next() else { return }
    guard table.permit.isGiven else {
      // What it carries fails with it.
      table.counters.update { $0.messagesForbidden += UInt64(outgoing.messages) }
      return close(context, .notPermitted)
    }
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { result in
      switch result {
      case .success:
        self.outgoing.left()
        self.table.counters.update {
          $0.streamMessagesOut += UInt64(messages)
          $0.bytesOut += UInt64(bytes.readableBytes)
        }
        self.table.backlogChanged(self)
        self.flush()
      case .failure(let error):
        // The channel ends, and its end tells of what it carried.
        if error is IOError { self.failure = self.failure ?? TransportFailure(error) }
      }
    }
    context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
  }

  /// A peer that does not read what it is answered is not read either, and closed when that goes on.
  private func watchForStall() {
    guard isAccepted, case .open(let context) = state else { return }
    let isStalled = outgoing.bytes > settings.maximumAnswerBacklog / 2
    guard isStalled != (stalledSince != nil) else { return }
    stallTimer?.cancel()
    (stalledSince, stallTimer) = (isStalled ? .now() : nil, nil)
    settleReading(context)
    guard isStalled else { return }
    stallTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(settings.messageTimeout)) {
      self.table.counters.update { $0.connectionsStalled += 1 }
      self.close(context, TransportFailure(.timedOut, detail: "the peer does not read"))
    }
  }
}
