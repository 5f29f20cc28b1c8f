import SIPMessage

/// What is known of one path: a next hop, and the registrar's domain beyond it. An account's failure says
/// something of it when nobody had a good answer since the attempt began, and nobody asked and had one since the account
/// failed before, and when the account is a witness: one that was answered well before. Otherwise it is that account's own,
/// and nobody else's.
///
///     state    good answer             fails one that is no witness      fails a witness             what is asked, and when
///     unknown  → opening               refused, 32 asked, or all: closed –                           1, 2, 4 … 32 (`Inquiry`)
///     open     the line goes on        32 in a row: → closed             3, or all: → closed         one of those that failed
///     opening  two more may go         32 in a row: → closed             3, or all: → closed         –
///     closed   → opening               –                                 –                           one, each time another
///
/// Opening is a slow start, open when the line is empty. Three witnesses at three moments; what fails together is one
/// failure. Over silence one question follows the other, whose copies notice the return; otherwise the next one comes
/// after a twentieth of the time that it has gone on, 1 to 30 s, and a quarter of what the next binding to end has left.
/// A bound account waits in no line to its end: that is not decided here.
struct RegistrarPath: Sendable {
  /// The number of its next hop.
  let hop: Int
  let registrar: URI
  private(set) var state = State.unknown
  /// Accounts that send there.
  private(set) var population = 0
  private var goodAt = Instant.origin
  /// When the latest attempt began that got a good answer.
  private var goodSince = Instant.origin
  private var inquiry = Inquiry()
  private var evidence = Evidence()

  /// Accounts that ask at present, and the latest of them.
  private var asking = 0
  private(set) var asker: Int32?
  private var askedAt = Instant.origin
  private(set) var nextQuestion = Instant.origin
  /// It waits for its turn at the hop.
  var isQueued = false
  /// It is looked at when the event has been handled.
  var isToBeRevisited = false
  /// Operators were told that it fails.
  var isReported = false

  /// Accounts that have no other way.
  private(set) var line = WaitingLine()
  /// Accounts that are bound through a less preferred hop.
  private(set) var displaced = SlotLine()
  var timer = ArmedTimer()

  /// Attempts that left the line and have not ended.
  private var underWay = 0
  private var window = 1
  private var movedAt = Instant.origin
  private var nextRelease = Instant.origin

  init(hop: Int, registrar: URI) {
    self.hop = hop
    self.registrar = registrar
  }

  // MARK: What is

  /// It fails some, though it may not be known yet whom else.
  var isFailing: Bool {
    switch state {
    case .closed: true
    case .unknown: evidence.failures > 0
    case .opening, .open: false
    }
  }

  /// It answers, and nobody waits for anything.
  var isQuiet: Bool {
    switch state {
    case .open: evidence.failures == 0 && line.isEmpty && displaced.isEmpty
    case .unknown, .closed, .opening: false
    }
  }

  /// Whether accounts that went elsewhere may come back: it has answered again and again for a while.
  func isProven(after hysteresis: Duration) -> Bool {
    switch state {
    case .unknown, .closed: false
    case .opening(let since), .open(let since): !evidence.hasSuspects && goodAt - since >= hysteresis
    }
  }

  /// - Returns: whether it is the first.
  mutating func gains() -> Bool {
    population += 1
    return population == 1
  }

  /// - Returns: whether it was the last.
  mutating func loses() -> Bool {
    population -= 1
    return population == 0
  }

  /// Nobody sends there any more: whoever does later finds out anew.
  mutating func forgets() {
    state = .unknown
    (inquiry, goodAt, goodSince, isReported) = (Inquiry(), .origin, .origin, false)
    evidence = Evidence()
  }

  // MARK: Coming

  /// An account wants to send.
  func admission(_ slot: Int32, isWitness: Bool, through hop: borrowing NextHop, now: Instant) -> Admission {
    switch state {
    case .open: return hop.isDead ? .wait : .start
    case .opening: return line.isEmpty && underWay < window ? .start : .wait
    case .unknown: return inquiry.allows(now: now) && hop.mayAsk(now: now) ? .ask : .wait
    case .closed:
      guard hop.mayAsk(now: now) else { return .wait }
      if asking == 0, now >= nextQuestion, isWitness || line.isStrangersTurn { return .ask }
      // Those who failed were strangers, or few: what a witness meets is news.
      let isNews = isWitness && evidence.isNew(slot)
      return isNews && asking < Evidence.Limits.witnesses ? .ask : .wait
    }
  }

