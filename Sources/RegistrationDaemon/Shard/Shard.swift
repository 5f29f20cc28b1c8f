import Dispatch
import RegistrationRecords
import SIPMessage
import SIPTransport
import SIPUserAgent
import ShardCore

/// A part of the accounts on one serial queue: moves bytes between their core, which decides, and the world: one Dispatch
/// timer, the ports, the resolver, the store, and whoever reads reports.
///
/// It is entered from outside by blocks on its queue, one per batch, never by an `await` per message.
actor Shard {
  nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private(set) var core: ShardCore
  /// Empty between batches; its room is used again.
  private var outputs = Outputs()
  private var outbound: [Outbound] = []
  private let timer: any DispatchSourceTimer
  let transport: TransportLayer
  private let locator: Locator
  nonisolated var traces: LocationTraces { locator.traces }
  let store: any RecordStore
  private let observer: any ShardObserver

  /// - Parameter ownPorts: of all shards; its own is added
  init(
    index: Int, settings: UserAgent.Settings, transport: TransportLayer, resolver: Resolver, store: any RecordStore,
    observer: any ShardObserver, ownPorts: OwnPorts
  ) {
    executor = QueueExecutor(label: "sip.shard.\(index)")
    core = ShardCore(settings: settings, random: SystemRandom())
    timer = DispatchSource.makeTimerSource(queue: executor.queue)
    self.transport = transport
    self.store = store
    self.observer = observer
    ownPorts.insert(transport.localPort)
    ownPorts.insert { [weak transport] in transport?.hasOpened($0) == true }
    let notices = Notices()
    locator = Locator(transport: transport, resolver: resolver, ownPorts: ownPorts) { uri, words in
      if notices.isNews(words, of: uri) { observer.leftOut(words, of: uri) }
    }
    // A source that was never activated must not be released: a start that fails would be a crash.
    timer.schedule(deadline: .distantFuture)
    timer.activate()
  }

  /// From here on deadlines are kept. Once.
  func start() {
    timer.setEventHandler { [weak self] in self?.assumeIsolated { $0.handle(.woken) } }
    expectHolders()
    handle(.started)
  }

  /// Writes what waits, and keeps no more deadlines.
  func shutDown() {
    timer.cancel()
    saveWaiting()
  }

  /// What waits for company.
  func saveWaiting() {
    core.hand(out: &outputs)
    save()
    outputs.removeAll()
  }

  // MARK: Inputs

  /// What the transport brings, one batch at a time. It is handled on the thread that brought it: a thread that is awake
  /// already costs nothing, and what nobody has time for stays in the sockets' buffers and not in memory.
  nonisolated func receive(_ events: [TransportEvent]) {
    executor.queue.sync { assumeIsolated { $0.take(events) } }
  }

  private func take(_ events: [TransportEvent]) {
    let now = BootClock.now
    outputs.leastRead = observer.leastRead
    for event in events {
      if case .remarked(let target, let words) = event { observer.remarked(words, of: target) }
      if let event = Event(event) { core.take(event, now: now, outputs: &outputs) }
    }
    core.catchUp(now: now, outputs: &outputs)
    core.finish(now: now, outputs: &outputs)
    carryOut(now: now)
  }

  func handle(_ input: Input) {
    let now = BootClock.now
    outputs.leastRead = observer.leastRead
    core.handle(input, now: now, outputs: &outputs)
    carryOut(now: now)
  }

  /// Comes back when what is on the queue has had its turn.
  private nonisolated func handleLater(_ input: Input) {
    executor.queue.async { self.assumeIsolated { $0.handle(input) } }
  }

  /// Numbers for so many accounts that are about to come.
  func reserve(_ count: Int) -> [AccountID] { core.reserve(count) }

  // MARK: Outputs

  private func carryOut(now: Instant) {
    while !outputs.lookups.isEmpty { lookUp(now: now) }
    for hop in outputs.hopReports { observer.happened(toHop: hop.uri, hop.report) }
    for arrival in outputs.arrivals { observer.arrived(arrival.request, at: arrival.at, for: arrival.account) }
    for dead in outputs.closings { transport.close(dead.flow, TransportFailure(.timedOut, detail: dead.reason)) }
    send()
    if !outputs.keepAlives.isEmpty { keepAlive() }
    save()
    if !outputs.happenings.isEmpty { observer.happened(outputs.happenings) }
    if outputs.wantsTurn { handleLater(.turn) }
    if let instant = outputs.wakeAt { wake(at: instant) }
    outputs.removeAll()
  }

  /// An address is known at once, and what comes of it belongs to the same batch.
  private func lookUp(now: Instant) {
    var lookups: [Lookup] = []
    swap(&lookups, &outputs.lookups)
    for lookup in lookups {
      let location = locator.locate(lookup.hop) { [weak self] location in
        self?.handleLater(.located(lookup.question, location, lasting: nil))
      }
      guard let location else { continue }
      core.handle(.located(lookup.question, location, lasting: lookup.hop), now: now, outputs: &outputs)
    }
  }

  private func send() {
    guard !outputs.sends.isEmpty else { return }
    for sending in outputs.sends {
      outbound.append(
        Outbound(
          bytes: sending.bytes, destination: sending.destination, token: sending.client?.token ?? Outbound.answer))
    }
    if !outputs.keepsOrder { outbound.gather() }
    transport.send(outbound)
    outbound.removeAll(keepingCapacity: outbound.count <= ShardCore.Limits.timersPerTurn)
  }

  private func keepAlive() {
    var datagrams: [Outbound] = []
    for keepAlive in outputs.keepAlives {
      let destination = Destination.target(keepAlive.target)
      if let bytes = keepAlive.probe.datagram {
        // Nobody waits to hear what becomes of it: that no answer comes is what is looked for.
        datagrams.append(Outbound(bytes: bytes, destination: destination, token: Outbound.answer))
      } else {
        transport.keepAlive(over: destination)
      }
    }
    transport.send(datagrams)
  }

  private func save() {
    guard !outputs.changes.isEmpty else { return }
    let (reservations, forgotten) = (outputs.reservations, outputs.forgotten)
    store.save(outputs.changes) { [weak self] in
      guard !reservations.isEmpty || !forgotten.isEmpty else { return }
      self?.handleLater(.stored(reservations, forgotten: forgotten))
    }
  }

  private func wake(at instant: Instant) {
    let nanoseconds = (instant - BootClock.now).wholeNanoseconds
    timer.schedule(deadline: .now() + .nanoseconds(Int(max(nanoseconds, 0))))
  }

  // MARK: For others

  /// Accounts that nothing will move again; empty, or this program is wrong.
  func stuck(among slots: Range<Int>) -> [AccountID] {
    // After a suspend everything is overdue, until this has run.
    if core.isOverdue(now: BootClock.now) { handle(.woken) }
    return core.stuck(among: slots, now: BootClock.now)
  }

  /// Gives the store the whole records of these accounts, as they are now.
  ///
  /// - Parameter completion: called when they are on the disk, as that of `StateStore.save`
  func saveWhole(among slots: Range<Int>, completion: @escaping @Sendable () -> Void) {
    saveWaiting()
    let records = core.wholeRecords(among: slots)
    store.save(records.isEmpty ? [] : [.records(records)], completion: completion)
  }

  /// Who holds a binding that a former run left has sent us nothing yet, and is no stranger all the same.
  private func expectHolders() {
    for target in core.boundTargets { transport.expects(target) }
  }

  /// Addresses or routes of the host changed.
  func networkChanged() {
    transport.networkChanged()
    var endpoints: [Target: Endpoint] = [:]
    for target in core.boundTargets { endpoints[target] = transport.localEndpoint(toward: target) }
    handle(.networkChanged(endpoints))
  }
}
