import SIPMessage

/// The next hops that registrations share, and the destinations beyond them: which way an account goes, what became of it
/// there, and how fast REGISTERs may follow one another.
///
/// What one account's attempt says of a destination is told here in `engage`, `heard` and `conclude`; what a destination
/// wants done about it when the event has been handled is in `untended`. It knows accounts by the numbers of their
/// registrations and nothing else of them.
struct NextHops: Sendable {
  /// First registrations a second towards one next hop; 0: as fast as they come.
  private let rate: Int
  /// How long a preferred next hop must have answered before accounts that went elsewhere come back.
  let failbackAfter: Duration
  var hops: [NextHop] = []
  private var hopsByURI: [URI: Int32] = [:]
  var destinations: [SharedDestination] = []
  private var destinationsByWay: [RegistrarBeyond: Int32] = [:]
  private var itineraries: [Itinerary: [Int32]] = [:]
  private var latestItinerary: (itinerary: Itinerary, destinations: [Int32])?
  /// Accounts that waited for destinations which turned out to be closed: they go another way, or wait again, before the
  /// event is over.
  var diverted: [(destination: Int, line: [Int32])] = []
  /// Destinations to look at before the event is over.
  private var untended: [Int] = []

  init(rate: Int, failbackAfter: Duration) {
    self.rate = rate
    self.failbackAfter = failbackAfter
  }

  // MARK: Numbers

  /// The destinations of an account, one for each route; accounts with the same routes share the array.
  mutating func numbers(of account: Account) -> [Int32] {
    let itinerary = Itinerary(routes: account.routes, registrar: account.registrar)
    // Accounts come in the order of their file: the next one goes the way of the last.
    if let latest = latestItinerary, latest.itinerary == itinerary { return latest.destinations }
    defer { latestItinerary = itineraries[itinerary].map { (itinerary, $0) } }
    if let known = itineraries[itinerary] { return known }
    let numbers = account.routes.map { number(of: account.registrar, beyond: $0.nextHop(toward: account.registrar)) }
    itineraries[itinerary] = numbers
    return numbers
  }

  private mutating func number(of registrar: URI, beyond nextHop: URI) -> Int32 {
    let hop = hopNumber(nextHop)
    let way = RegistrarBeyond(hop: hop, registrar: registrar)
    if let known = destinationsByWay[way] { return known }
    let number = Int32(destinations.count)
    destinations.append(SharedDestination(hop: Int(hop), registrar: registrar))
    destinationsByWay[way] = number
    return number
  }

  private mutating func hopNumber(_ uri: URI) -> Int32 {
    if let known = hopsByURI[uri] { return known }
    let number = Int32(hops.count)
    hops.append(NextHop(uri: uri, rate: rate))
    hopsByURI[uri] = number
    return number
  }

  /// Where the hop of a destination answered last.
  func goodTarget(beyond destination: Int) -> Target? { hops[destinations[destination].hop].goodTarget }

  /// One more account sends there.
  mutating func join(_ numbers: [Int32]) {
    for number in numbers where destinations[Int(number)].gains() { hops[destinations[Int(number)].hop].gains() }
  }

  /// One account less does.
  mutating func leave(_ numbers: [Int32]) {
    for number in numbers where destinations[Int(number)].loses() {
      hops[destinations[Int(number)].hop].loses(closed: destinations[Int(number)].isClosed)
      destinations[Int(number)].forgets()
    }
  }

  /// Requests of ours go there, and it has answered.
  ///
  /// - Parameter limit: next hops that are looked at
  func haveHeard(from address: IPAddress, among limit: Int) -> Bool {
    hops.prefix(limit).contains { $0.goodTarget?.endpoint.address == address }
  }

  // MARK: Pace

  /// When one of many REGISTERs towards this destination may leave; taken.
  mutating func take(_ lane: NextHop.Lane, toward destination: Int32, now: Instant) -> Instant {
    hops[destinations[Int(destination)].hop].take(lane, now: now)
  }

