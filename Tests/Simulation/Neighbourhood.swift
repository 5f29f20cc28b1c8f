import SIPMessage
import SIPTransaction
import SIPUserAgent
import ShardCore

/// Accounts of several domains behind the same next hops, in virtual time and over a network that loses nothing, where
/// hops, domains and single accounts are treated differently, for a time or for good.
///
/// It holds the user agent to this: an account whose own path is good is bound within a bound, and does not lapse.
struct Neighbourhood {
  struct Resident {
    var domain: Int
    var hop: Int
    var expires: UInt32
    var own: Fortune
    /// REGISTERs that came, copies not counted.
    var requests = 0
    /// At the registrar, by a REGISTER whose first copy came then.
    var boundSince = Instant.origin
    var boundUntil: Instant?
    /// The end of the binding that the user agent was told of.
    var knownUntil = Instant.origin
    /// The REGISTER that came last, and when its first copy did.
    var latest: (bytes: [UInt8], since: Instant) = ([], .origin)
    /// It was taken: a copy of it is answered, and no more.
    var isTaken = false
  }

  enum Place: Equatable { case resident(Int), domain(Int), hop(Int) }

  /// What the network does that it does not say, to be found by the checks.
  enum Fault {
    /// While somebody is not answered at a hop, nobody is.
    case firstComeLine
    /// What one is told with a Retry-After, all are.
    case sharedRetryAfter
  }

  private enum Occurrence {
    case wake
    case arrives([UInt8], hop: Int)
    case returns([UInt8], from: Endpoint)
    case sendFailed(ClientTransactionID)
    /// A binding ends at the registrar, unless it was refreshed.
    case ends(Int)
    /// An account has to be bound, if its path has been good since then.
    case due(Int, since: Instant)
    case turns(Place, Treatment)
    case trouble
  }

  static let beginning = Instant(nanoseconds: 1_000_000_000_000)
  static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
  static let trip: Duration = .milliseconds(10)
  /// The longest pause between questions, the longest wait that a domain asks for, and what a slow start takes.
  static let bound: Duration = .seconds(30 + 20 + 10)
  /// A question that nobody answers, before the next account asks; and three more, of accounts that were answered before.
  static let question: Duration = .seconds(33 + 3 * 30)
  /// The longest back-off of an account that was in trouble of its own.
  static let backOff: Duration = .seconds(1800)
  /// What is left of a binding when the path is good again, so that it need not lapse.
  static let grace: Duration = .seconds(12)

  var residents: [Resident] = []
  /// First one for each domain, which is the registrar itself, then the proxies.
  private(set) var hops: [Fortune]
  private(set) var domains: [Fortune]
  private(set) var now = beginning
  private var shell: PromptShell
  private(set) var complaints: [String] = []
  private(set) var lapses = 0
  private(set) var registers = 0
  /// Written down when wanted.
  var isTracing = false
  private(set) var trace: [String] = []
  private var agenda = Agenda<Occurrence>()
  private var random: SplitMix64
  var fault: Fault?
  /// Until when a hop says nothing, and a domain wants nobody, by a planted fault.
  private var quietUntil: [Instant]
  private var fullUntil: [Instant]

  init(seed: UInt64, domains: Int, proxies: Int) {
    random = SplitMix64(seed: seed)
    self.domains = (0..<domains).map { _ in Fortune(.good, now: Self.beginning) }
    hops = (0..<domains + proxies).map { _ in Fortune(.good, now: Self.beginning) }
    quietUntil = hops.map { _ in .origin }
    fullUntil = self.domains.map { _ in .origin }
    shell = PromptShell(UserAgent.Settings(), seed: seed &+ 1) { Self.location(of: $0) }
  }

  // MARK: Who lives there

  mutating func add(domain: Int, hop: Int, expires: UInt32, _ treatment: Treatment = .good) {
    let index = residents.count
    residents.append(Resident(domain: domain, hop: hop, expires: expires, own: Fortune(treatment, now: now)))
    var account = Account(
      name: "u\(index)", addressOfRecord: Plan.uri("sip:u\(index)@d\(domain).test"),
      registrar: Plan.uri("sip:d\(domain).test"))
    account.expires = expires
    account.routes = hop < domains.count ? [.direct] : [RouteSet(proxies: [Plan.uri("sip:p\(hop).test;lr")])]
    let arrivals = shell.reserve(1).map { Arrival(id: $0, account: account) }
    handle(.add(arrivals, from: nil))
    expect(index)
  }

  private static func endpoint(_ hop: Int) -> Endpoint { Endpoint(address: .v4(0x0A00_0000 + UInt32(hop)), port: 5060) }

