import SIPMessage

/// Which way an account goes: accounts share the destinations of their routes, and destinations their next hops.
extension UserAgent {
  // MARK: Numbers

  /// The destinations of an account, one for each route; accounts with the same routes share the array.
  mutating func destinationNumbers(of account: Account) -> [Int32] {
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
    hops.append(NextHop(uri: uri, rate: settings.registrationsPerSecond))
    hopsByURI[uri] = number
    return number
  }

  /// The next hop of a route.
  func hop(of destination: Int32) -> URI { hops[destinations[Int(destination)].hop].uri }

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

  // MARK: Which way

  enum Way: Sendable, Equatable {
    case route(Int, Attempt.Engagement.Role)
    /// Every route is closed, and the account can not wait for somebody to find out: its binding ends soon.
    case alone(Int)
    /// Every route is closed, or its line comes first: these are waited for.
    case line([Int])
  }

  /// The route that an attempt of this account begins with; nil when there is no such account.
  func way(of slot: Int32, _ purpose: Attempt.Purpose, now: Instant) -> Way? {
    guard let numbers = self[slot]?.destinations else { return nil }
    // Most accounts have one route, and nearly always all is well there.
    if numbers.count == 1, admission(slot, 0, Int(numbers[0]), now: now) == .start { return .route(0, .free) }
    var waiting: [Int] = []
    var question: Int?
    for route in preference(of: slot, numbers) {
      let number = Int(numbers[route])
      switch (admission(slot, route, number, now: now), purpose) {
      case (.start, _): return .route(route, .free)
      case (.ask, .register):
        // Whoever can be bound elsewhere is not kept from it by asking where everybody has failed.
        guard destinations[number].isFailing else { return .route(route, .question) }
        question = question ?? route
      // What is removed is removed over what is known to work, or not at all.
      case (.ask, .unregister), (.wait, .unregister):
        if !destinations[number].isFailing { return .route(route, .free) }
      case (.wait, .register):
        waiting.append(route)
        // It answers, or will be heard of in a moment: no reason to go another way.
        if !destinations[number].isFailing, !isHurried(slot, now: now) { return .line(waiting) }
      }
    }
    if let question { return .route(question, .question) }
    guard let first = waiting.first, isHurried(slot, now: now) else { return .line(waiting) }
    return .alone(first)
  }

  private func admission(_ slot: Int32, _ route: Int, _ number: Int, now: Instant) -> SharedDestination.Admission {
    // Nearly always all is well, and nothing is copied to be asked more than that.
    if case .open = destinations[number].state, hops[destinations[number].hop].silences == 0 { return .start }
    return destinations[number].admission(
      slot, isWitness: vouches(slot, for: route), through: hops[destinations[number].hop], now: now)
  }

  /// Whether the account does not wait for others any more.
  private func isHurried(_ slot: Int32, now: Instant) -> Bool {
    guard let hurry = self[slot]?.hurry else { return false }
    return now >= hurry
  }

  /// The routes of an account, best first: where it is bound, unless a better one has been good for a while.
  private func preference(of slot: Int32, _ numbers: [Int32]) -> Preference {
    let bound = self[slot]?.registration.binding?.routeIndex
    guard let bound, numbers.indices.contains(bound) else { return Preference(count: numbers.count) }
    for better in 0..<bound where destinations[Int(numbers[better])].isProven(after: settings.failbackAfter) {
      return Preference(count: numbers.count, first: better, second: bound)
    }
    return Preference(count: numbers.count, first: bound)
  }

  /// Another route for an attempt whose current one failed.
  func nextRoute(of slot: Int32, after attempt: Attempt, now: Instant) -> (Int, Attempt.Engagement.Role)? {
    guard let numbers = self[slot]?.destinations else { return nil }
    var question: Int?
    for route in preference(of: slot, numbers) where route != attempt.routeIndex && !attempt.hasTried(route) {
      switch admission(slot, route, Int(numbers[route]), now: now) {
      case .start: return (route, .free)
      case .ask: question = question ?? route
      case .wait: continue
      }
    }
    return question.map { ($0, attempt.purpose == .register ? .question : .free) }
  }
}

/// Accounts with the same routes to the same registrar.
struct Itinerary: Hashable, Sendable {
  var routes: [RouteSet]
  var registrar: URI
}

/// A registrar through one next hop.
struct RegistrarBeyond: Hashable, Sendable {
  var hop: Int32
  var registrar: URI
}

/// The numbers of an account's routes: one or two that come first, then the others in their order.
private struct Preference: Sequence, IteratorProtocol {
  private let count: Int
  private let first: Int
  private let second: Int
  /// How many of the first two have been given.
  private var given = 0
  private var index = 0

  init(count: Int, first: Int = 0, second: Int? = nil) {
    self.count = count
    self.first = first
    self.second = second ?? first
  }

  mutating func next() -> Int? {
    given += 1
    if given == 1 { return first }
    if given == 2, second != first { return second }
    while index == first || index == second { index += 1 }
    defer { index += 1 }
    return index < count ? index : nil
  }
}

/// A few routes of one account, of `Account.maximumRoutes`.
struct RouteFlags: Sendable {
  private var bits: UInt32 = 0

  var isEmpty: Bool { bits == 0 }
  func contains(_ route: Int) -> Bool { bits & (1 << UInt32(route)) != 0 }
  mutating func insert(_ route: Int) { bits |= 1 << UInt32(route) }
  mutating func remove(_ route: Int) { bits &= ~(1 << UInt32(route)) }
}
