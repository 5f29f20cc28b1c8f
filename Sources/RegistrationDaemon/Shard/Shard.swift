import Dispatch
import RegistrationRecords
import SIPMessage
import SIPTransport
import SIPUserAgent

/// A part of the accounts on one serial queue: their user agent, their ports, and one Dispatch timer over a heap of
/// deadlines. It runs the effects of the core and hands each kind on once per batch: one send, one store, one report.
///
/// It is entered from outside by blocks on its queue, one per batch, never by an `await` per message.
actor Shard {
  nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private(set) var agent: UserAgent
  private var heap = DeadlineHeap()
  private(set) var starts = StartQueue()
  private let timer: any DispatchSourceTimer
  private(set) var wakeAt = Instant.distantFuture
  /// Starts that had no turn go on in a moment.
  private var isGoingOn = false
  let transport: TransportLayer
  private let locator: Locator
  let store: any RecordStore
  private let observer: any ShardObserver
  /// Accounts on their way out.
  private var leaving: [AccountID: Leaver] = [:]
  /// By what their state is kept under.
  private var leavers: [String: AccountID] = [:]
  /// Accounts that `stop` has not seen the end of.
  private(set) var stopping = 0
  /// Accounts that it has seen the end of; they are counted among those that leave.
  private var stopped = 0
  /// Accounts by number; a free number is used again.
  private var freeNumbers: [Int] = []
  private var nextNumber = 0
  private var unsaved = PendingRecords()
  /// The empty arrays of the batch before, for the next one.
  private var room = Batch()

  /// - Parameter ownPorts: of all shards; its own is added
  init(
    index: Int, settings: UserAgent.Settings, transport: TransportLayer, resolver: Resolver, store: any RecordStore,
    observer: any ShardObserver, ownPorts: OwnPorts
  ) {
    executor = QueueExecutor(label: "sip.shard.\(index)")
    agent = UserAgent(settings: settings, random: SystemRandom())
    timer = DispatchSource.makeTimerSource(queue: executor.queue)
    self.transport = transport
    self.store = store
    self.observer = observer
    ownPorts.insert(transport.localPort)
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
    timer.setEventHandler { [weak self] in self?.assumeIsolated { $0.wake() } }
    expectHolders()
    // Accounts were taken in before: what was set for them may have fired with nobody there.
    wakeAt = .distantFuture
    arm()
  }

  /// Writes what waits, and keeps no more deadlines.
  func shutDown() {
    timer.cancel()
    saveUnsaved()
  }

  /// What waits for company.
  func saveUnsaved() {
    if !unsaved.isEmpty { save() }
  }

  func isLeaving(_ id: AccountID) -> Bool { leaving[id] != nil }

  // MARK: Events

  /// What the transport brings, one batch at a time. It is handled on the thread that brought it: a thread that is awake
  /// already costs nothing, and what nobody has time for stays in the sockets' buffers and not in memory.
  nonisolated func receive(_ events: [TransportEvent]) {
    executor.queue.sync { assumeIsolated { $0.take(events) } }
  }

  private func take(_ events: [TransportEvent]) {
    handle(events.lazy.map(Event.init))
    // A timer that is overdue does not wait until the flood is over.
    if wakeAt + .seconds(1) < BootClock.now { wake() }
  }

  func wake() {
    let now = BootClock.now
    var popped: [TimerID] = []
    while popped.count < Limits.timersPerTurn, let timer = heap.popDue(now: now) { popped.append(timer) }
    var due: [Event] = []
    for (timer, state) in agent.armed(popped) {
      switch Self.beginning(of: timer, state) {
      case nil: due.append(.timerFired(timer))
      case .some(let isUrgent): starts.append(timer, isUrgent: isUrgent)
      }
    }
    wakeAt = .distantFuture
    if let due = unsaved.dueAt, due <= now { save() }
    handle(due)
  }

  /// Events from anywhere, as one batch.
  func handle(_ events: some Sequence<Event>) {
    let now = BootClock.now
    var work = takeRoom()
    for event in events { handle(event, now: now, &work) }
    finish(work, now: now)
  }

  private func finish(_ finished: consuming Batch, now: Instant) {
    var work = finished
    let mayGoOn = letOut(now: now, &work)
    hand(on: &work)
    room = work.emptied()
    arm()
    if mayGoOn { goOn() }
  }

  private func takeRoom() -> Batch {
    var work = Batch()
    swap(&work, &room)
    return work
  }

  private func handle(_ event: Event, now: Instant, _ work: inout Batch) {
    let timers = work.timers.count
    agent.handle(event, now: now, effects: &work.effects)
    while !work.effects.isEmpty { sort(&work, now: now) }
    // What was set again never gets into the heap. Looked at now, while the account is in the processor's cache.
    if work.timers.count > timers { agent.keepArmed(in: &work.timers, from: timers) }
  }

  // MARK: Starts

  /// Accounts with a request that is not through.
  private var underWay: Int {
    let counts = agent.counts
    return counts[.registering] + counts[.refreshing] + counts[.unregistering] - stopped
  }

  /// - Returns: whether more may be let out already: some lead to no request, and others than they have a turn between.
  private func letOut(now: Instant, _ work: inout Batch) -> Bool {
    for _ in 0..<Limits.timersPerTurn {
      guard let start = starts.next(underWay: underWay, now: now) else { return false }
      let before = underWay
      switch start {
      case .timer(let timer): handle(.timerFired(timer), now: now, &work)
      case .wish(let wish, let id): handle(wish.event(for: id), now: now, &work)
      }
      if underWay > before { starts.started() }
    }
    return true
  }

  private func goOn() {
    guard !isGoingOn else { return }
    isGoingOn = true
    executor.queue.async {
      self.assumeIsolated {
        $0.isGoingOn = false
        $0.handle(EmptyCollection())
      }
    }
  }

  /// What an operator wants done to some accounts, or to all of them.
  func want(_ wish: Wish, of ids: [AccountID]) {
    // One after the other: what was wanted of an account before comes first.
    if ids.count <= Limits.fewWishes, !starts.hasWishes { return handle(ids.lazy.map { wish.event(for: $0) }) }
    starts.append(wish, of: ids)
    handle(EmptyCollection())
  }

  // MARK: Effects

  /// What is known of an account that the agent forgets at its end.
  private struct Leaver {
    var account: SIPUserAgent.Account
    var callID: String
    /// The account was added again meanwhile: its state is another's now.
    var hasSuccessor = false
  }

  private func sort(_ work: inout Batch, now: Instant) {
    // Two buffers in turn: what these effects lead to is written into the other one.
    swap(&work.effects, &work.underWay)
    defer { work.underWay.removeAll(keepingCapacity: true) }
    for effect in work.underWay {
      switch effect {
      case .send(let bytes, let destination, let client):
        work.outbound.append(
          Outbound(bytes: bytes, route: Route(destination), token: client?.token ?? Outbound.answer))
      case .setTimer(let timer, let instant): work.timers.append((timer, instant))
      case .locate(let uri, let question): locate(uri, question, now: now, &work)
      case .store(let id, let record):
        // What an account on its way out may still send was reserved; the row is its successor's.
        guard let account = agent.lentAccount(of: id), leaving.isEmpty || leaving[id]?.hasSuccessor != true else {
          break
        }
        let isAwaited = unsaved.keep(record, of: id, account, until: now + Limits.storeDelay)
        work.hasReservation = work.hasReservation || isAwaited
      case .renew(_, let renewal): unsaved.keep(renewal, until: now + Limits.storeDelay)
      case .forget(let id): forget(id, &work)
      case .stopped:
        work.stopped += 1
        stopped += 1
      case .report(let id, let report): note(id, report, now: now, &work)
      case .reportHop(let uri, let report): observer.happened(toHop: uri, report)
      case .reportRequest(let request): note(request, now: now)
      }
    }
  }

  private func locate(_ uri: URI, _ question: LocationID, now: Instant, _ work: inout Batch) {
    if work.located?.uri != uri {
      work.located = locator.locate(uri) { [weak self] location in
        guard let self else { return }
        executor.queue.async { self.assumeIsolated { $0.handle(CollectionOfOne(.located(question, location))) } }
      }.map { (uri, $0) }
    }
    if let location = work.located?.location {
      agent.handle(.located(question, location), now: now, effects: &work.effects)
    }
  }

  private func note(_ id: AccountID, _ report: Report, now: Instant, _ work: inout Batch) {
    guard observer.isWanted(report) else { return }
    if let account = agent.account(of: id), let status = agent.status(of: id) {
      work.happenings.append(Happening(at: now, account: account, status, report))
    } else if let leaver = leaving[id] {
      work.happenings.append(
        Happening(at: now, account: leaver.account, state: .unregistering, callID: leaver.callID, report: report))
    }
  }

  private func note(_ request: ArrivedRequest, now: Instant) {
    let account = request.account.flatMap { id in
      agent.account(of: id).flatMap { account in agent.stateName(of: id).map { (account, $0) } }
    }
    observer.arrived(request, at: now, for: account)
  }

  private func forget(_ id: AccountID, _ work: inout Batch) {
    unsaved.forget(id)
    heap.forget(Int(id.index))
    guard let leaver = leaving.removeValue(forKey: id) else { return }
    let key = leaver.account.storeKey
    if leavers[key] == id { leavers[key] = nil }
    if !leaver.hasSuccessor { work.forgotten.append(key) }
    freeNumbers.append(Int(id.index))
  }

  private func hand(on work: inout Batch) {
    for (timer, deadline) in work.timers { heap.insert(timer, at: deadline) }
    if heap.count > Limits.timers(ofAccounts: nextNumber - freeNumbers.count) + 2 * agent.transactionCount {
      heap.removeStale(among: Limits.timersPerLook, agent.isArmed)
    }
    if !work.outbound.isEmpty {
      // An account has one request under way (RFC 3261 §10.2), and answers belong to different requests. But one that
      // leaves and comes back is two accounts with one Call-ID, whose requests keep their order.
      if leaving.isEmpty { work.outbound.gather() }
      transport.send(work.outbound)
    }
    if work.hasReservation { save() }
    if !work.happenings.isEmpty { observer.happened(work.happenings) }
    if !work.forgotten.isEmpty { store.forget(work.forgotten) }
    stopping -= work.stopped
  }

  private func save() {
    let (changes, reservations) = unsaved.take()
    store.save(changes) { [weak self] in
      guard let self, !reservations.isEmpty else { return }
      executor.queue.async {
        self.assumeIsolated {
          $0.handle(reservations.lazy.map { .stored($0.id, key: $0.key, cSeqCeiling: $0.ceiling) })
        }
      }
    }
  }

  /// Sets the one timer to the first deadline, rounded up to the grain.
  private func arm() {
    let now = BootClock.now
    let limit = now + Limits.longestSleep
    let first = min(
      heap.first?.deadline ?? limit, unsaved.dueAt ?? limit, starts.isEmpty ? limit : starts.retryAt, limit)
    let grain = UInt64(Limits.grain.wholeNanoseconds)
    let rounded = Instant(nanoseconds: (first.nanoseconds / grain + 1) * grain)
    // One that is due already is on its way: setting it again would take the fire back. That may take a while, not long.
    guard rounded < wakeAt || wakeAt + .seconds(1) < now else { return }
    wakeAt = rounded
    timer.schedule(deadline: .now() + .nanoseconds(Int(max((rounded - now).wholeNanoseconds, 0))))
  }

  // MARK: Accounts

  /// Numbers for so many accounts that are about to come.
  func reserve(_ count: Int) -> [AccountID] {
    let numbers = (0..<count).map { _ in AccountID(index: freeNumbers.popLast() ?? takeNumber()) }
    if count > 64 {
      agent.reserve(nextNumber)
      heap.reserve(Limits.timers(ofAccounts: nextNumber))
      unsaved.reserve(nextNumber)
    }
    return numbers
  }

  /// - Parameter origin: of their identities; nil: they are of the agent's making
  func add(_ arrivals: [Arrival], from origin: IdentityOrigin? = nil) {
    let now = BootClock.now
    var work = takeRoom()
    var key: [UInt8] = []
    for arrival in arrivals {
      key.removeAll(keepingCapacity: true)
      arrival.account.append(storeKeyTo: &key)
      add(arrival, key.span, from: origin, now: now, &work)
      while !work.effects.isEmpty { sort(&work, now: now) }
    }
    finish(work, now: now)
  }

  private func add(
    _ arrival: Arrival, _ key: Span<UInt8>, from origin: IdentityOrigin?, now: Instant, _ work: inout Batch
  ) {
    let (id, account) = (arrival.id, arrival.account)
    if let record = successor(of: account) {
      agent.handle(.add(id, account, record), now: now, effects: &work.effects)
    } else if let record = origin?.record(of: account, key: key), record.cSeqCeiling >= unsaved.highestForgotten {
      let reserved = IdentityOrigin.reserve
      unsaved.note(record.cSeqCeiling + reserved, isSafeFor: id)
      agent.resume(id, account, record, reserved: reserved, now: now, effects: &work.effects)
    } else {
      // One that left since the origin was made may have come further under the same identity.
      agent.handle(.add(id, account, nil), now: now, effects: &work.effects)
    }
  }

  /// Those that a former run knew; lent, and not copied one by one.
  ///
  /// - Parameter reserved: how many CSeq numbers from the ceiling of each record on are safe already
  func resume(_ returners: [Returner], reserved: UInt32) {
    let now = BootClock.now
    var work = takeRoom()
    returners.withUnsafeBufferPointer { returners in
      for index in returners.indices {
        let id = returners[index].id
        let goesOn = agent.resume(
          id, returners[index].account, returners[index].record, reserved: reserved, now: now, effects: &work.effects)
        if goesOn, reserved > 0 { unsaved.note(returners[index].record.cSeqCeiling + reserved, isSafeFor: id) }
        while !work.effects.isEmpty { sort(&work, now: now) }
      }
    }
    finish(work, now: now)
  }

  private func takeNumber() -> Int {
    defer { nextNumber += 1 }
    return nextNumber
  }

  /// An account that comes back before it has gone is the same one: it goes on with its Call-ID.
  private func successor(of account: SIPUserAgent.Account) -> RegistrationRecord? {
    guard !leaving.isEmpty, let id = leavers[account.storeKey] else { return nil }
    leaving[id]?.hasSuccessor = true
    var record = agent.record(of: id)
    record?.binding = nil
    return record
  }

  func remove(_ ids: [AccountID]) {
    for id in ids {
      guard let account = agent.account(of: id), let callID = agent.status(of: id)?.callID else { continue }
      leaving[id] = Leaver(account: account, callID: callID)
      leavers[account.storeKey] = id
    }
    want(.remove, of: ids)
  }

  /// The daemon ends: un-REGISTER everything. It is done when `stopping` is 0.
  func stop(_ ids: [AccountID]) {
    stopping = ids.count
    want(.stop, of: ids)
  }
}
