import SIPMessage
import SIPTransaction
import SIPUserAgent
import ShardCore

/// The core of a shard, a registrar behind a few sites, a network, a store and an operator in virtual time. Everything is
/// decided by the seed: the same seed is the same story.
///
/// It stands where the actor does: it moves what the core puts out, and dies between any two of these things.
struct World {
  enum Occurrence {
    case toSite(Int, [UInt8], from: Endpoint, over: UInt32)
    case toCore([UInt8], Flow, at: Endpoint)
    case wake
    case turn
    case storeDone
    case located(LocationID, Location)
    case sendFailed(ClientTransactionID)
    case unreachable(Target)
    case add(Int)
    case halt
    case restart
    case fault
    case operation
  }

  let plan: Plan
  let tracing: Bool
  var random: SplitMix64
  var now = Instant(nanoseconds: 1_000_000_000_000)
  var agenda = Agenda<Occurrence>()
  var core: ShardCore?
  var registrar: SimulatedRegistrar
  var store: SimulatedStore
  var sites: [Site]
  var streams = Streams()
  /// The address of this host.
  var local = Endpoint(address: .v4(0x0A09_0909), port: 5060)
  var watch = WireWatch()
  var loss = 0.0
  var lookups = Lookups.working
  var storeDelay = 1...40
  var isHealing = false
  var isStopping = false
  /// As configured; nil while taken out.
  var accounts: [Account?] = []
  /// The number of each in the process that runs.
  var ids: [AccountID?] = []
  /// When each account was seen bound at the registrar without a break; for what lapses.
  var wasBound: [Bool] = []
  var lapses = 0
  var trace: [String] = []
  var crashes = 0
  /// How often each kind of event came to the core.
  var events: [String: Int] = [:]
  var rebootedAt = Instant.origin
  /// What the operator asked for last: running or not; nil where a crash may have lost it.
  var wanted: [Bool?] = []
  /// When that was.
  var saidAt: [Instant] = []
  private var wakesAt: Instant?
  private var lastRegister: [UInt8] = []
  private var nextCheck = Instant.origin

  enum Lookups { case working, slow, failing, silent }

  init(seed: UInt64, plan: Plan, tracing: Bool = false) {
    self.plan = plan
    self.tracing = tracing
    random = SplitMix64(seed: seed)
    registrar = SimulatedRegistrar(settings: plan.registrar, seed: random.next())
    store = SimulatedStore(seed: random.next())
    store.liesAboutDurability = plan.fault == .storeLies
    sites = (0..<4).map { Site(number: $0) }
    accounts = (0..<plan.accounts).map { plan.account($0, using: &random) }
    ids = Array(repeating: nil, count: plan.accounts)
    wasBound = Array(repeating: false, count: plan.accounts)
    wanted = Array(repeating: true, count: plan.accounts)
    saidAt = Array(repeating: .origin, count: plan.accounts)
    loss = plan.loss
    start()
    if plan.hasFaults { agenda.add(.fault, at: now + random.duration(1_000...60_000)) }
    if plan.hasOperator { agenda.add(.operation, at: now + random.duration(1_000...60_000)) }
  }

  // MARK: Time

  /// Lets everything happen that happens until then, or until something went wrong.
  mutating func run(until end: Instant) {
    while let next = agenda.next, next <= end, watch.violations.isEmpty, registrar.complaints.isEmpty {
      guard let (instant, occurrence) = agenda.pop() else { return }
      now = instant
      step(occurrence)
      if let stuck = core?.agent.stuck(now: now, overdue: .seconds(1)), !stuck.isEmpty {
        watch.complain("stuck: \(stuck.map { "\($0.index) \(core?.agent.stateName(of: $0)?.rawValue ?? "?")" })")
      }
      checkBindings()
    }
    if watch.violations.isEmpty { now = max(now, end) }
  }

  private mutating func step(_ occurrence: Occurrence) {
    switch occurrence {
    case .toSite(let site, let bytes, let source, let connection):
      arrive(bytes, at: site, from: source, over: connection)
    case .toCore(let bytes, let flow, let destination):
      guard core != nil, destination == local, flow.connection == 0 || streams.bring(flow.connection) else { return }
      watch.answered(bytes)
      take(.received(bytes, flow))
    case .wake:
      guard wakesAt == now else { return }
      wakesAt = nil
      handle(.woken)
    case .turn: handle(.turn)
    case .storeDone:
      switch store.finishOldest() {
      case .stored(let reservations, let forgotten)?:
        if !reservations.isEmpty || !forgotten.isEmpty { handle(.stored(reservations, forgotten: forgotten)) }
      case .origin(let origin, let index)?: add(index, from: origin)
      case nil: break
      }
    case .located(let question, let location): handle(.located(question, location, lasting: nil))
    case .sendFailed(let client): take(.sendFailed(client: client, reason: "connection refused"))
    case .unreachable(let target):
      watch.unreachable(target)
      take(.unreachable(target, reason: "no route to host"))
    case .add(let index): askToAdd(index)
    case .halt: halt()
    case .restart: start()
    case .fault: fault()
    case .operation: operate()
    }
  }

