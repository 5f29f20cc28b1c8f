import SIPMessage

/// Holds one flow open, and finds out that it is dead (RFC 5626 §4.4). Over datagrams it asks by STUN until it turns out
/// that nobody answers that, and then sends line ends; over a stream it pings.
///
///     state    wanted        due                                    answered    lost
///     resting  asking: ask   –                                      –           –
///     holding  (cadence)     asking: ask, or where blind: sendBlindly   –       broken: fail
///     asking   (cadence)     askAgain, then broken: fail *          holding     broken: fail
///     broken   asking: ask   resting                                –           –
///
/// * Who has never answered, and need not, is asked once more after an interval, and from then on nothing is expected of
/// him: holding, blind.
///
/// `broken` ends when a REGISTER is accepted over the flow again, or when none has been for long. Who is bound over it, and what follows from its end, is
/// not known here.
struct KeepAlive: Sendable {
  enum State: Sendable, Equatable {
    /// Nobody has wanted it yet, or for long.
    case resting
    /// The next one is sent then.
    case holding(until: Instant)
    /// So many copies of a question were sent, and nothing came yet.
    case asking(sent: Int, until: Instant)
    /// Whatever is sent over the flow is lost. What is known of it is of no use then any more.
    case broken(until: Instant)
  }

  enum Event: Sendable {
    /// A REGISTER was accepted over the flow, or what is wanted of it has changed.
    case wanted(Cadence)
    /// The deadline has come.
    case due
    /// What was asked last was answered.
    case answered
    /// The connection ended, or the peers see us elsewhere.
    case lost
  }

  enum Action: Sendable, Equatable {
    case none
    /// A new question.
    case ask
    /// The last question once more.
    case askAgain
    /// What nobody answers.
    case sendBlindly
    case fail
  }

  enum Limits {
    /// The retransmissions of RFC 8489 §6.2.1 have 39 s; so long is nobody kept waiting who can register anew.
    static let firstWait: Duration = .milliseconds(500)
    static let lastWait: Duration = .seconds(2)
    /// Copies of a question: after 9.5 s without an answer it is not expected any more.
    static let copies = 5
    /// Of one to somebody who may not know what it is.
    static let copiesToUnproven = 3
    /// RFC 5626 §4.4.1.
    static let pongWait: Duration = .seconds(10)
    /// Longer than a back-off (RFC 5626 §4.5): how often it has failed counts as long.
    static let memory: Duration = .seconds(7_200)
    /// Questions in a row to somebody who has never answered.
    static let unanswered = 2
  }

  let isReliable: Bool
  private(set) var state = State.resting
  private(set) var cadence: Cadence
  /// The peer has agreed to answer (RFC 5626 §5.4): to be silent once is to be dead.
  var isOwed = false
  /// Since the flow was wanted.
  private(set) var lastAnswer: Instant?
  private var unanswered = 0
  /// When the last question began, or what was sent blindly.
  private var sentAt = Instant.origin

  init(isReliable: Bool, cadence: Cadence) {
    self.isReliable = isReliable
    self.cadence = cadence
  }

  var isBroken: Bool {
    switch state {
    case .broken: true
    case .resting, .holding, .asking: false
    }
  }

  /// Nothing is expected of the peer any more.
  var isBlind: Bool { unanswered >= Limits.unanswered }

  /// When `due` has to be called.
  var deadline: Instant? {
    switch state {
    case .holding(let until), .asking(_, let until), .broken(let until): until
    case .resting: nil
    }
  }

  /// - Parameter chance: 64 random bits
  mutating func handle(_ event: Event, now: Instant, chance: UInt64) -> Action {
    switch (state, event) {
    case (.resting, .wanted(let cadence)), (.broken, .wanted(let cadence)):
      self.cadence = cadence
      (lastAnswer, unanswered) = (nil, 0)
      return ask(now)
    case (.holding(let until), .wanted(let cadence)):
      self.cadence = cadence
      state = .holding(until: min(until, max(now, sentAt + cadence.interval(chance: chance))))
      return .none
    case (.asking, .wanted(let cadence)):
      self.cadence = cadence
      return .none
    case (.broken, .due):
      state = .resting
      return .none
    case (.holding, .due):
      guard isBlind else { return ask(now) }
      sentAt = now
      hold(now, chance)
      return .sendBlindly
    case (.asking(let sent, _), .due):
      guard sent >= copies else {
        state = .asking(sent: sent + 1, until: now + wait(afterCopy: sent + 1))
        return .askAgain
      }
      return unanswered(now, chance)
    case (.asking, .answered):
      (lastAnswer, unanswered) = (now, 0)
      hold(now, chance)
      return .none
    case (.holding, .lost), (.asking, .lost):
      return fail(now)
    case (.resting, .due), (.resting, .answered), (.resting, .lost), (.holding, .answered), (.broken, .answered),
      (.broken, .lost):
      return .none
    }
  }

  private mutating func ask(_ now: Instant) -> Action {
    sentAt = now
    state = .asking(sent: 1, until: now + wait(afterCopy: 1))
    return .ask
  }

  private mutating func hold(_ now: Instant, _ chance: UInt64) {
    state = .holding(until: max(now, sentAt + cadence.interval(chance: chance)))
  }

  private mutating func fail(_ now: Instant) -> Action {
    state = .broken(until: now + Limits.memory)
    return .fail
  }

  private mutating func unanswered(_ now: Instant, _ chance: UInt64) -> Action {
    guard lastAnswer == nil, !isOwed else { return fail(now) }
    unanswered += 1
    hold(now, chance)
    return .none
  }

  // MARK: Copies

  /// How many copies of a question are sent: none later than the next question would be.
  private var copies: Int {
    if isReliable { return 1 }
    var (copies, sentAt) = (1, Limits.firstWait)
    while copies < (lastAnswer == nil ? Limits.copiesToUnproven : Limits.copies), sentAt < cadence.longest {
      copies += 1
      sentAt += Limits.firstWait * (1 << (copies - 1))
    }
    return copies
  }

  private func wait(afterCopy copy: Int) -> Duration {
    if isReliable { return Limits.pongWait }
    return copy >= copies ? Limits.lastWait : Limits.firstWait * (1 << (copy - 1))
  }
}