  mutating func begins(question slot: Int32, isWitness: Bool, now: Instant) {
    asking += 1
    line.begins(questionOfWitness: isWitness)
    (asker, askedAt) = (slot, now)
    if state == .unknown { inquiry.begins(now: now) }
  }

  /// - Parameter end: of its binding
  mutating func wait(_ slot: Int32, end: Instant?, isWitness: Bool, hasAsked: Bool, now: Instant) {
    line.append(slot, end: end, isWitness: isWitness, hasAsked: hasAsked)
    if let end, end > now { nextQuestion = min(nextQuestion, now + max((end - now) / 4, Evidence.Limits.shortest)) }
  }

  mutating func displace(_ slot: Int32) { displaced.append(slot) }

  // MARK: What became of it

  /// - Parameters:
  ///   - slot: the account
  ///   - isWitness: whether it was answered well before
  ///   - failedBefore: when the attempt before this one failed, if it did
  ///   - chance: 64 random bits, for a failure
  mutating func concluded(
    _ verdict: Verdict, by slot: Int32, isWitness: Bool, failedBefore: Instant?, _ engagement: Attempt.Engagement,
    chance: UInt64, now: Instant
  ) -> Conclusion {
    ends(engagement.role)
    // The account went elsewhere meanwhile, and so did everybody.
    guard population > 0 else { return Conclusion() }
    switch verdict {
    case .good:
      goodSince = max(goodSince, engagement.since)
      return Conclusion(change: answered(now: now))
    case .failing, .silent, .refused, .unlocated:
      // Others have been answered since it began.
      guard goodAt <= engagement.since else { return Conclusion(isOwn: true) }
      // Others asked and were answered since it failed before: it waits for itself, and may be right the next time.
      if let failedBefore, goodSince > failedBefore { return Conclusion() }
      return failed(verdict, by: slot, isWitness: isWitness, since: engagement.since, chance: chance, now: now)
    case .none:
      if state == .unknown, engagement.role == .question { inquiry.takesBack() }
      settle()
      return Conclusion()
    }
  }

  private mutating func ends(_ role: Attempt.Engagement.Role) {
    switch role {
    case .free: break
    case .question:
      asking -= 1
      if asking == 0 { asker = nil }
    case .released: underWay -= 1
    }
  }

  private mutating func answered(now: Instant) -> Change {
    goodAt = now
    switch state {
    case .open:
      guard evidence.failures > 0 else { return .none }
      if evidence.hasSuspects { state = .open(since: now) }
      evidence = Evidence()
      return .none
    case .opening:
      if !evidence.hasSuspects { window = min(window + 1, Limits.window) } else { state = .opening(since: now) }
      movedAt = now
      evidence = Evidence()
      settle()
      return .none
    case .unknown, .closed:
      let silence = closedSince.map { now - $0 }
      evidence = Evidence()
      (window, movedAt, inquiry) = (underWay + 2, now, Inquiry())
      state = line.isEmpty ? .open(since: now) : .opening(since: now)
      return .opened(after: silence)
    }
  }

  private mutating func failed(
    _ verdict: Verdict, by slot: Int32, isWitness: Bool, since: Instant, chance: UInt64, now: Instant
  ) -> Conclusion {
    evidence.add(slot, isWitness: isWitness, since: since, now: now)
    askedAt = now
    nextQuestion = max(nextQuestion, since + interval(after: verdict, chance: chance, now: now))
    // Who was never answered well may have been told so alone, unless those were who are now told the same.
    let follows = isWitness || verdict != .failing
    switch state {
    case .closed: return Conclusion(follows: follows || evidence.hasSuspects)
    case .unknown:
      inquiry.fails()
      let isEverybodys = verdict == .refused || verdict == .unlocated || verdict == .silent && asking == 0
      let isKnown = isEverybodys || inquiry.isOver || evidence.failures >= max(population, 2)
      return Conclusion(change: isKnown ? close() : .none, follows: follows)
    case .opening, .open:
      let isKnown = evidence.isEnough(of: population)
      return Conclusion(change: isKnown ? close() : .none, follows: isWitness)
    }
  }