  // MARK: The core

  mutating func handle(_ input: Input) {
    guard core != nil else { return }
    note("→ \(Story.words(input))")
    count(input)
    var outputs = Outputs()
    core?.handle(input, now: now, outputs: &outputs)
    carryOut(outputs)
  }

  /// One event of the transport.
  mutating func take(_ event: Event) {
    guard core != nil else { return }
    note("→ \(Story.words(event))")
    count(event)
    var outputs = Outputs()
    core?.take(event, now: now, outputs: &outputs)
    core?.catchUp(now: now, outputs: &outputs)
    core?.finish(now: now, outputs: &outputs)
    carryOut(outputs)
  }

  /// In the order of a shard, and at any point of it the process may end.
  private mutating func carryOut(_ batch: Outputs) {
    var outputs = batch
    while !outputs.lookups.isEmpty {
      var lookups: [Lookup] = []
      swap(&lookups, &outputs.lookups)
      for lookup in lookups { locate(lookup, &outputs) }
    }
    // What is sent may follow on what was given up in the same batch.
    for happening in outputs.happenings {
      guard case .unregisterFailed = happening.report, let index = Plan.index(ofName: happening.account.name) else {
        continue
      }
      watch.stoppedUnregistering(Plan.addressOfRecord(index))
    }
    for sending in outputs.sends {
      guard goesOn() else { return }
      send(sending)
    }
    if !outputs.changes.isEmpty {
      guard goesOn() else { return }
      save(outputs.changes, outputs.reservations, outputs.forgotten)
    }
    for happening in outputs.happenings {
      guard goesOn() else { return }
      note(happening)
    }
    guard core != nil else { return }
    if outputs.wantsTurn { agenda.add(.turn, at: now) }
    if let instant = outputs.wakeAt {
      wakesAt = max(instant, now)
      agenda.add(.wake, at: max(instant, now))
    }
    if isStopping, core?.stopping == 0 { halt() }
  }

  /// - Returns: false when this was its end.
  private mutating func goesOn() -> Bool {
    guard core != nil else { return false }
    guard !isHealing, random.happens(plan.crashRate) else { return true }
    crash()
    return false
  }

  /// Looked at ten times a second: bindings last whole seconds.
  private mutating func checkBindings() {
    guard now >= nextCheck else { return }
    nextCheck = now + .milliseconds(100)
    for index in accounts.indices where wasBound[index] {
      if !registrar.isBound(Plan.addressOfRecord(index), at: now) {
        wasBound[index] = false
        lapses += 1
        note("account \(index) lapsed at the registrar")
      }
    }
  }

  // MARK: What it puts out

  private mutating func note(_ happening: Happening) {
    guard let index = Plan.index(ofName: happening.account.name) else { return }
    note("  \(happening.account.name): \(happening.report)")
    switch happening.report {
    case .unregistered, .unregisterFailed: wasBound[index] = false
    case .registered, .refreshed: wasBound[index] = true
    case .paused(.credentialsRejected, _, _), .paused(.noCredentials, _, _):
      // A registrar that lost its nonces meanwhile and does not say stale asks just as for a wrong password.
      guard now >= rebootedAt + .seconds(60) else { return }
      watch.complain("account \(index) rests though its credentials are right")
    case .noticed, .step, .discarded, .lapsed, .failed, .paused, .resumed: break
    }
  }

  mutating func save(_ changes: [StateChange], _ reservations: [Reservation] = [], _ forgotten: [String] = []) {
    note("  save \(Story.words(changes))")
    for index in forgotten.compactMap(Plan.index(ofKey:)) {
      watch.forgotten(Plan.addressOfRecord(index))
      wasBound[index] = false
    }
    store.ask(.write(changes, reservations: reservations, forgotten: forgotten))
    agenda.add(.storeDone, at: now + random.duration(storeDelay))
    if plan.fault == .acknowledgesBeforeTheWrite, !reservations.isEmpty {
      handle(.stored(reservations, forgotten: []))
    }
  }

