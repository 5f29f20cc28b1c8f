import SIPMessage
import SIPUserAgent

/// A user agent with one account on a bench: time stands still until it is moved, the store and the resolver answer
/// when they are told to, and everything it wants done is kept.
struct Bench {
  static let id = AccountID(index: 0)
  static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)

  struct Chance: RandomNumberGenerator, Sendable {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state
    }
  }

  struct NothingSent: Error {}

  var agent: UserAgent
  var account: Account
  var now = Instant(nanoseconds: 1_000_000_000_000)
  /// Since the last event.
  var effects: [Effect] = []
  var sent: [[UInt8]] = []
  /// The one that counts of each owner.
  var timers: [TimerID: Instant] = [:]
  var record: RegistrationRecord?
  var question: LookupID?
  /// Those of all accounts that `locateAll` has not answered.
  var questions: [LookupID] = []
  var addresses: [UInt32] = [0xC000_0264]
  /// What the system would send from.
  var localAddress = Bench.local
  /// Where the peers see requests come from.
  var seenAs = Bench.local
  var reports: [Report] = []
  var hopReports: [HopReport] = []
  var keepAlives: [(probe: KeepAliveProbe, target: Target)] = []
  var closed: [Flow] = []
  /// Where each of `sent` went.
  var destinations: [Target] = []
  /// What leads to the next hop, and over which connection its answers come.
  var transport = TransportProtocol.udp
  var connection: UInt32 = 0
  /// What was told of requests of others.
  var requests: [ArrivedRequest] = []

  init(_ change: (inout Account) throws -> Void = { _ in }) throws {
    account = try Self.account(change)
    agent = UserAgent(random: Chance())
  }

  static func account(_ change: (inout Account) throws -> Void = { _ in }) throws -> Account {
    var account = Account(
      name: "alice", addressOfRecord: try URI("sip:alice@example.test"), registrar: try URI("sip:example.test"),
      credentials: [Credential(username: "alice", password: "sesame")])
    try change(&account)
    return account
  }

  // MARK: Events

  mutating func handle(_ event: Event) {
    effects = []
    agent.handle(event, now: now, effects: &effects)
    for effect in effects {
      switch effect {
      case .send(let bytes, let destination, _):
        sent.append(bytes)
        destinations.append(destination.target)
      case .setTimer(let timer, let instant): timers[timer] = instant
      case .locate(_, let id):
        question = id
        questions.append(id)
      case .store(_, let stored): record = stored
      case .renew(_, let renewal): record?.renew(renewal)
      case .report(_, let report): reports.append(report)
      case .reportRequest(let request): requests.append(request)
      case .keepAlive(let probe, let target): keepAlives.append((probe, target))
      case .close(let flow, _): closed.append(flow)
      case .reportHop(_, let report): hopReports.append(report)
      case .cancelTimer, .forget, .released, .stopped: break
      }
    }
  }

  /// Added, its store answered, up to the first question for an address.
  mutating func start(_ former: RegistrationRecord? = nil) {
    handle(.add(Self.id, account, former))
    advance(.zero)
    store()
  }

  mutating func store() {
    if let record { handle(.stored(Self.id, key: record.key, cSeqCeiling: record.cSeqCeiling)) }
  }

  mutating func locate() {
    guard let question else { return }
    let targets = addresses.map {
      Way(
        target: Target(transport: transport, endpoint: Endpoint(address: .v4($0), port: 5060)), local: localAddress)
    }
    handle(.located(question, .ways(targets)))
  }

  /// Answers what every account wants to know.
  mutating func locateAll() {
    let asked = questions
    questions = []
    for id in asked {
      question = id
      locate()
    }
  }

  /// Lets time pass, and every timer fire that is due.
  mutating func advance(_ duration: Duration) {
    let end = now + duration
    timers = timers.filter { agent.isArmed($0.key) }
    while let (timer, instant) = timers.filter({ agent.isArmed($0.key) }).min(by: {
      ($0.value, $0.key.generation) < ($1.value, $1.key.generation)
    }),
      instant <= end
    {
      timers[timer] = nil
      now = max(now, instant)
      handle(.timerFired(timer))
    }
    now = end
  }

  /// From nothing to a REGISTER on the wire.
  static func registering(_ change: (inout Account) throws -> Void = { _ in }) throws -> Bench {
    var bench = try Bench(change)
    bench.start()
    bench.locate()
    return bench
  }

  static func registered(_ change: (inout Account) throws -> Void = { _ in }) throws -> Bench {
    var bench = try registering(change)
    try bench.respond(200)
    bench.store()
    return bench
  }

  // MARK: The wire

  func lastRequest() throws -> Message {
    guard let bytes = sent.last else { throw NothingSent() }
    return try Message(parsing: bytes)
  }

  /// Answers the last request, or another. A 200 lists its Contact, unless fields are given.
  mutating func respond(_ status: Int, _ fields: [(HeaderName, String)]? = nil, to request: Message? = nil) throws {
    let request = try request ?? lastRequest()
    var fields = fields ?? []
    if status == 200, fields.isEmpty, let contact = request.first(.contact) {
      fields = [(.contact, contact.text), (.expires, "\(request.expires?.value ?? 0)")]
    }
    try receive(
      request.response(
        status: status, reason: "Words", toTag: "peer", receivedFrom: seenAs,
        adding: fields.map { ($0.0, Array($0.1.utf8)) }))
  }

  mutating func receive(_ bytes: [UInt8], from source: Endpoint? = nil) throws {
    let source = source ?? Endpoint(address: .v4(addresses[0]), port: 5060)
    handle(.received(bytes, Flow(target: Target(transport: transport, endpoint: source), connection: connection)))
  }

  static let challenge = [(HeaderName.wwwAuthenticate, #"Digest realm="r", nonce="n1", qop="auth""#)]

  var state: StateName? { agent.stateName(of: Self.id) }
  var status: RegistrationStatus? { agent.status(of: Self.id) }
}
