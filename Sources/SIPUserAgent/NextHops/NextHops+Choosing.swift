import SIPMessage

/// Which route an attempt takes.
extension NextHops {
  /// What an attempt of an account begins with.
  enum Choice: Sendable, Equatable {
    case route(Int, Attempt.Engagement.Role)
    /// Every route is closed, and the account can not wait for somebody to find out: its binding ends soon.
    case alone(Int)
    /// Every route is closed, or its line comes first: these are waited for.
    case line([Int])
  }

  /// Whether all is well where this account goes, as nearly always: it has one route, and that one is open.
  @inline(__always)
  func isPlain(_ numbers: [Int32]) -> Bool { numbers.count == 1 && isOpen(Int(numbers[0])) }

  @inline(__always)
  private func isOpen(_ number: Int) -> Bool {
    if case .open = paths[number].state { hops[paths[number].hop].silences == 0 } else { false }
  }

  /// The route that an attempt of this account begins with.
  func choice(for registrant: borrowing Registrant, now: Instant) -> Choice {
    let numbers = registrant.paths
    if isPlain(numbers) { return .route(0, .free) }
    let isUnregistering = registrant.isUnregistering
    // Whoever's binding ends soon does not wait for others any more.
    let isHurried = registrant.hurry.map { now >= $0 } ?? false
    var waiting: [Int] = []
    var question: Int?
    for route in preference(of: registrant) {
      let number = Int(numbers[route])
      switch (admission(of: registrant, on: route, now: now), isUnregistering) {
      case (.start, _): return .route(route, .free)
      case (.ask, false):
        // Whoever can be bound elsewhere is not kept from it by asking where everybody has failed.
        guard paths[number].isFailing else { return .route(route, .question) }
        question = question ?? route
      // What is removed is removed over what is known to work, or not at all.
      case (.ask, true), (.wait, true):
        if !paths[number].isFailing { return .route(route, .free) }
      case (.wait, false):
        waiting.append(route)
        // It answers, or will be heard of in a moment: no reason to go another way.
        if !paths[number].isFailing, !isHurried { return .line(waiting) }
      }
    }
    if let question { return .route(question, .question) }
    guard let first = waiting.first, isHurried else { return .line(waiting) }
    return .alone(first)
  }

  /// Another route for the attempt of this account, whose current one failed.
  func nextRoute(of registrant: borrowing Registrant, now: Instant) -> (Int, Attempt.Engagement.Role)? {
    var question: Int?
    for route in preference(of: registrant) {
      guard registrant.registration.ofAttempt({ $0.routeIndex != route && !$0.hasTried(route) }) == true else {
        continue
      }
      switch admission(of: registrant, on: route, now: now) {
      case .start: return (route, .free)
      case .ask: question = question ?? route
      case .wait: continue
      }
    }
    return question.map { ($0, registrant.isUnregistering ? .free : .question) }
  }

  private func admission(
    of registrant: borrowing Registrant, on route: Int, now: Instant
  ) -> RegistrarPath.Admission {
    let number = Int(registrant.paths[route])
    // Nearly always all is well, and nothing is copied to be asked more than that.
    if isOpen(number) { return .start }
    return paths[number].admission(
      registrant.slot, isWitness: registrant.vouches.contains(route), through: hops[paths[number].hop], now: now)
  }

  /// The routes of an account, best first: where it is bound, unless a better one has been good for a while.
  private func preference(of registrant: borrowing Registrant) -> Preference {
    let numbers = registrant.paths
    let bound = registrant.registration.binding?.routeIndex
    guard let bound, numbers.indices.contains(bound) else { return Preference(count: numbers.count) }
    for better in 0..<bound where paths[Int(numbers[better])].isProven(after: failbackAfter) {
      return Preference(count: numbers.count, first: better, second: bound)
    }
    return Preference(count: numbers.count, first: bound)
  }
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