  var isEverybodyBound: Bool { residents.allSatisfy { $0.boundUntil.map { $0 > now } ?? false } }

  // MARK: Time

  mutating func run(until end: Instant, _ isOver: (Neighbourhood) -> Bool = { _ in false }) {
    while let next = agenda.next, next <= end, complaints.isEmpty, !isOver(self) {
      guard let (instant, occurrence) = agenda.pop() else { return }
      now = instant
      step(occurrence)
    }
    if complaints.isEmpty, !isOver(self) { now = max(now, end) }
  }

  private mutating func step(_ occurrence: Occurrence) {
    switch occurrence {
    case .wake: if shell.wakesAt == now { handle(.woken) }
    case .arrives(let bytes, let hop): arrive(bytes, at: hop)
    case .returns(let bytes, let endpoint):
      take(.received(bytes, Flow(target: Target(transport: .udp, endpoint: endpoint))))
    case .sendFailed(let client): take(.sendFailed(client: client, reason: "connection refused"))
    case .ends(let index): end(index)
    case .due(let index, let since): check(index, since: since)
    case .turns(let place, let treatment): turn(place, to: treatment)
    case .trouble: trouble()
    }
  }

  private mutating func note(_ text: @autoclosure () -> String) {
    guard isTracing else { return }
    if trace.count > 4000 { trace.removeFirst(2000) }
    trace.append("\(now.nanoseconds / 1_000_000) \(text())")
  }

  private mutating func handle(_ input: Input) {
    note("→ \(Story.words(input))")
    carryOut(shell.handle(input, now: now, leastRead: .routine))
  }

  private mutating func take(_ event: Event) {
    note("→ \(Story.words(event))")
    carryOut(shell.take(event, now: now, leastRead: .routine))
  }

  private mutating func carryOut(_ outputs: Outputs) {
    for sending in outputs.sends {
      note("  send \(Story.words(sending.bytes)) to \(sending.destination.target)")
      send(sending.bytes, to: sending.destination.target.endpoint, sending.client)
    }
    for happening in outputs.happenings {
      note("  \(happening.account.name): \(happening.report)")
      guard let index = Int(happening.account.name.dropFirst()) else { continue }
      switch happening.report {
      case .registered(let binding), .refreshed(let binding): residents[index].knownUntil = binding.expiresAt
      case .noticed, .step, .discarded, .lapsed, .failed, .paused, .resumed, .unregistered, .unregisterFailed: break
      }
    }
    if outputs.wakeAt != nil, let instant = shell.wakesAt { agenda.add(.wake, at: instant) }
  }

