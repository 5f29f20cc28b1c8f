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
    case located(LookupID, Location)
    case sendFailed(ClientTransactionID)
    case unreachable(Target)
    case keepAliveAnswer(Int, Event, at: Endpoint)
    case closed(UInt32, String)
    case add(Int)
    case halt
    case restart
    case fault
    case operation
  }

  let plan: Plan
  let tracing: Bool
  var chances: Chances
  var now = Instant(nanoseconds: 1_000_000_000_000)
  var agenda = Agenda<Occurrence>()
  var core: ShardCore?
  var registrar: SimulatedRegistrar
  var store: SimulatedStore
  var sites: [Site]
  var streams = Streams()
  /// The address of this host.
  var local = Endpoint(address: .v4(0x0A09_0909), port: 5060)
  var middlebox: Middlebox
  var watch = WireWatch()
  var loss = 0.0
  var lookups = Lookups.working
  var storeDelay = 1...40
  var isHealing = false
  var isStopping = false
  /// As configured; nil while taken out.
  var accounts: [Account?] = []
  /// The number of each in the process that runs; nil while there is none under its name.
  var ids: [AccountID?] = []
  /// That it had when it was taken out.
  var formerIDs: [AccountID?] = []
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
  var lastRegister: [UInt8] = []
  private var nextCheck = Instant.origin

  enum Lookups { case working, slow, failing, silent }

  init(seed: UInt64, plan: Plan, tracing: Bool = false) {
    self.plan = plan
    self.tracing = tracing
    chances = Chances(seed: seed)
    registrar = SimulatedRegistrar(settings: plan.registrar, seed: chances.process.next())
    store = SimulatedStore(seed: chances.process.next())
    store.liesAboutDurability = plan.fault == .storeLies
    middlebox = Middlebox(isThere: plan.hasNAT)
    sites = (0..<4).map { Site(number: $0) }
    accounts = (0..<plan.accounts).map { plan.account($0, using: &chances.configuration) }
    ids = Array(repeating: nil, count: plan.accounts)
    formerIDs = ids
    wasBound = Array(repeating: false, count: plan.accounts)
    wanted = Array(repeating: true, count: plan.accounts)
    saidAt = Array(repeating: .origin, count: plan.accounts)
    loss = plan.loss
    start()
    if plan.hasFaults { agenda.add(.fault, at: now + chances.faults.duration(1_000...60_000)) }
    if plan.hasOperator { agenda.add(.operation, at: now + chances.operations.duration(1_000...60_000)) }
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
      guard core != nil, destination == outside, flow.connection == 0 || streams.bring(flow.connection) else { return }
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
    case .keepAliveAnswer(let site, let event, let destination): bring(event, from: site, at: destination)
    case .closed(let number, let reason): end(number, reason: reason)
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
    for happening in outputs.happenings { noteEnd(happening) }
    for dead in outputs.closings { close(dead) }
    for sending in outputs.sends {
      guard goesOn() else { return }
      send(sending)
    }
    for keepAlive in outputs.keepAlives {
      guard goesOn() else { return }
      send(keepAlive)
    }
    watch.left()
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
    guard !isHealing, chances.process.happens(plan.crashRate) else { return true }
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

  private mutating func noteEnd(_ happening: Happening) {
    guard let index = Plan.index(ofName: happening.account.name) else { return }
    switch happening.report {
    case .unregistered: watch.unregistered(Plan.addressOfRecord(index), isAnswered: true)
    case .unregisterFailed: watch.unregistered(Plan.addressOfRecord(index), isAnswered: false)
    case .registered, .refreshed, .noticed, .step, .discarded, .lapsed, .failed, .paused, .resumed: break
    }
  }

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
    agenda.add(.storeDone, at: now + chances.disk.duration(storeDelay))
    if plan.fault == .acknowledgesBeforeTheWrite, !reservations.isEmpty {
      handle(.stored(reservations, forgotten: []))
    }
  }

  mutating func note(_ text: @autoclosure () -> String) {
    guard tracing else { return }
    if trace.count > 400 { trace.removeFirst(200) }
    trace.append("\(now.nanoseconds / 1_000_000) \(text())")
  }
}
