import SIPMessage
import SIPTransaction
import SIPUserAgent

/// A user agent, a registrar behind a few sites, a network, a store and an operator in virtual time. Everything is
/// decided by the seed: the same seed is the same story.
struct World {
  enum Happening {
    case toSite(Int, [UInt8])
    case toAgent([UInt8], Flow)
    case timer(TimerID)
    case writeDone
    case located(LocationID, Location)
    case sendFailed(ClientTransactionID)
    case add(Int)
    case restart
    case fault
    case operation
  }

  static let local = Endpoint(address: .v4(0x0A09_0909), port: 5060)

  let plan: Plan
  let tracing: Bool
  var random: SplitMix64
  var now = Instant(nanoseconds: 1_000_000_000_000)
  var agenda = Agenda<Happening>()
  var agent: UserAgent?
  var registrar: SimulatedRegistrar
  var store = SimulatedStore()
  var sites: [Site]
  var watch = WireWatch()
  var loss = 0.0
  var lookups = Lookups.working
  var storeDelay = 1...40
  var isHealing = false
  /// As configured; nil while taken out.
  var accounts: [Account?] = []
  /// When each account was seen bound at the registrar without a break; for what lapses.
  var wasBound: [Bool] = []
  var lapses = 0
  var trace: [String] = []
  var crashes = 0
  var rebootedAt = Instant.origin
  /// What the operator asked for last: running or not; nil where a crash may have lost it.
  var wanted: [Bool?] = []
  private var lastRegister: [UInt8] = []
  private var nextCheck = Instant.origin

  enum Lookups { case working, slow, failing, silent }

  init(seed: UInt64, plan: Plan, tracing: Bool = false) {
    self.plan = plan
    self.tracing = tracing
    random = SplitMix64(seed: seed)
    registrar = SimulatedRegistrar(settings: plan.registrar, seed: random.next())
    sites = (0..<4).map { Site(number: $0) }
    accounts = (0..<plan.accounts).map { plan.account($0, using: &random) }
    wasBound = Array(repeating: false, count: plan.accounts)
    wanted = Array(repeating: true, count: plan.accounts)
    loss = plan.loss
    store.liesAboutDurability = plan.storeLies
    start()
    if plan.hasFaults { agenda.add(.fault, at: now + random.duration(1_000...60_000)) }
    if plan.hasOperator { agenda.add(.operation, at: now + random.duration(1_000...60_000)) }
  }

  // MARK: Time

  /// Lets everything happen that happens until then, or until something went wrong.
  mutating func run(until end: Instant) {
    while let next = agenda.next, next <= end, watch.violations.isEmpty, registrar.complaints.isEmpty {
      guard let (instant, happening) = agenda.pop() else { return }
      now = instant
      step(happening)
      if let stuck = agent?.stuck(now: now, overdue: .seconds(1)), !stuck.isEmpty {
        watch.complain("stuck: \(stuck.map { "\($0.index) \(agent?.stateName(of: $0)?.rawValue ?? "?")" })")
      }
      checkBindings()
    }
    if watch.violations.isEmpty { now = max(now, end) }
  }

  private mutating func step(_ happening: Happening) {
    switch happening {
    case .toSite(let site, let bytes): arrive(bytes, at: site)
    case .toAgent(let bytes, let flow):
      guard agent != nil else { return }
      watch.answered(bytes)
      handle(.received(bytes, flow))
    case .timer(let timer): fire(timer)
    case .writeDone:
      guard let write = store.finishOldest(), let record = write.record, accounts[Int(write.account.index)] != nil
      else { return }
      handle(.stored(write.account, key: record.key, cSeqCeiling: record.cSeqCeiling))
    case .located(let question, let location): handle(.located(question, location))
    case .sendFailed(let client): handle(.sendFailed(client: client, reason: "connection refused"))
    case .add(let index):
      guard accounts[index] == nil else { return }
      accounts[index] = plan.account(index, using: &random)
      guard let account = accounts[index] else { return }
      // A crash may have lost that it was forgotten, and with that kept a pause.
      let record = store.latest(AccountID(index: index))
      wanted[index] = record?.pause != .byOperator
      let id = AccountID(index: index)
      handle(store.pending.isEmpty ? store.beginning(of: id, account) : .add(id, account, record))
    case .restart: start()
    case .fault: fault()
    case .operation: operate()
    }
  }

  /// A timer that means nothing any more does nothing.
  private mutating func fire(_ timer: TimerID) {
    guard agent?.isArmed(timer) == false else { return handle(.timerFired(timer)) }
    guard random.happens(0.05) else { return }
    var effects: [Effect] = []
    agent?.handle(.timerFired(timer), now: now, effects: &effects)
    if !effects.isEmpty { watch.complain("a stale timer had effects") }
  }