  /// `sip:p7.test` and `sip:d7.test` are at 10.0.0.7.
  private static func location(of uri: URI) -> Location {
    let number = Int(uri.description.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
    let target = Target(transport: .udp, endpoint: endpoint(number))
    return .ways([Way(target: target, local: local)])
  }

  // MARK: The way there and back

  private mutating func send(_ bytes: [UInt8], to endpoint: Endpoint, _ client: ClientTransactionID?) {
    guard case .v4(let address) = endpoint.address else { return }
    let hop = Int(address - 0x0A00_0000)
    if hops[hop].treatment == .refused, let client {
      agenda.add(.sendFailed(client), at: now + .milliseconds(1))
    } else {
      agenda.add(.arrives(bytes, hop: hop), at: now + Self.trip)
    }
  }

  private mutating func arrive(_ bytes: [UInt8], at hop: Int) {
    guard let request = try? Message(parsing: bytes), let user = (try? request.to())?.uri.user,
      let index = Int(user.text.dropFirst())
    else { return }
    registers += 1
    if residents[index].latest.bytes != bytes {
      residents[index].requests += 1
      (residents[index].latest, residents[index].isTaken) = ((bytes, now), false)
    }
    let resident = residents[index]
    let treatments = [hops[hop].treatment, domains[resident.domain].treatment, resident.own.treatment]
    switch planted(hop, resident.domain) ?? treatments.first(where: { !$0.isGood }) ?? .good {
    case .good, .slow:
      let isSlow = treatments.contains(.slow)
      accept(request, index, at: hop, after: isSlow ? random.duration(5_000...20_000) : .zero)
    case .silent, .refused:
      if fault == .firstComeLine { quietUntil[hop] = now + .seconds(32) }
    case .answers(let status, let retryAfter):
      if fault == .sharedRetryAfter, let retryAfter { fullUntil[resident.domain] = now + .seconds(retryAfter) }
      let fields = retryAfter.map { [(HeaderName.retryAfter, Array("\($0)".utf8))] } ?? []
      answer(request, status, fields, from: hop)
    }
  }

  private func planted(_ hop: Int, _ domain: Int) -> Treatment? {
    now < quietUntil[hop] ? .silent : now < fullUntil[domain] ? .answers(503, retryAfter: 1800) : nil
  }

  private mutating func accept(_ request: Message, _ index: Int, at hop: Int, after delay: Duration) {
    if !residents[index].isTaken {
      let end = now + .seconds(Int64(residents[index].expires))
      residents[index].isTaken = true
      (residents[index].boundSince, residents[index].boundUntil) = (residents[index].latest.since, end)
      agenda.add(.ends(index), at: end)
    }
    guard let contact = request.first(.contact) else { return }
    answer(request, 200, [(.contact, Array(contact))], from: hop, after: delay)
  }

  private mutating func answer(
    _ request: Message, _ status: Int, _ fields: [(HeaderName, [UInt8])], from hop: Int, after delay: Duration = .zero
  ) {
    let response = request.response(
      status: status, reason: "Words", toTag: "r", receivedFrom: Self.local, adding: fields)
    agenda.add(.returns(response, from: Self.endpoint(hop)), at: now + delay + Self.trip)
  }

  // MARK: What changes

  mutating func turn(_ place: Place, to treatment: Treatment) {
    note("*** \(place): \(treatment)")
    switch place {
    case .resident(let index): residents[index].own.turns(to: treatment, now: now)
    case .domain(let domain): domains[domain].turns(to: treatment, now: now)
    case .hop(let hop): hops[hop].turns(to: treatment, now: now)
    }
    for index in residents.indices where concerns(place, index) { expect(index) }
  }

  private func concerns(_ place: Place, _ index: Int) -> Bool {
    switch place {
    case .resident(let resident): resident == index
    case .domain(let domain): residents[index].domain == domain
    case .hop(let hop): residents[index].hop == hop
    }
  }

  /// From now on something goes wrong every few minutes, and is mended.
  mutating func beginTrouble() { agenda.add(.trouble, at: now + random.duration(60_000...600_000)) }

  private mutating func trouble() {
    agenda.add(.trouble, at: now + random.duration(60_000...2_400_000))
    let places: (Place, [Treatment]) =
      switch random.below(4) {
      case 0, 1: (.resident(random.below(residents.count)), Treatment.own)
      case 2: (.domain(random.below(domains.count)), Treatment.ofDomain)
      default: (.hop(random.below(hops.count)), Treatment.ofHop)
      }
    turn(places.0, to: places.1[random.below(places.1.count)])
    let ends = random.happens(0.5) ? 1_000...60_000 : 60_000...1_800_000
    agenda.add(.turns(places.0, random.happens(0.1) ? .slow : .good), at: now + random.duration(ends))
  }

  // MARK: What is checked

  /// Since when everything on the way to the registrar, and there, has been well for an account.
  private func goodSince(_ index: Int) -> Instant? {
    let resident = residents[index]
    guard let hop = hops[resident.hop].goodSince, let domain = domains[resident.domain].goodSince,
      let own = resident.own.goodSince
    else { return nil }
    return max(hop, domain, own)
  }

  private mutating func expect(_ index: Int) {
    guard let since = goodSince(index), let own = residents[index].own.goodSince else { return }
    let others = residents.count { $0.hop == residents[index].hop && !$0.own.treatment.isGood }
    agenda.add(
      .due(index, since: since),
      at: since + Self.bound + Self.question * others + (mayBackOff(own, at: since) ? Self.backOff : .zero))
  }

  /// Who was in trouble of its own lately waits as long as it was told to, or as long as its back-off has grown.
  private func mayBackOff(_ own: Instant, at instant: Instant) -> Bool {
    own > Self.beginning && instant - own < Self.backOff * 2
  }

  private mutating func check(_ index: Int, since: Instant) {
    guard goodSince(index) == since else { return }
    if let end = residents[index].boundUntil, end > now { return }
    complaints.append("u\(index): not bound \((now - since).wholeSeconds) s after its path is good")
  }

  private mutating func end(_ index: Int) {
    let resident = residents[index]
    guard resident.boundUntil == now else { return }
    residents[index].boundUntil = nil
    lapses += 1
    guard let since = goodSince(index), let own = resident.own.goodSince else { return }
    let isNeedless =
      since <= resident.boundSince
      || own <= resident.boundSince && since + Self.grace <= resident.knownUntil && !mayBackOff(own, at: now)
    if isNeedless { complaints.append("u\(index): lapsed \((now - since).wholeSeconds) s after its path is good") }
  }
}
