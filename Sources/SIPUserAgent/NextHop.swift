import SIPMessage
import SIPTransaction

/// What is known of one next hop (a proxy, or a registrar without one), shared by all accounts that send through it:
/// one of them asks a hop that is dead, the rest waits in line and follows when it answers.
///
///     state      answered                  failed                        due
///     closed     → opening                 the next probe is planned     one account asks
///     opening    one more may be under way 3 in a row: → closed          the next in line start
///     open       –                         3 in a row: → closed          one that failed asks; the displaced return,
///                                                                       after one of them has tried
///
/// It is closed until it has answered for the first time: who knows nothing begins with one request, not with all.
/// Opening is a slow start: each answer lets two more go, and no more start in a second than configured.
struct NextHop: Sendable {
  enum State: Sendable, Equatable {
    /// Nobody but the prober sends to it. `since`: when it fell silent; nil: nothing was ever heard of it.
    case closed(since: Instant?)
    /// It answers again, and the line is let go.
    case opening(since: Instant)
    case open(since: Instant)
  }

  enum Limits {
    /// Attempts that fail in a row, without an answer to anybody between them, close a hop.
    static let failures = 3
    /// Between the beginnings of two probes: about a Timer F, so that one is always on its way to a silent hop and its
    /// copies, every T2, notice the return.
    static let probeInterval: Duration = .seconds(30)
    /// Attempts under way while the line is let go.
    static let window = 1024
    /// How long a slow start takes until the configured rate is reached, in doublings of one second each.
    static let doublings = 3
    /// Moves back to a preferred hop in a second, where first registrations have no limit.
    static let moves = 1000
  }

  let uri: URI
  private(set) var state = State.closed(since: nil)
  /// In a row.
  private(set) var failures = 0
  private var answeredAt = Instant.origin
  /// The account that asks.
  private(set) var prober: Int32?
  private(set) var nextProbe = Instant.origin
  /// Accounts that have no other way, first come first served. An entry may be out of date: who takes it out looks.
  private(set) var line = SlotLine()
  /// Accounts that are bound through a less preferred hop.
  private(set) var displaced = SlotLine()
  /// Where the newest answer came from: tried first.
  var goodTarget: Target?
  var timer = Registrant.ArmedTimer()

  /// Attempts that left the line and have not ended.
  private var underWay = 0
  private var window = 1
  private var nextStart = Instant.origin
  /// Starts a second; 0: no limit.
  private let rate: Int

  init(uri: URI, rate: Int) {
    self.uri = uri
    self.rate = rate
  }

  // MARK: What is

  var isClosed: Bool {
    switch state {
    case .closed: true
    case .opening, .open: false
    }
  }

  /// It answers again, and the line is let go.
  var isLetGo: Bool {
    switch state {
    case .opening: true
    case .closed, .open: false
    }
  }

  /// It failed, and has not answered since.
  var isSilent: Bool {
    switch state {
    case .closed(let since): since != nil
    case .opening, .open: false
    }
  }

  /// It answers, and nobody waits for anything.
  var isQuiet: Bool {
    switch state {
    case .open: failures == 0 && line.isEmpty && displaced.isEmpty
    case .closed, .opening: false
    }
  }

  /// Since when it has answered without a failure; nil: it does not, or failed lately.
  private var goodSince: Instant? {
    switch state {
    case .closed: nil
    case .opening(let since), .open(let since): failures == 0 ? since : nil
    }
  }

  /// Whether accounts that went elsewhere may come back: it has answered again and again for a while.
  func isProven(after hysteresis: Duration) -> Bool { goodSince.map { answeredAt - $0 >= hysteresis } ?? false }

  // MARK: Coming

  enum Admission: Sendable, Equatable {
    case start
    /// Somebody has to ask, and this is who.
    case probe
    /// Somebody asks already, or the line is being let go.
    case wait
  }