  mutating func handle(_ event: Event) {
    guard agent != nil else { return }
    note("→ \(Story.words(event))")
    var effects: [Effect] = []
    agent?.handle(event, now: now, effects: &effects)
    for effect in effects {
      if !isHealing, random.happens(plan.crashRate) {
        crash()
        return
      }
      perform(effect)
    }
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

  // MARK: Effects

  private mutating func perform(_ effect: Effect) {
    note("  \(Story.words(effect))")
    switch effect {
    case .send(let bytes, let destination, let client): send(bytes, destination, client)
    case .setTimer(let timer, let instant): agenda.add(.timer(timer), at: max(instant, now))
    case .cancelTimer: break
    case .locate(let uri, let question): locate(uri, question)
    case .store(let account, let record): write(account, record)
    case .renew(let account, let renewal):
      guard store.renew(account, renewal) else { return watch.complain("a renewal of what was never stored") }
      agenda.add(.writeDone, at: now + random.duration(storeDelay))
    case .forget(let account), .released(let account, _):
      write(account, nil)
      accounts[Int(account.index)] = nil
      watch.forgotten(Plan.addressOfRecord(Int(account.index)))
      wasBound[Int(account.index)] = false
      wanted[Int(account.index)] = true
      agenda.add(.add(Int(account.index)), at: now + random.duration(200...120_000))
    case .stopped: break
    case .report(let account, let report):
      switch report {
      case .unregistered: wasBound[Int(account.index)] = false
      case .unregisterFailed:
        watch.gaveUp(Plan.addressOfRecord(Int(account.index)))
        wasBound[Int(account.index)] = false
      case .registered, .refreshed: wasBound[Int(account.index)] = true
      case .paused(.credentialsRejected, _, _), .paused(.noCredentials, _, _):
        // A registrar that lost its nonces meanwhile and does not say stale asks just as for a wrong password.
        guard now >= rebootedAt + .seconds(60) else { return }
        watch.complain("account \(account.index) rests though its credentials are right")
      case .noticed, .step, .discarded, .lapsed, .failed, .paused, .resumed: break
      }
    case .reportHop, .reportRequest: break
    }
  }

  private mutating func write(_ account: AccountID, _ record: RegistrationRecord?) {
    store.write(account, record)
    agenda.add(.writeDone, at: now + random.duration(storeDelay))
  }

  private mutating func send(_ bytes: [UInt8], _ destination: Destination, _ client: ClientTransactionID?) {
    let store = store
    watch.sent(
      bytes, ceiling: { Plan.index($0).flatMap { store.ceiling(of: AccountID(index: $0)) } }, now: now)
    guard let site = sites.first(where: { $0.endpoint == destination.target.endpoint }) else { return }
    if plan.duplicatesAsNew, !lastRegister.isEmpty, random.happens(0.05) {
      watch.sent(lastRegister, ceiling: { _ in .max }, now: now)
    }
    lastRegister = bytes
    if site.health == .refusing, let client {
      if let account = (try? Message(parsing: bytes).to())?.uri.description { watch.gaveUp(account) }
      agenda.add(.sendFailed(client), at: now)
      return
    }
    transmit(.toSite(site.number, bytes))
  }

  private mutating func locate(_ uri: URI, _ question: LocationID) {
    let found = Location.targets(
      Site.numbers(of: uri).map {
        LocatedTarget(target: Target(transport: .udp, endpoint: sites[$0].endpoint), local: Self.local)
      })
    switch lookups {
    case .working: agenda.add(.located(question, found), at: now + random.duration(0...30))
    case .slow: agenda.add(.located(question, found), at: now + random.duration(1_000...40_000))
    case .failing: agenda.add(.located(question, .failed("SERVFAIL")), at: now + random.duration(0...5_000))
    case .silent: break
    }
  }

  // MARK: The network

  /// Lost, doubled, late, or as it should be.
  mutating func transmit(_ message: Happening, after delay: Duration = .zero) {
    let copies = random.happens(plan.duplication) ? 2 : 1
    for _ in 0..<copies where !random.happens(loss) {
      let transit = random.happens(plan.reordering) ? random.duration(10...3_000) : random.duration(1...40)
      agenda.add(message, at: now + delay + transit)
    }
  }

  private mutating func arrive(_ bytes: [UInt8], at number: Int) {
    let site = sites[number]
    let flow = Flow(target: Target(transport: .udp, endpoint: site.endpoint))
    switch site.health {
    case .silent, .refusing: break
    case .up, .slow:
      let delay = site.health == .slow ? random.duration(5_000...20_000) : .zero
      guard let answer = registrar.answer(bytes, from: Self.local, site: number, now: now) else { return }
      if random.happens(0.1), let trying = Site.response(100, "Trying", to: bytes) { transmit(.toAgent(trying, flow)) }
      transmit(.toAgent(answer, flow), after: delay)
    case .unavailable(let retryAfter):
      let fields = retryAfter.map { [(HeaderName.retryAfter, Array($0.utf8))] } ?? []
      if let answer = Site.response(503, "Service Unavailable", to: bytes, fields) {
        transmit(.toAgent(answer, flow))
      }
    case .failing(let status):
      if let answer = Site.response(status, "Failing", to: bytes) { transmit(.toAgent(answer, flow)) }
    }
  }

  // MARK: The process

  mutating func start() {
    agent = UserAgent(random: SplitMix64(seed: random.next()))
    note("start")
    store.begin(canWrite: random.happens(0.9))
    for index in accounts.indices {
      guard agent != nil, let account = accounts[index] else { continue }
      let id = AccountID(index: index)
      if store.hasLost(id) { watch.forgotten(Plan.addressOfRecord(index)) }
      handle(store.beginning(of: id, account))
    }
  }

  /// `kill -9`: the process is gone; what the network carries is not.
  mutating func crash() {
    note("crash")
    crashes += 1
    agent = nil
    for write in store.pending { wanted[Int(write.account.index)] = nil }
    store.crash(using: &random)
    watch.crashed()
    agenda.removeAll {
      switch $0 {
      case .timer, .writeDone, .located, .sendFailed, .restart: true
      case .toSite, .toAgent, .add, .fault, .operation: false
      }
    }
    agenda.add(.restart, at: now + random.duration(10...20_000))
  }

  mutating func note(_ text: @autoclosure () -> String) {
    guard tracing else { return }
    if trace.count > 400 { trace.removeFirst(200) }
    trace.append("\(now.nanoseconds / 1_000_000) \(text())")
  }
}
