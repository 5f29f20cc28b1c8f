import SIPMessage

/// The next hops that registrations share, and the paths beyond them: which way an account goes, what became of it
/// there, and how fast REGISTERs may follow one another.
///
/// What one account's attempt says of a path is told here in `engage`, `heard` and `conclude`; what a path
/// wants done about it when the event has been handled is in `toRevisit`. It knows accounts by the numbers of their
/// registrations and nothing else of them.
struct NextHops: Sendable {
  /// First registrations a second towards one next hop; 0: as fast as they come.
  private let rate: Int
  /// How long a preferred next hop must have answered before accounts that went elsewhere come back.
  let failbackAfter: Duration
  var hops: [NextHop] = []
  private var hopsByURI: [HopURI: Int32] = [:]
  var paths: [RegistrarPath] = []
  private var pathsByHop: [RegistrarBeyondHop: Int32] = [:]
  private var pathsOfRoutes: [RoutesToRegistrar: [Int32]] = [:]
  private var latest: (routes: RoutesToRegistrar, paths: [Int32])?
  /// Accounts that waited for paths which turned out to be closed: they go another way, or wait again, before the
  /// event is over.
  var diverted: [(path: Int, line: [Int32])] = []
  /// Paths to look at before the event is over.
  private var toRevisit: [Int] = []

  init(rate: Int, failbackAfter: Duration) {
    self.rate = rate
    self.failbackAfter = failbackAfter
  }

  // MARK: Numbers

  /// The paths of an account, one for each route; accounts with the same routes share the array.
  mutating func numbers(of account: Account) -> [Int32] {
    let routes = RoutesToRegistrar(routes: account.routes, registrar: account.registrar)
    // Accounts come in the order of their file: the next one goes the way of the last.
    if let latest, latest.routes == routes { return latest.paths }
    defer { latest = pathsOfRoutes[routes].map { (routes, $0) } }
    if let known = pathsOfRoutes[routes] { return known }
    let numbers = account.routes.map { number(of: account.registrar, beyond: $0.nextHop(toward: account.registrar)) }
    pathsOfRoutes[routes] = numbers
    return numbers
  }

  private mutating func number(of registrar: URI, beyond nextHop: HopURI) -> Int32 {
    let hop = hopNumber(nextHop)
    let way = RegistrarBeyondHop(hop: hop, registrar: registrar)
    if let known = pathsByHop[way] { return known }
    let number = Int32(paths.count)
    paths.append(RegistrarPath(hop: Int(hop), registrar: registrar))
    pathsByHop[way] = number
    return number
  }

  private mutating func hopNumber(_ hop: HopURI) -> Int32 {
    if let known = hopsByURI[hop] { return known }
    let number = Int32(hops.count)
    hops.append(NextHop(uri: hop.uri, rate: rate))
    hopsByURI[hop] = number
    return number
  }

  /// Targets of the hop of a path that are tried last.
  func avoided(beyond path: Int, now: Instant) -> [Target] { hops[paths[path].hop].avoided(now: now) }

  /// Whether what is too large for a datagram may be sent there over TCP.
  func takesStreams(beyond path: Int, now: Instant) -> Bool { now >= hops[paths[path].hop].refusesStreamsUntil }

  mutating func refusesStreams(beyond path: Int, until instant: Instant) {
    hops[paths[path].hop].refusesStreamsUntil = instant
  }

  /// One more account sends there.
  mutating func join(_ numbers: [Int32]) {
    for number in numbers where paths[Int(number)].gains() { hops[paths[Int(number)].hop].gains() }
  }

  /// One account less does.
  mutating func leave(_ numbers: [Int32]) {
    for number in numbers where paths[Int(number)].loses() {
      hops[paths[Int(number)].hop].loses(closed: paths[Int(number)].isClosed)
      paths[Int(number)].forgets()
    }
  }

  /// Requests of ours go there, and it has answered.
  ///
  /// - Parameter limit: next hops that are looked at
  func haveHeard(from address: IPAddress, among limit: Int) -> Bool {
    hops.prefix(limit).contains { $0.goodTarget?.endpoint.address == address }
  }

