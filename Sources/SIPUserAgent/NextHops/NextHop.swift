import SIPMessage

/// A next hop (a proxy, or a registrar without one), shared by all accounts that send through it, whatever domain is
/// theirs. How each domain beyond it fares is `RegistrarPath`; here is what they share: whether the hop says anything to
/// anybody, whose turn it is to ask it when it does not, and how fast REGISTERs may follow one another.
///
///     state    any response      a path fails by silence or refusal       a path wants to ask
///     unheard  → heard           8 of them, or all there are: → dead             1, then 2, 4 … 32 in all, then as dead
///     heard    –                 8 of them, or all there are: → dead             at once
///     dead     → heard: all ask  –                                               one at a time, in turn
///
/// A hop with one path leaves all this to that one: they are the same.
struct NextHop: Sendable {
  enum Limits {
    /// Paths that fall silent, without a response to anybody between them, are as good as all of them.
    static let silences = 8
    /// How long a slow start takes until the configured rate is reached, in doublings of one second each.
    static let doublings = 2
    /// Moves back to a preferred hop in a second, where first registrations have no limit.
    static let moves = 1000
    /// Who has an order to keep, by the weights of SRV records, keeps it: but for what did not answer so long ago.
    static let avoided = 16
    static let avoidance: Duration = .seconds(300)
    /// What a late timer missed is made up for, up to this.
    static let arrears: Duration = .milliseconds(100)
  }

  let uri: URI
  /// Where the newest good answer came from.
  private(set) var goodTarget: Target?
  /// Targets that were silent while another one answered, and until when they are tried last.
  private var passedOver: [Target] = []
  private var passedUntil = Instant.origin
  /// Until when it is not asked for a connection again that it refused.
  var refusesStreamsUntil = Instant.origin
  private(set) var isHeard = false
  /// Paths with accounts, those of them that are closed, and those that fell silent since the last response.
  private var paths = 0
  private var closed = 0
  private(set) var silences = 0
  private var inquiry = Inquiry()
  /// Accounts that ask through it at present.
  private var asking = 0
  /// Paths that wait for their turn to ask.
  private var turns = SlotLine()
  /// Since when the failures go on that operators were told of.
  private(set) var reportedSince: Instant?

  private var nextStart = Instant.origin
  private var nextFirst = Even()
  private var nextOperated = Even()
  private var risenAt = Instant.origin
  /// Starts a second; 0: no limit.
  private let rate: Int

  init(uri: URI, rate: Int) {
    self.uri = uri
    self.rate = rate
  }

  // MARK: What is

  /// Several domains beyond it.
  var isShared: Bool { paths > 1 }

  /// It says nothing to anybody.
  var isDead: Bool { silences >= Limits.silences || silences > 0 && closed >= paths }

  /// It responds, and nobody waits for it to.
  var isWell: Bool { isHeard && silences == 0 && turns.isEmpty && reportedSince == nil }

  func mayAsk(now: Instant) -> Bool {
    guard isShared else { return true }
    return isDead ? asking == 0 : isHeard || asking == 0 || inquiry.allows(now: now)
  }

  /// When a path that may not ask now may; nil: when it is its turn.
  var nextStep: Instant? { isDead || isHeard ? nil : inquiry.nextStep }

  // MARK: Targets

  /// A good answer came.
  ///
  /// - Parameter passed: where the same attempt had none
  mutating func answers(from target: Target, passing passed: [Target], now: Instant) {
    goodTarget = target
    if !passedOver.isEmpty { passedOver.removeAll { $0.leads(to: target) } }
    guard !passed.isEmpty else { return }
    passedOver = passed + passedOver.filter { old in !passed.contains(old) }.prefix(Limits.avoided)
    passedUntil = now + Limits.avoidance
  }

  /// What is tried last.
  func avoided(now: Instant) -> [Target] { now < passedUntil ? passedOver : [] }

  // MARK: Paths

  mutating func gains() { paths += 1 }

  mutating func loses(closed isClosed: Bool) {
    paths -= 1
    if isClosed { closed -= 1 }
  }

  /// - Parameter isSilent: neither the path nor the hop in front of it said a word
  mutating func closes(isSilent: Bool) {
    closed += 1
    if isSilent { silences += 1 }
  }

  mutating func opens() { closed -= 1 }

  mutating func reported(since instant: Instant) { reportedSince = instant }

  // MARK: Questions

  mutating func begins(now: Instant) {
    asking += 1
    if !isHeard { inquiry.begins(now: now) }
  }

  mutating func ends(_ verdict: RegistrarPath.Verdict) {
    asking -= 1
    guard !isHeard else { return }
    switch verdict {
    case .good, .failing: break
    case .silent, .refused, .unlocated: inquiry.fails()
    case .none: inquiry.takesBack()
    }
  }

  mutating func queue(_ path: Int) { turns.append(Int32(path)) }

  /// The path whose turn it is.
  mutating func takeTurn(now: Instant) -> Int? { mayAsk(now: now) ? turns.popFirst().map(Int.init) : nil }

  /// A response came, whatever it says.
  ///
  /// - Returns: the paths that waited for their turn.
  mutating func responds() -> [Int32] {
    isHeard = true
    (silences, reportedSince) = (0, nil)
    return turns.removeAll()
  }

  // MARK: Pace

  /// Those who would all leave at once, each kind of them at the rate of the hop.
  enum Lane: Sendable {
    /// First registrations.
    case first
    /// What an operator wants done to many, and bindings that move.
    case operators
    /// Those who waited for the hop to return, or lost a connection to it.
    case waiting
    /// Accounts that come back from elsewhere.
    case moves
  }

  /// A crowd is let go: slowly at first.
  mutating func rises(now: Instant) { risenAt = now }

  /// When the next one of this kind may leave; taken.
  mutating func take(_ lane: Lane, now: Instant) -> Instant {
    switch lane {
    case .first: return nextFirst.take(rate, now)
    case .operators: return nextOperated.take(rate, now)
    case .waiting: return take(rate, now)
    case .moves: return take(rate > 0 ? rate : Limits.moves, now)
    }
  }

  private mutating func take(_ rate: Int, _ now: Instant) -> Instant {
    guard rate > 0 else { return now }
    let turn = max(nextStart, now - Limits.arrears)
    nextStart = turn + Duration.nanoseconds(1_000_000_000 / Int64(rate)) * slowness(max(turn, now))
    return turn
  }

  /// How many times slower than configured: after a return the rate doubles every second.
  private func slowness(_ instant: Instant) -> Int {
    guard risenAt != .origin else { return 1 }
    return 1 << max(0, Limits.doublings - Int(clamping: (instant - risenAt).wholeSeconds))
  }

  /// A lane in which nobody is late.
  private struct Even: Sendable {
    private var next = Instant.origin

    mutating func take(_ rate: Int, _ now: Instant) -> Instant {
      guard rate > 0 else { return now }
      let turn = max(next, now)
      next = turn + .nanoseconds(1_000_000_000 / Int64(rate))
      return turn
    }
  }
}