  /// An account wants to send.
  func admission(now: Instant) -> Admission {
    switch state {
    case .open: .start
    case .opening: line.isEmpty && underWay < window ? .start : .wait
    case .closed: prober == nil && now >= nextProbe ? .probe : .wait
    }
  }

  mutating func begins(probe slot: Int32, now: Instant) {
    prober = slot
    nextProbe = now + Limits.probeInterval
  }

  mutating func wait(_ slot: Int32) { line.append(slot) }

  mutating func displace(_ slot: Int32) { displaced.append(slot) }

  // MARK: What became of it

  enum Verdict: Sendable, Equatable {
    /// A response that is no 503, whatever it says.
    case answered
    /// Every address of the hop failed. `retryAfter`: it said how long.
    case failed(retryAfter: Duration?)
    /// The attempt ended before the hop could say anything.
    case none
  }

  enum Change: Sendable, Equatable { case none, closed, opened(after: Duration?) }

  /// - Parameters:
  ///   - slot: the account
  ///   - engagement: when it turned to the hop, and whether it came from the line
  /// - Returns: what an operator may want to know.
  mutating func concluded(_ verdict: Verdict, by slot: Int32, _ engagement: Attempt.Engagement, now: Instant) -> Change
  {
    if engagement.isCounted { underWay -= 1 }
    if prober == slot { prober = nil }
    switch verdict {
    case .answered:
      return answered(now: now)
    case .failed(let retryAfter):
      // Who says when is believed; who says nothing is asked again when a Timer F is over.
      nextProbe = retryAfter.map { now + $0 } ?? max(nextProbe, engagement.since + Limits.probeInterval)
      return failed(now: now)
    case .none:
      settle()
      return .none
    }
  }

  private mutating func answered(now: Instant) -> Change {
    answeredAt = now
    switch state {
    case .open:
      guard failures > 0 else { return .none }
      failures = 0
      state = .open(since: now)
      return .none
    case .opening:
      if failures > 0 { state = .opening(since: now) } else { window = min(window + 1, Limits.window) }
      failures = 0
      settle()
      return .none
    case .closed(let since):
      (failures, window) = (0, 2)
      nextStart = now
      state = line.isEmpty ? .open(since: now) : .opening(since: now)
      return .opened(after: since.map { now - $0 })
    }
  }

  private mutating func failed(now: Instant) -> Change {
    failures += 1
    switch state {
    case .closed(let since):
      guard since == nil else { return .none }
      state = .closed(since: now)
      return .closed
    case .opening, .open:
      guard failures >= Limits.failures else { return .none }
      state = .closed(since: now)
      return .closed
    }
  }

  /// The network changed: what failed before may work now.
  mutating func reconsider(now: Instant) { nextProbe = min(nextProbe, now) }

  /// Nobody can ask now.
  mutating func deferProbe(until instant: Instant) { nextProbe = max(nextProbe, instant) }

  /// A live binding of a former run leads through it.
  mutating func presume(goodAt now: Instant) {
    if state == .closed(since: nil) { state = .open(since: now) }
  }

  // MARK: Time

  enum Work: Sendable, Equatable {
    case none
    /// One account has to ask: from the line, or else a displaced one.
    case probe
    /// The next in line starts.
    case release
    /// A displaced account comes back.
    case restore
  }

  /// What is to be done now. Called again until it says `none`.
  func work(hysteresis: Duration, now: Instant) -> Work {
    switch state {
    case .closed: return isProbeDue(hysteresis, now) ? .probe : .none
    case .opening:
      guard !line.isEmpty else { return .none }
      return underWay < window && now >= nextStart ? .release : .none
    case .open:
      if failures > 0 { return isProbeDue(hysteresis, now) ? .probe : .none }
      guard !displaced.isEmpty else { return .none }
      if isProven(after: hysteresis) { return now >= nextStart ? .restore : .none }
      // Few of them find out whether it goes on answering.
      return trialDeadline.map { now >= $0 } ?? false ? .probe : .none
    }
  }

