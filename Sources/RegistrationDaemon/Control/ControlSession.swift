import NIOCore
import RegistrationControl

/// One connection to the control socket: cuts the bytes into calls, answers them one after the other in their order
/// (Varlink has no call identifiers), and keeps what a client can hold back within `ControlLimits`.
final class ControlSession: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Occupation {
    case idle
    case calling(Call)
    case listing(Call, Listing)
    case watching(ControlEventStream)
    case closed
  }

  /// A call in progress. Only the reply with the number of the present turn counts: a late or second one is dropped.
  struct Call {
    var turn: Int
    var request: ControlRequest
  }

  struct Listing {
    var filter: AccountFilter
    /// Where to go on once the client has read.
    var next: String?
    /// For a client that takes one reply: what is going to be in it.
    var gathered: [AccountReport] = []
  }

  /// Together they are below what is let lie unread.
  private static let eventsPerWrite = 64

  let service: any ControlService
  private let version: String
  private let mayChange: Bool
  private let limits: ControlLimits
  private let events: ControlEventBudget
  /// The most that it may send ahead.
  private let requestLimit: Int
  private var framer: VarlinkFramer
  private var occupation = Occupation.idle
  private var turn = 0
  private var hasInputClosed = false
  private var deadline: Scheduled<Void>?
  private var context: ChannelHandlerContext?

  init(
    service: any ControlService, version: String, mayChange: Bool, events: ControlEventBudget, limits: ControlLimits
  ) {
    self.service = service
    self.version = version
    self.mayChange = mayChange
    self.events = events
    self.limits = limits
    requestLimit = mayChange ? limits.request : min(limits.request, limits.requestOfReader)
    framer = VarlinkFramer(limit: requestLimit)
  }

  // MARK: What the channel says

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    closeAfter(limits.idle)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    framer.append(unwrapInboundIn(data).readableBytesView)
    answerNext()
    if framer.buffered > requestLimit { context.close(promise: nil) }
  }

  /// The client has sent its last call; it still reads. A watcher has nothing left to end it with but this.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed {
      hasInputClosed = true
      switch occupation {
      case .idle: answerNext()
      case .watching: closeAfterWrites()
      case .calling, .listing, .closed: break
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      deadline?.cancel()
      switch occupation {
      case .idle:
        closeAfter(limits.idle)
        answerNext()
      case .listing(let call, let listing):
        if listing.next != nil { askForPage(call, listing) }
      case .watching: forwardEvents()
      case .calling, .closed: break
      }
    } else {
      closeAfter(limits.stall)
    }
    context.fireChannelWritabilityChanged()
  }

  // MARK: Calls

  /// Takes the next call when the last one is answered and the client has room for another answer: who sends calls and
  /// reads no replies must not make them pile up here.
  private func answerNext() {
    while case .idle = occupation, let context, context.channel.isWritable {
      do throws(VarlinkDefect) {
        guard let frame = try framer.next() else {
          if hasInputClosed { closeAfterWrites() }
          return
        }
        answer(try ControlRequest(frame: frame))
      } catch {
        return context.close(promise: nil)
      }
    }
  }

  private func answer(_ request: ControlRequest) {
    deadline?.cancel()
    turn += 1
    let call = Call(turn: turn, request: request)
    occupation = .calling(call)
    switch request.call {
    case .success(let wanted) where request.oneway && !wanted.changesTheDaemon:
      // A question to which no answer is wanted.
      becomeIdle()
    case .failure(let error): fail(call, error)
    case .success(let wanted) where wanted.changesTheDaemon && !mayChange:
      fail(call, .notPermitted(method: wanted.method))
    case .success(let wanted): begin(wanted, call)
    }
  }

  private func begin(_ wanted: ControlCall, _ call: Call) {
    switch wanted {
    case .info: finish(call, ServiceInfo(version: version))
    case .interfaceDescription(InterfaceDescription.registrationsName):
      finish(call, InterfaceDescriptionReply(description: InterfaceDescription.registrations))
    case .interfaceDescription(InterfaceDescription.serviceName):
      finish(call, InterfaceDescriptionReply(description: InterfaceDescription.service))
    case .interfaceDescription(let other): fail(call, .interfaceNotFound(other))
    case .list(let filter): askForPage(call, Listing(filter: filter))
    case .watch(let filter): call.request.more ? watch(filter) : fail(call, .expectedMore)
    case .status: service.status(answer: replying(call) { StatusReply(status: $0) })
    case .show(let name): service.details(ofAccount: name, answer: replying(call) { ShowReply(details: $0) })
    case .refresh(let selection, let wait): service.refresh(selection, wait: wait, answer: replying(call) { $0 })
    case .pause(let selection): service.pause(selection, answer: replying(call) { AffectedReply(affected: $0) })
    case .resume(let selection): service.resume(selection, answer: replying(call) { AffectedReply(affected: $0) })
    case .reload(let dryRun): service.reload(dryRun: dryRun, answer: replying(call) { $0 })
    }
  }

  /// What the service calls, from any thread, with its result.
  private func replying<Value: Sendable, Parameters: ReplyParameters>(
    _ call: Call, _ parameters: @escaping @Sendable (Value) -> Parameters
  ) -> ControlAnswer<Value> {
    onLoop(call) { session, result in
      switch result.map(parameters) {
      case .success(let reply): session.finish(call, reply)
      case .failure(let error): session.fail(call, error)
      }
    }
  }

  private func onLoop<Value: Sendable>(
    _ call: Call, _ body: @escaping @Sendable (ControlSession, Result<Value, ControlError>) -> Void
  ) -> ControlAnswer<Value> {
    guard let eventLoop = context?.eventLoop else { return { _ in } }
    let session = NIOLoopBound(self, eventLoop: eventLoop)
    return { result in
      eventLoop.execute {
        guard session.value.isPresent(call) else { return }
        body(session.value, result)
      }
    }
  }

  private func isPresent(_ call: Call) -> Bool {
    switch occupation {
    case .calling(let present), .listing(let present, _): present.turn == call.turn
    case .idle, .watching, .closed: false
    }
  }

  // MARK: List

  private func askForPage(_ call: Call, _ listing: Listing) {
    let request = AccountPageRequest(filter: listing.filter, after: listing.next, limit: limits.accountsPerReply)
    var listing = listing
    listing.next = nil
    occupation = .listing(call, listing)
    service.accounts(
      request,
      answer: onLoop(call) { session, result in
        switch result {
        case .success(let page): session.send(page, call)
        case .failure(let error): session.fail(call, error)
        }
      })
  }

  private func send(_ page: AccountPage, _ call: Call) {
    guard case .listing(_, var listing) = occupation else { return }
    listing.next = page.next
    if call.request.more {
      guard page.next != nil else { return finish(call, ListReply(accounts: page.accounts)) }
      // The next page is made while this one is written.
      goOn(call, listing)
      if !page.accounts.isEmpty { write(ControlReply(ListReply(accounts: page.accounts), continues: true).frame) }
    } else {
      listing.gathered += page.accounts
      guard listing.gathered.count <= limits.accountsPerReply else { return fail(call, .expectedMore) }
      guard page.next != nil else { return finish(call, ListReply(accounts: listing.gathered)) }
      goOn(call, listing)
    }
  }

  private func goOn(_ call: Call, _ listing: Listing) {
    occupation = .listing(call, listing)
    if context?.channel.isWritable == true { askForPage(call, listing) }
  }

  // MARK: Watch

  private func watch(_ filter: AccountFilter) {
    guard let eventLoop = context?.eventLoop else { return }
    let session = NIOLoopBound(self, eventLoop: eventLoop)
    let stream = ControlEventStream(
      filter: filter, limit: limits.queuedEvents, budget: events, eventLoop: eventLoop
    ) { session.value.forwardEvents() }
    occupation = .watching(stream)
    service.watch(stream)
  }

  /// As much as the client has room for; the rest follows when it has read.
  private func forwardEvents() {
    while case .watching(let stream) = occupation, let context, context.channel.isActive {
      guard let events = stream.take(context.channel.isWritable ? Self.eventsPerWrite : 0) else {
        return context.close(promise: nil)
      }
      guard !events.isEmpty else { return }
      var frames = context.channel.allocator.buffer(capacity: 256 * events.count)
      for event in events { frames.writeBytes(ControlReply(WatchReply(event: event), continues: true).frame) }
      context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
    }
  }

  // MARK: Ends

  private func finish(_ call: Call, _ parameters: some ReplyParameters) {
    if !call.request.oneway { write(ControlReply(parameters).frame) }
    becomeIdle()
  }

  private func fail(_ call: Call, _ error: ControlError) {
    if !call.request.oneway { write(error.frame) }
    becomeIdle()
  }

  private func becomeIdle() {
    guard case .closed = occupation else {
      occupation = .idle
      if context?.channel.isWritable == true { closeAfter(limits.idle) }
      // Not from here: a run of calls that are answered at once would recurse.
      guard let eventLoop = context?.eventLoop else { return }
      let session = NIOLoopBound(self, eventLoop: eventLoop)
      eventLoop.execute { session.value.answerNext() }
      return
    }
  }

  private func end() {
    if case .watching(let stream) = occupation { stream.close() }
    occupation = .closed
    deadline?.cancel()
  }

  private func write(_ frame: [UInt8]) {
    guard let context else { return }
    context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: frame)), promise: nil)
  }

  private func closeAfterWrites() {
    guard let context else { return }
    let channel = context.channel
    channel.writeAndFlush(channel.allocator.buffer(capacity: 0)).whenComplete { _ in channel.close(promise: nil) }
  }

  private func closeAfter(_ delay: TimeAmount) {
    guard let channel = context?.channel else { return }
    deadline?.cancel()
    deadline = channel.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
  }
}