  // MARK: Pace

  /// When one of many REGISTERs towards this path may leave; taken.
  mutating func take(_ lane: NextHop.Lane, toward path: Int32, now: Instant) -> Instant {
    hops[paths[Int(path)].hop].take(lane, now: now)
  }

  // MARK: What is to be done

  /// Looks at a path when the event has been handled.
  mutating func revisit(_ number: Int) {
    guard !paths[number].isToBeRevisited else { return }
    paths[number].isToBeRevisited = true
    toRevisit.append(number)
  }

  var hasToRevisit: Bool { !toRevisit.isEmpty }

  /// Accounts that wait for a path.
  func waiting(for number: Int) -> Int {
    paths[number].line.count + diverted.lazy.filter { $0.path == number }.reduce(0) { $0 + $1.line.count }
  }

  /// In the order in which they came: whose turn it is comes before the one that has just asked.
  mutating func takeToRevisit() -> [Int] {
    let numbers = toRevisit
    toRevisit.removeAll(keepingCapacity: true)
    for number in numbers { paths[number].isToBeRevisited = false }
    return numbers
  }

  /// What is dead is asked now, and not when it would have been its time.
  mutating func networkChanged(now: Instant) {
    for number in paths.indices where !paths[number].isQuiet {
      paths[number].reconsider(now: now)
      revisit(number)
    }
  }

  /// Whether it answers, as far as is known.
  func isWell(_ path: Int32) -> Bool {
    switch paths[Int(path)].state {
    case .opening, .open: true
    case .unknown, .closed: false
    }
  }

  /// A live binding of a former run leads through it.
  mutating func presume(_ path: Int32, goodAt now: Instant) {
    paths[Int(path)].presume(goodAt: now)
  }

  /// Whether the hop can be asked now; otherwise the path hears when it is its turn.
  mutating func mayAsk(_ number: Int, now: Instant) -> Bool {
    let hop = paths[number].hop
    guard !hops[hop].mayAsk(now: now) else { return true }
    if let step = hops[hop].nextStep {
      paths[number].deferQuestion(until: step)
    } else {
      paths[number].isQueued = true
      hops[hop].queue(number)
    }
    return false
  }

  /// The path that has waited longest asks, if one may.
  mutating func passTurn(at hop: Int, now: Instant) {
    guard let number = hops[hop].takeTurn(now: now) else { return }
    paths[number].turnComes(at: now)
    revisit(number)
  }

  /// What was good until now is asked only when it is its turn at a hop that says nothing to anybody.
  mutating func closeWithHop(_ number: Int, now: Instant) {
    let hop = paths[number].hop
    guard case .open = paths[number].state, hops[hop].isDead else { return }
    paths[number].closesWithHop(now: now)
    hops[hop].closes(isSilent: false)
  }

  // MARK: Timers

  /// Arms the timer of a path at whatever comes next.
  mutating func settleTimer(of number: Int, _ turn: inout Turn) {
    let deadline = paths[number].deadline(hysteresis: failbackAfter)
    guard let deadline else { return paths[number].timer.deadline = nil }
    guard paths[number].timer.deadline != deadline else { return }
    let generation = turn.nextSerial()
    paths[number].timer = ArmedTimer(generation: generation, deadline: deadline)
    turn.effects.append(
      .setTimer(TimerID(kind: .nextHop, slot: Int32(number), generation: generation), deadline))
  }

  func isArmed(_ timer: TimerID) -> Bool {
    paths.indices.contains(Int(timer.slot)) && paths[Int(timer.slot)].timer.isArmed(timer.generation)
  }

  mutating func timerFired(_ timer: TimerID) {
    guard isArmed(timer) else { return }
    paths[Int(timer.slot)].timer.deadline = nil
    revisit(Int(timer.slot))
  }
}

/// Accounts with the same routes to the same registrar.
private struct RoutesToRegistrar: Hashable, Sendable {
  var routes: [RouteSet]
  var registrar: URI
}

/// A registrar through one next hop.
private struct RegistrarBeyondHop: Hashable, Sendable {
  var hop: Int32
  var registrar: URI
}