  private func isProbeDue(_ hysteresis: Duration, _ now: Instant) -> Bool {
    probeDeadline(hysteresis).map { now >= $0 } ?? false
  }

  /// When somebody asks; nil: somebody does, or nobody wants to know. Who is bound elsewhere is not in a hurry.
  private func probeDeadline(_ hysteresis: Duration) -> Instant? {
    guard prober == nil else { return nil }
    if !line.isEmpty { return nextProbe }
    return displaced.isEmpty ? nil : nextProbe + max(hysteresis - Limits.probeInterval, .zero)
  }

  /// When `work` has to be asked; nil while nothing is planned.
  func deadline(hysteresis: Duration) -> Instant? {
    switch state {
    case .closed: probeDeadline(hysteresis)
    case .opening: line.isEmpty || underWay >= window ? nil : nextStart
    case .open:
      if failures > 0 {
        probeDeadline(hysteresis)
      } else {
        displaced.isEmpty ? nil : isProven(after: hysteresis) ? nextStart : trialDeadline
      }
    }
  }

  /// While nobody else asks it, a hop proves itself to one displaced account after the other.
  private var trialDeadline: Instant? {
    prober == nil ? max(answeredAt + Limits.probeInterval, nextProbe) : nil
  }

  /// The next in line, to be looked at by who asked.
  mutating func takeFromLine() -> Int32? {
    defer { settle() }
    return line.popFirst()
  }

  mutating func takeDisplaced() -> Int32? { displaced.popFirst() }

  /// The displaced account that was refreshed last: its binding outlives a probe.
  mutating func takeNewestDisplaced() -> Int32? { displaced.popLast() }

  /// One from the line is on its way.
  mutating func released(now: Instant) {
    underWay += 1
    pace(rate, now)
  }

  mutating func restored(now: Instant) { pace(rate > 0 ? rate : Limits.moves, now) }

  private mutating func pace(_ rate: Int, _ now: Instant) {
    guard rate > 0 else { return }
    let interval = Duration.nanoseconds(1_000_000_000 / Int64(rate))
    nextStart = max(nextStart, now - .milliseconds(100)) + interval * slowness(now)
  }

  /// How many times slower than configured: after the return the rate doubles every second.
  private func slowness(_ now: Instant) -> Int {
    switch state {
    case .closed, .open: 1
    case .opening(let since): 1 << max(0, Limits.doublings - Int((now - since).wholeSeconds))
    }
  }

  /// The line has been let go.
  private mutating func settle() {
    if case .opening(let since) = state, line.isEmpty, underWay == 0 { state = .open(since: since) }
  }

  /// Everybody, to see who has another way.
  mutating func takeLine() -> [Int32] { line.removeAll() }

  /// Those who failed while others were answered: what is wrong is theirs, and so is the back-off.
  mutating func dismissLine() -> [Int32] {
    guard case .open = state, failures == 0 else { return [] }
    return line.removeAll()
  }
}

/// Numbers of accounts in the order in which they came.
struct SlotLine: Sendable {
  private var slots: [Int32] = []
  private var head = 0

  var isEmpty: Bool { head == slots.count }
  var count: Int { slots.count - head }

  mutating func append(_ slot: Int32) { slots.append(slot) }

  /// Those who wait, in order.
  var pending: ArraySlice<Int32> { slots[head...] }

  mutating func popFirst() -> Int32? {
    guard head < slots.count else { return nil }
    let slot = slots[head]
    head += 1
    if head == slots.count {
      (slots, head) = ([], 0)
    } else if head >= 1024, head * 2 > slots.count {
      slots.removeFirst(head)
      head = 0
    }
    return slot
  }

  mutating func popLast() -> Int32? { isEmpty ? nil : slots.removeLast() }

  mutating func removeAll() -> [Int32] {
    defer { (slots, head) = ([], 0) }
    return Array(slots[head...])
  }
}
