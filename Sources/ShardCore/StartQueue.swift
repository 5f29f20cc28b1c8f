import SIPMessage
import SIPUserAgent

/// Requests that are due and wait for their turn. However many accounts want one at once, so many are let out as peers
/// keep up with: sent at a stroke they would overflow the sockets' buffers on the way, and their repetitions the rest.
///
/// Nobody is held up by a peer that is silent: what has had no answer for a while no longer counts as being under way.
struct StartQueue: Sendable {
  enum Start: Sendable {
    case timer(TimerID)
    case command(AccountCommand, AccountID)
  }

  /// Requests under way at a time. Where net.core.rmem_max is as small as it usually is (212,992 bytes, which the kernel
  /// doubles), the answers to all of them have room in a socket's buffer even when nobody reads: about 330 of 500 bytes.
  static let window = 256
  /// What was let out two of these ago is not waited for: 1,280 starts a second go out when nobody answers at all.
  static let patience: Duration = .milliseconds(100)

  /// Refreshes: a binding that lapses is worse than one that comes later.
  private var urgent = Line()
  private var others = Line()
  private var commands = 0
  private var epochEndsAt = Instant.origin
  private var startedInEpoch = 0
  private var startedBefore = 0

  var isEmpty: Bool { urgent.isEmpty && others.isEmpty }
  var hasCommands: Bool { commands > 0 }
  /// When there is room again, whoever answers.
  var retryAt: Instant { epochEndsAt }

  mutating func append(_ timer: TimerID, isUrgent: Bool) {
    if isUrgent { urgent.append(.timer(timer)) } else { others.append(.timer(timer)) }
  }

  mutating func append(_ command: AccountCommand, of ids: [AccountID]) {
    commands += ids.count
    others.append(contentsOf: ids.lazy.map { .command(command, $0) })
  }

  /// How many may start that nobody stands before.
  ///
  /// - Parameter underWay: accounts with a request that is not through
  mutating func room(underWay: Int, now: Instant) -> Int {
    guard isEmpty else { return 0 }
    return Self.window - min(counted(underWay, now: now), Self.window)
  }

  /// Those under way whose answers may still need room.
  private mutating func counted(_ underWay: Int, now: Instant) -> Int {
    if now >= epochEndsAt {
      startedBefore = now < epochEndsAt + Self.patience ? startedInEpoch : 0
      startedInEpoch = 0
      epochEndsAt = now + Self.patience
    }
    return min(underWay, startedInEpoch + startedBefore)
  }

  /// The next one that may start; nil: none waits, or there is no room.
  mutating func next(underWay: Int, now: Instant) -> Start? {
    guard !isEmpty, counted(underWay, now: now) < Self.window else { return nil }
    guard let start = urgent.popFirst() ?? others.popFirst() else { return nil }
    if case .command = start { commands -= 1 }
    // A burst leaves no room behind that nobody needs.
    if isEmpty { (urgent, others) = (Line(), Line()) }
    return start
  }

  /// What `next` gave did send something.
  mutating func started() { startedInEpoch += 1 }
}

/// First in, first out.
private struct Line: Sendable {
  private var starts: [StartQueue.Start] = []
  private var first = 0

  var isEmpty: Bool { first == starts.count }

  mutating func append(_ start: StartQueue.Start) { starts.append(start) }
  mutating func append(contentsOf others: some Collection<StartQueue.Start>) { starts.append(contentsOf: others) }

  mutating func popFirst() -> StartQueue.Start? {
    guard !isEmpty else { return nil }
    defer {
      first += 1
      // Half of it is behind: what is moved was passed by as many.
      if first > 1024, first > starts.count / 2 {
        starts.removeFirst(first)
        first = 0
      }
    }
    return starts[first]
  }
}