  private mutating func send(_ sending: Sending) {
    let (bytes, target) = (sending.bytes, sending.destination.target)
    note("  send \(Story.words(bytes)) to \(target)")
    let (store, accounts, plan) = (store, accounts, plan)
    watch.sent(
      bytes, to: target,
      ceiling: { address in
        Plan.index(address).flatMap { index in
          (accounts[index] ?? plan.known(index)).flatMap { store.nextBeginning(of: $0) }
        }
      }, now: now)
    guard let site = sites.first(where: { $0.endpoint == target.endpoint }) else { return }
    if plan.fault == .duplicatesAsNew, !lastRegister.isEmpty, random.happens(0.05) {
      watch.sent(lastRegister, to: target, ceiling: { _ in .max }, now: now)
    }
    lastRegister = bytes
    if site.health == .refusing, let client = sending.client {
      watch.lost(bytes)
      agenda.add(.sendFailed(client), at: now)
      return
    }
    if target.transport.isReliable {
      let connection = streams.connection(to: target, for: sending.client, bytes)
      agenda.add(.toSite(site.number, bytes, from: local, over: connection), at: now + random.duration(2...60))
      return
    }
    if site.health == .unreachable, random.happens(0.7) {
      agenda.add(.unreachable(target), at: now + random.duration(1...200))
    }
    transmit(.toSite(site.number, bytes, from: local, over: 0))
  }

  /// An address is known at once; a name is asked for.
  private mutating func locate(_ lookup: Lookup, _ outputs: inout Outputs) {
    let (uri, question) = (lookup.uri, lookup.question)
    let found = Location.targets(
      Site.numbers(of: uri).map {
        Way(
          target: Target(transport: uri.transport ?? .udp, endpoint: sites[$0].endpoint), local: local)
      })
    if case .address? = uri.host {
      note("  \(uri) is known")
      count(.located(question, found, lasting: uri))
      core?.handle(.located(question, found, lasting: uri), now: now, outputs: &outputs)
      return
    }
    note("  look up \(uri)")
    switch lookups {
    case .working: agenda.add(.located(question, found), at: now + random.duration(0...30))
    case .slow: agenda.add(.located(question, found), at: now + random.duration(1_000...40_000))
    case .failing: agenda.add(.located(question, .failed("SERVFAIL")), at: now + random.duration(0...5_000))
    case .silent: break
    }
  }

  // MARK: The network

  /// Lost, doubled, late, or as it should be.
  mutating func transmit(_ message: Occurrence, after delay: Duration = .zero) {
    let copies = random.happens(plan.duplication) ? 2 : 1
    for _ in 0..<copies where !random.happens(loss) {
      let transit = random.happens(plan.reordering) ? random.duration(10...3_000) : random.duration(1...40)
      agenda.add(message, at: now + delay + transit)
    }
  }

  private mutating func arrive(_ bytes: [UInt8], at number: Int, from source: Endpoint, over connection: UInt32) {
    let site = sites[number]
    if connection != 0, !streams.isOpen(connection) { return }
    switch site.health {
    case .silent, .refusing, .unreachable: break
    case .up, .slow:
      let delay = site.health == .slow ? random.duration(5_000...20_000) : .zero
      guard let answer = registrar.answer(bytes, from: source, site: number, now: now) else { return }
      if random.happens(0.1) { reply(100, "Trying", to: bytes, from: site, source, connection) }
      reply(answer, from: site, to: source, connection, after: delay)
    case .unavailable(let retryAfter):
      let fields = retryAfter.map { [(HeaderName.retryAfter, Array($0.utf8))] } ?? []
      reply(503, "Service Unavailable", to: bytes, from: site, source, connection, fields)
    case .failing(let status): reply(status, "Failing", to: bytes, from: site, source, connection)
    }
  }

  private mutating func reply(
    _ status: Int, _ reason: String, to request: [UInt8], from site: Site, _ source: Endpoint, _ connection: UInt32,
    _ fields: [(HeaderName, [UInt8])] = []
  ) {
    guard let answer = Site.response(status, reason, to: request, source, fields) else { return }
    reply(answer, from: site, to: source, connection)
  }

  private mutating func reply(
    _ answer: [UInt8], from site: Site, to source: Endpoint, _ connection: UInt32, after delay: Duration = .zero
  ) {
    let target = Target(transport: connection == 0 ? .udp : .tcp, endpoint: site.endpoint)
    let message = Occurrence.toCore(answer, Flow(target: target, connection: connection), at: source)
    guard connection != 0 else { return transmit(message, after: delay) }
    agenda.add(message, at: now + delay + random.duration(2...60))
  }

  mutating func note(_ text: @autoclosure () -> String) {
    guard tracing else { return }
    if trace.count > 400 { trace.removeFirst(200) }
    trace.append("\(now.nanoseconds / 1_000_000) \(text())")
  }
}
