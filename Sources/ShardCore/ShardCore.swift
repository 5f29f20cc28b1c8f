import SIPMessage
import SIPUserAgent

/// What a shard decides, as a value: which timer may start, which CSeq numbers are safe, who succeeds an account that is
/// leaving, when to be woken. The shell moves bytes; here is no clock, no socket and no queue.
///
/// | input | decision |
/// | --- | --- |
/// | `take` (events of the transport) | the user agent's; a literal next hop is located without the shell |
/// | `woken` | transactions first; an account that begins a REGISTER does so if there is room, else refreshes go first |
/// | `turn` | starts that had no turn go on, as many as there is room for |
/// | `add` | succeeds one that is leaving, else begins from the origin above all that was forgotten, else anew |
/// | `restore` | goes on from the record; what was reserved for all of them is not waited for |
/// | `change` | the user agent's |
/// | `remove` | un-REGISTER; until then it can be succeeded, and then its row and its numbers are the successor's |
/// | `release` | its row goes, and its record is handed out: another process goes on from it |
/// | `stop` | un-REGISTER, and the row stays |
/// | `want` | few at once, many in line behind refreshes, one after the other |
/// | `stored` | these numbers may be used; a number that is not its account's any more says nothing |
/// | `located` | the user agent's; what is lasting is known from here on |
/// | `networkChanged` | nothing is known of locations; bindings move whose local end is another |
///
/// A record that reserves numbers somebody waits for is handed out at once, others when their company has come.
package struct ShardCore: Sendable {
  package private(set) var agent: UserAgent
  var heap = DeadlineHeap()
  var starts = StartQueue()
  var records = PendingRecords()
  var departing = DepartingAccounts()
  var numbers = AccountNumbers()
  var locations = KnownLocations()
  /// Accounts that `stop` has not seen the end of.
  package private(set) var stopping = 0
  /// Accounts that it has seen the end of; they are counted among those that leave.
  private var stopped = 0
  /// When the shell wakes it, as far as it was told.
  private var wakeAt = Instant.distantFuture
  private var isTurnWanted = false

  // Between events these are empty; their room is used again.
  private var effects: [Effect] = []
  private var underWay: [Effect] = []
  private var timers: [(timer: TimerID, deadline: Instant)] = []
  private var due: [TimerID] = []

  package init(settings: UserAgent.Settings, random: any RandomNumberGenerator & Sendable) {
    agent = UserAgent(settings: settings, random: random)
  }

  // MARK: Inputs

  /// The whole of it: what came at `now`, and what is to be done.
  package mutating func handle(_ input: Input, now: Instant, outputs: inout Outputs) {
    switch input {
    case .started: wakeAt = .distantFuture
    case .woken: wake(now: now, &outputs)
    case .turn: isTurnWanted = false
    case .add(let arrivals, let origin): add(arrivals, from: origin, now: now, &outputs)
    case .restore(let restored, let reserved): restore(restored, reserved: reserved, now: now, &outputs)
    case .change(let arrivals):
      for arrival in arrivals { take(.change(arrival.id, arrival.account), now: now, outputs: &outputs) }
    case .remove(let ids):
      for id in ids { leave(id) }
      want(.remove, of: ids, now: now, &outputs)
    case .release(let ids):
      for id in ids {
        leave(id)
        take(.release(id), now: now, outputs: &outputs)
      }
    case .stop(let ids):
      stopping = ids.count
      want(.stop, of: ids, now: now, &outputs)
    case .want(let command, let ids): want(command, of: ids, now: now, &outputs)
    case .stored(let reservations, let forgotten):
      for key in forgotten { departing.forgotten(key) }
      for item in reservations {
        take(.stored(item.id, key: item.key, cSeqCeiling: item.ceiling), now: now, outputs: &outputs)
      }
    case .located(let question, let location, let lasting):
      if let lasting { locations.keep(location, of: lasting, now: now) }
      take(.located(question, location), now: now, outputs: &outputs)
    case .networkChanged(let endpoints): networkChanged(endpoints, now: now, &outputs)
    }
    finish(now: now, outputs: &outputs)
  }

  /// One event of a batch; `finish` follows the last.
  package mutating func take(_ event: Event, now: Instant, outputs: inout Outputs) {
    let first = timers.count
    agent.handle(event, now: now, effects: &effects)
    carryOut(settingFrom: first, now: now, &outputs)
  }

  /// A timer that is overdue does not wait until a flood is over.
  package mutating func catchUp(now: Instant, outputs: inout Outputs) {
    if wakeAt + Limits.lateness < now { wake(now: now, &outputs) }
  }

  /// The end of a batch.
  package mutating func finish(now: Instant, outputs: inout Outputs) {
    if startWaiting(now: now, &outputs), !isTurnWanted {
      isTurnWanted = true
      outputs.wantsTurn = true
    }
    keepTimers()
    // Answers belong to different requests, and an account has one under way (RFC 3261 §10.2). But one that leaves and
    // comes back is two accounts with one Call-ID.
    outputs.keepsOrder = outputs.keepsOrder || !departing.isEmpty
    if records.isAwaited { hand(out: &outputs) }
    if let instant = wakeTime(now: now) { outputs.wakeAt = instant }
  }

  /// What waits for company, at once.
  package mutating func hand(out outputs: inout Outputs) { records.take(&outputs) }

  // MARK: Time

  private mutating func wake(now: Instant, _ outputs: inout Outputs) {
    wakeAt = .distantFuture
    if let instant = records.dueAt, instant <= now { hand(out: &outputs) }
    var count = 0
    while count < Limits.timersPerTurn, let timer = heap.popDue(now: now) {
      count += 1
      if timer.kind == .registration {
        due.append(timer)
      } else {
        take(.timerFired(timer), now: now, outputs: &outputs)
      }
    }
    // With room for all of them nobody has to know which of them begin a REGISTER, and for whom that is urgent: a timer
    // that means nothing any more does nothing.
    let hasRoom = due.count <= starts.room(underWay: accountsUnderWay, now: now)
    for timer in due {
      if hasRoom {
        start(.timerFired(timer), now: now, &outputs)
      } else if let isUrgent = agent.lentBeginning(of: timer) {
        starts.append(timer, isUrgent: isUrgent)
      } else {
        take(.timerFired(timer), now: now, outputs: &outputs)
      }
    }
    due.removeAll(keepingCapacity: true)
  }

  /// The first deadline, rounded up to the grain; nil when the shell wakes it as soon or is about to.
  private mutating func wakeTime(now: Instant) -> Instant? {
    let limit = now + Limits.longestSleep
    let first = min(
      heap.first?.deadline ?? limit, records.dueAt ?? limit, starts.isEmpty ? limit : starts.retryAt, limit)
    let grain = UInt64(Limits.grain.wholeNanoseconds)
    let rounded = Instant(nanoseconds: (first.nanoseconds / grain + 1) * grain)
    // To ask for one that is due already would take that back. It may take a while, not long.
    guard rounded < wakeAt || wakeAt + Limits.lateness < now else { return nil }
    wakeAt = rounded
    return rounded
  }

  /// Whether it should have been woken by now.
  package func isOverdue(now: Instant) -> Bool { wakeAt <= now }

  private mutating func keepTimers() {
    for (timer, deadline) in timers { heap.insert(timer, at: deadline) }
    timers.removeAll(keepingCapacity: timers.count <= Limits.usualBatch)
    if heap.count > Limits.timers(ofAccounts: numbers.inUse) + 2 * agent.transactionCount {
      let agent = agent
      heap.removeStale(among: Limits.timersPerLook) { agent.isArmed($0) }
    }
  }

  // MARK: Starts

  /// Accounts with a request that is not through.
  private var accountsUnderWay: Int {
    let counts = agent.counts
    return counts[.registering] + counts[.refreshing] + counts[.unregistering] - stopped
  }

  private mutating func start(_ event: Event, now: Instant, _ outputs: inout Outputs) {
    let before = accountsUnderWay
    take(event, now: now, outputs: &outputs)
    if accountsUnderWay > before { starts.started() }
  }

  /// - Returns: whether more may be let out already: some lead to no request, and others than they have a turn between.
  private mutating func startWaiting(now: Instant, _ outputs: inout Outputs) -> Bool {
    for _ in 0..<Limits.timersPerTurn {
      guard let next = starts.next(underWay: accountsUnderWay, now: now) else { return false }
      switch next {
      case .timer(let timer): start(.timerFired(timer), now: now, &outputs)
      case .command(let command, let id): start(command.event(for: id), now: now, &outputs)
      }
    }
    return true
  }

  private mutating func want(_ command: AccountCommand, of ids: [AccountID], now: Instant, _ outputs: inout Outputs) {
    guard isAtOnce(ids.count) else { return starts.append(command, of: ids) }
    for id in ids { take(command.event(for: id), now: now, outputs: &outputs) }
  }

  /// Whether what is wanted of so many accounts is done at once. One after the other: what was wanted of an account before
  /// comes first.
  package func isAtOnce(_ count: Int) -> Bool { count <= Limits.fewCommands && !starts.hasCommands }

  // MARK: Effects

  /// Carries out what the agent wants, and what that leads to.
  private mutating func carryOut(settingFrom first: Int, now: Instant, _ outputs: inout Outputs) {
    while !effects.isEmpty {
      // Two buffers in turn: what these effects lead to is written into the other one.
      swap(&effects, &underWay)
      for effect in underWay { carryOut(effect, settingFrom: first, now: now, &outputs) }
      underWay.removeAll(keepingCapacity: underWay.capacity <= Limits.usualBatch)
    }
  }

  @inline(__always)
  private mutating func carryOut(
    _ effect: Effect, settingFrom first: Int, now: Instant, _ outputs: inout Outputs
  ) {
    switch effect {
    case .send(let bytes, let destination, let client):
      outputs.sends.append(Sending(bytes: bytes, destination: destination, client: client))
    case .keepAlive(let probe, let target):
      outputs.keepAlives.append(KeepAliveSending(probe: probe, target: target))
    case .close(let flow, let reason): outputs.closings.append(DeadConnection(flow: flow, reason: reason))
    case .setTimer(let timer, let deadline): set(timer, deadline, from: first)
    case .locate(let hop, let question): locate(hop, question, now: now, &outputs)
    case .store(let id, let record):
      // What an account on its way out may still send was reserved; the row is its successor's.
      guard let account = agent.lentAccount(of: id), !departing.hasSuccessor(id) else { return }
      records.keep(record, of: id, account, until: now + Limits.storeDelay)
    case .renew(let id, let renewal):
      if !departing.hasSuccessor(id) { records.keep(renewal, until: now + Limits.storeDelay) }
    case .cancelTimer(let timer): heap.forget(Int(timer.slot))
    case .forget(let id): forget(id)
    case .released(let id, let record):
      outputs.released.append(Release(id: id, record: record))
      forget(id)
    case .stopped:
      stopping -= 1
      stopped += 1
    case .report(let id, let report): note(id, report, now: now, &outputs)
    case .reportHop(let uri, let report): outputs.hopReports.append(HopHappening(uri: uri, report: report))
    case .reportRequest(let request): note(request, now: now, &outputs)
    }
  }

  /// What was set before in the same event for the same owner never gets into the heap.
  private mutating func set(_ timer: TimerID, _ deadline: Instant, from first: Int) {
    for index in max(first, timers.count - Limits.timersOfAnEvent)..<timers.count
    where timers[index].timer.slot == timer.slot && timers[index].timer.kind == timer.kind {
      timers[index] = (timer, deadline)
      return
    }
    timers.append((timer, deadline))
  }

  private mutating func locate(_ hop: HopURI, _ question: LookupID, now: Instant, _ outputs: inout Outputs) {
    if let location = locations.location(of: hop, now: now) {
      agent.handle(.located(question, location), now: now, effects: &effects)
    } else {
      outputs.lookups.append(Lookup(hop: hop, question: question))
    }
  }

  private mutating func note(_ id: AccountID, _ report: Report, now: Instant, _ outputs: inout Outputs) {
    guard report.weight >= outputs.leastRead else { return }
    if let account = agent.account(of: id), let status = agent.status(of: id) {
      outputs.happenings.append(Happening(at: now, account: account, status, report))
    } else if let departed = departing[id] {
      outputs.happenings.append(
        Happening(at: now, account: departed.account, state: .unregistering, callID: departed.callID, report: report))
    }
  }

  private mutating func note(_ request: ArrivedRequest, now: Instant, _ outputs: inout Outputs) {
    let account = request.account.flatMap { id in
      agent.account(of: id).flatMap { account in agent.stateName(of: id).map { (account, $0) } }
    }
    outputs.arrivals.append(RequestHappening(at: now, request: request, account: account))
  }

  // MARK: Accounts

  /// - Parameter record: lent, and not copied, since a start brings a million
  mutating func restore(
    _ id: AccountID, _ account: Account, _ record: borrowing RegistrationRecord, reserved: UInt32, now: Instant,
    _ outputs: inout Outputs
  ) {
    let first = timers.count
    let goesOn = agent.restore(id, account, record, reserved: reserved, now: now, effects: &effects)
    if goesOn, reserved > 0 { records.note(record.cSeqCeiling + reserved, isSafeFor: id) }
    carryOut(settingFrom: first, now: now, &outputs)
  }

  /// Numbers for so many accounts that are about to come.
  package mutating func reserve(_ count: Int) -> [AccountID] {
    let ids = numbers.take(count)
    if count > Limits.usualArrivals {
      agent.reserve(numbers.end)
      heap.reserve(Limits.timers(ofAccounts: numbers.end))
      records.reserve(numbers.end)
    }
    return ids
  }
}
