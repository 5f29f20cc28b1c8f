import SIPMessage

/// What a path is, what it is told, and what it answers.
extension RegistrarPath {
  enum State: Sendable, Equatable {
    /// Nobody had an answer yet.
    case unknown
    /// Nobody has a good one any more. `since`: the first attempt that failed.
    case closed(since: Instant)
    /// It answers again, and the line is let go.
    case opening(since: Instant)
    case open(since: Instant)
  }

  enum Limits {
    /// Between questions of accounts that are bound elsewhere.
    static let trial: Duration = .seconds(30)
    /// Attempts under way while the line is let go.
    static let window = 1024
    /// After this without a move those under way are taken for silent, and do not hold up the others.
    static let stall: Duration = .seconds(1)
  }

  /// Nobody gets a good answer any more.
  var isClosed: Bool {
    switch state {
    case .closed: true
    case .unknown, .opening, .open: false
    }
  }

  var closedSince: Instant? {
    switch state {
    case .closed(let since): since
    case .unknown, .opening, .open: nil
    }
  }

  /// It answers again, and the line is let go.
  var isLetGo: Bool {
    switch state {
    case .opening: true
    case .unknown, .closed, .open: false
    }
  }

  enum Admission: Sendable, Equatable {
    case start
    /// Somebody has to ask, and this is who.
    case ask
    /// Somebody asks already, or the line is being let go.
    case wait
  }

  enum Verdict: Sendable, Equatable {
    /// A final response that says no more than what it says of this account.
    case good
    /// 408, 5xx: something there answers, and can not.
    case failing
    /// No response.
    case silent
    /// Nobody is there, says the transport.
    case refused
    /// It has no address at present.
    case unlocated
    /// The attempt ended before anything could be said.
    case none
  }

  enum Change: Sendable, Equatable { case none, closed, opened(after: Duration?) }

  struct Conclusion: Sendable, Equatable {
    var change = Change.none
    /// The account waits for the path, and not for a time of its own.
    var follows = false
    /// Others were answered meanwhile: what is wrong is this account's own.
    var isOwn = false
  }

  enum Work: Sendable, Equatable {
    case none
    /// One account has to ask: from the line, or else a displaced one.
    case ask
    /// The next in line starts.
    case release
    /// A displaced account comes back.
    case bringBack
  }
}
