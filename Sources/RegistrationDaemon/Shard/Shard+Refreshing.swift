import RegistrationControl
import SIPMessage
import SIPUserAgent

/// What an operator's wish to refresh came to, of one account, and what has to change until its outcome is known.
struct RefreshTicket: Sendable {
  enum Fate: UInt8, Sendable {
    case sent, inFlight, planned, held, paused, leaving, gone
  }

  let id: AccountID
  fileprivate(set) var fate = Fate.gone
  /// When it leaves by itself, where that is known.
  fileprivate(set) var plannedAt: Instant?
  fileprivate var sentBefore: Instant?
  fileprivate var failuresBefore = 0
  /// A request of it was seen on its way: when it is over, that is the outcome.
  fileprivate var isSeenInFlight = false

  /// Whether an outcome can be waited for.
  var isAwaited: Bool {
    switch fate {
    case .sent, .inFlight, .planned, .held: true
    case .paused, .leaving, .gone: false
    }
  }
}

extension Shard {
  /// REGISTER now, for each of these.
  ///
  /// - Parameter areNamed: each by its name, and not as one of many
  func refresh(_ ids: [AccountID], areNamed: Bool = false) -> [RefreshTicket] {
    var tickets = core.agent.tickets(of: ids)
    let isAtOnce = core.isAtOnce(ids.count)
    handle(.want(areNamed ? .refreshNamed : .refresh, of: ids))
    core.agent.judge(&tickets, isAtOnce: isAtOnce)
    return tickets
  }

  /// Those whose outcome is known, with nil for a new binding or else the words for what became of it, and the rest.
  func settled(_ tickets: [RefreshTicket]) -> (rest: [RefreshTicket], settled: [(AccountID, words: String?)]) {
    core.agent.settled(tickets, now: BootClock.now)
  }

  /// What is to be said of those that have no outcome yet.
  func outlooks(of tickets: [RefreshTicket]) -> [(name: String, words: String)] {
    let now = BootClock.now
    return statuses(of: tickets.map(\.id)).map { account in
      let words = account.situation(now: now).openOutcome
      return (account.account.name, words)
    }
  }

  func names(of ids: [AccountID]) -> [String] {
    let agent = core.agent
    return ids.compactMap { agent.account(of: $0)?.name }
  }
}

/// Asked for many accounts at once, since each question copies what holds an agent together.
extension UserAgent {
  fileprivate func tickets(of ids: [AccountID]) -> [RefreshTicket] {
    ids.map { id in
      var ticket = RefreshTicket(id: id)
      guard let course = course(of: id) else { return ticket }
      ticket.sentBefore = course.sentAt
      ticket.failuresBefore = course.failures
      ticket.isSeenInFlight = course.isInFlight
      return ticket
    }
  }

  fileprivate func judge(_ tickets: inout [RefreshTicket], isAtOnce: Bool) {
    for index in tickets.indices {
      guard let standing = standing(of: tickets[index].id), let course = course(of: tickets[index].id) else { continue }
      let wasInFlight = tickets[index].isSeenInFlight
      tickets[index].isSeenInFlight = course.isInFlight
      if standing.isPausedByOperator || course.isPausedByOperator {
        tickets[index].fate = .paused
      } else if standing.state == .unregistering {
        tickets[index].fate = .leaving
      } else if course.isInFlight {
        tickets[index].fate = wasInFlight ? .inFlight : .sent
      } else {
        switch course.outlook {
        case .follows, .asked, .inLine: tickets[index].fate = .held
        case .own(let at):
          tickets[index].fate = .planned
          tickets[index].plannedAt = isAtOnce ? at : nil
        case .rest, .answer: tickets[index].fate = .planned
        }
      }
    }
  }

  fileprivate func settled(
    _ tickets: [RefreshTicket], now: Instant
  ) -> (rest: [RefreshTicket], settled: [(AccountID, words: String?)]) {
    var rest: [RefreshTicket] = []
    var settled: [(AccountID, words: String?)] = []
    for var ticket in tickets {
      guard let course = course(of: ticket.id) else {
        settled.append((ticket.id, Situation.goneOutcome))
        continue
      }
      let hasMoved =
        ticket.isSeenInFlight || course.sentAt != ticket.sentBefore || course.failures != ticket.failuresBefore
      if course.isInFlight || !hasMoved {
        ticket.isSeenInFlight = ticket.isSeenInFlight || course.isInFlight
        rest.append(ticket)
      } else if course.isRegistered {
        settled.append((ticket.id, nil))
      } else {
        settled.append((ticket.id, outcome(of: ticket.id, now: now) ?? Situation.goneOutcome))
      }
    }
    return (rest, settled)
  }

  /// Why it has no new binding; nil: it is gone.
  private func outcome(of id: AccountID, now: Instant) -> String? {
    guard let account = account(of: id) else { return nil }
    return status(of: id)?.situation(of: account, now: now).outcome
  }
}