  // MARK: What is to be done

  /// Looks at a destination when the event has been handled.
  mutating func tend(_ number: Int) {
    guard !destinations[number].isUntended else { return }
    destinations[number].isUntended = true
    untended.append(number)
  }

  var hasUntended: Bool { !untended.isEmpty }

  /// Accounts that wait for a destination.
  func waiting(for number: Int) -> Int {
    destinations[number].line.count + diverted.lazy.filter { $0.destination == number }.reduce(0) { $0 + $1.line.count }
  }

  /// In the order in which they came: whose turn it is comes before the one that has just asked.
  mutating func takeUntended() -> [Int] {
    let numbers = untended
    untended.removeAll(keepingCapacity: true)
    for number in numbers { destinations[number].isUntended = false }
    return numbers
  }

  /// What is dead is asked now, and not when it would have been its time.
  mutating func networkChanged(now: Instant) {
    for number in destinations.indices where !destinations[number].isQuiet {
      destinations[number].reconsider(now: now)
      tend(number)
    }
  }

  /// Whether it answers, as far as is known.
  func isWell(_ destination: Int32) -> Bool {
    switch destinations[Int(destination)].state {
    case .opening, .open: true
    case .unknown, .closed: false
    }
  }

  /// A live binding of a former run leads through it.
  mutating func presume(_ destination: Int32, goodAt now: Instant) {
    destinations[Int(destination)].presume(goodAt: now)
  }

  /// Whether the hop can be asked now; otherwise the destination hears when it is its turn.
  mutating func mayAsk(_ number: Int, now: Instant) -> Bool {
    let hop = destinations[number].hop
    guard !hops[hop].mayAsk(now: now) else { return true }
    if let step = hops[hop].nextStep {
      destinations[number].deferQuestion(until: step)
    } else {
      destinations[number].isQueued = true
      hops[hop].queue(number)
    }
    return false
  }

  /// The destination that has waited longest asks, if one may.
  mutating func passTurn(at hop: Int, now: Instant) {
    guard let number = hops[hop].takeTurn(now: now) else { return }
    destinations[number].turnComes(at: now)
    tend(number)
  }

  /// What was good until now is asked only when it is its turn at a hop that says nothing to anybody.
  mutating func closeWithHop(_ number: Int, now: Instant) {
    let hop = destinations[number].hop
    guard case .open = destinations[number].state, hops[hop].isDead else { return }
    destinations[number].closesWithHop(now: now)
    hops[hop].closes(isSilent: false)
  }

  // MARK: Timers

  /// Arms the timer of a destination at whatever comes next.
  mutating func settleTimer(of number: Int, _ turn: inout Turn) {
    let deadline = destinations[number].deadline(hysteresis: failbackAfter)
    guard let deadline else { return destinations[number].timer.deadline = nil }
    guard destinations[number].timer.deadline != deadline else { return }
    let generation = turn.nextSerial()
    destinations[number].timer = ArmedTimer(generation: generation, deadline: deadline)
    turn.effects.append(
      .setTimer(TimerID(kind: .nextHop, slot: Int32(number), generation: generation), deadline))
  }

  func isArmed(_ timer: TimerID) -> Bool {
    destinations.indices.contains(Int(timer.slot)) && destinations[Int(timer.slot)].timer.isArmed(timer.generation)
  }

  mutating func timerFired(_ timer: TimerID) {
    guard isArmed(timer) else { return }
    destinations[Int(timer.slot)].timer.deadline = nil
    tend(Int(timer.slot))
  }
}

/// Accounts with the same routes to the same registrar.
private struct Itinerary: Hashable, Sendable {
  var routes: [RouteSet]
  var registrar: URI
}

/// A registrar through one next hop.
private struct RegistrarBeyond: Hashable, Sendable {
  var hop: Int32
  var registrar: URI
}