  /// From the beginning of one question to the next.
  private func interval(after verdict: Verdict, chance: UInt64, now: Instant) -> Duration {
    let interval = evidence.pause(after: verdict, chance: chance, now: now)
    guard let end = line.soonestEnd, end > now else { return interval }
    return min(interval, max((end - now) / 4, Evidence.Limits.shortest))
  }

  private mutating func close() -> Change {
    state = .closed(since: evidence.since)
    return .closed
  }

  /// Its hop says nothing to anybody: neither will it.
  mutating func closesWithHop(now: Instant) {
    state = .closed(since: now)
    evidence.begins(at: now)
  }

  /// What failed before may work now.
  mutating func reconsider(now: Instant) { nextQuestion = min(nextQuestion, now) }

  /// It has waited at the hop long enough.
  mutating func turnComes(at instant: Instant) {
    nextQuestion = instant
    isQueued = false
  }

  /// Nobody can ask before.
  mutating func deferQuestion(until instant: Instant) { nextQuestion = max(nextQuestion, instant) }

  /// A live binding of a former run leads through it.
  mutating func presume(goodAt now: Instant) {
    if state == .unknown, evidence.failures == 0 { state = .open(since: now) }
  }

  // MARK: Time

  /// What is to be done now. Called again until it says `none`.
  mutating func work(hysteresis: Duration, now: Instant) -> Work {
    guard let deadline = deadline(hysteresis: hysteresis), now >= deadline else { return .none }
    switch state {
    case .unknown, .closed: return .ask
    case .opening:
      if underWay >= window { (window, movedAt) = (min(underWay + 2, Limits.window), now) }
      return underWay < window && now >= nextRelease ? .release : .none
    case .open:
      if evidence.hasSuspects { return .ask }
      if !line.isEmpty { return .release }
      // Few of them find out whether it goes on answering.
      return isProven(after: hysteresis) ? .bringBack : .ask
    }
  }

  /// When `work` has to be asked; nil while nothing is planned.
  func deadline(hysteresis: Duration) -> Instant? {
    switch state {
    case .unknown:
      guard line.hasFresh else { return line.isEmpty ? questionDeadline(hysteresis) : nil }
      return isQueued ? nil : inquiry.nextStep.map { max($0, nextQuestion) }
    case .closed: return questionDeadline(hysteresis)
    case .opening:
      guard !line.isEmpty else { return nil }
      return underWay < window ? nextRelease : max(movedAt + Limits.stall, nextRelease)
    case .open:
      if evidence.hasSuspects { return questionDeadline(hysteresis) }
      if !line.isEmpty { return nextRelease }
      guard !displaced.isEmpty else { return nil }
      return isProven(after: hysteresis) ? nextRelease : trialDeadline
    }
  }

  /// When somebody asks; nil: somebody does, or nobody wants to know. Who is bound elsewhere is not in a hurry.
  private func questionDeadline(_ hysteresis: Duration) -> Instant? {
    guard asking == 0, !isQueued else { return nil }
    if !line.isEmpty { return nextQuestion }
    return displaced.isEmpty ? nil : max(nextQuestion, askedAt + hysteresis)
  }

  /// While nobody else asks it, it proves itself to one displaced account after the other.
  private var trialDeadline: Instant? {
    asking == 0 ? max(max(goodAt, askedAt) + Limits.trial, nextQuestion) : nil
  }

  /// The next in line, to be looked at by who asked. Who has asked once need not ask again before all have.
  mutating func takeFromLine(isQuestion: Bool) -> Int32? {
    defer { settle() }
    if state == .unknown { return line.popFresh() }
    return isQuestion ? line.popAsker() : line.popFirst()
  }

  mutating func takeDisplaced() -> Int32? { displaced.popFirst() }

  /// The displaced account that was refreshed last: its binding outlives a question.
  mutating func takeNewestDisplaced() -> Int32? { displaced.popLast() }

  /// The line goes on no sooner than this.
  mutating func releases(at instant: Instant) { nextRelease = instant }

  /// One from the line is on its way.
  mutating func released(now: Instant) {
    underWay += 1
    movedAt = now
  }

  /// The line has been let go.
  private mutating func settle() {
    if case .opening(let since) = state, line.isEmpty, underWay == 0 { state = .open(since: since) }
  }

  /// Everybody, to see who has another way.
  mutating func takeLine() -> [Int32] { line.removeAll() }
}
