import SIPMessage

/// What speaks against a path since the last good answer: how much failed, which witnesses, and since when. How
/// long it has gone on says when it is asked again.
struct Evidence: Sendable {
  enum Limits {
    /// Witnesses whose failures close it.
    static let witnesses = 3
    /// What fails within is one failure.
    static let moment: Duration = .seconds(1)
    /// The part of an outage after which it is asked again.
    static let patience = 20
    static let shortest: Duration = .seconds(1)
    /// Names do not change as fast.
    static let shortestLookup: Duration = .seconds(5)
    static let longest: Duration = .seconds(30)
  }

  /// In a row.
  private(set) var failures = 0
  /// When the first attempt began that failed.
  private(set) var since = Instant.distantFuture
  /// Witnesses that failed.
  private var suspects: [Int32] = []
  private var suspectedAt = Instant.origin

  var hasSuspects: Bool { !suspects.isEmpty }

  /// So much that it is dead.
  ///
  /// - Parameter population: accounts that send there
  func isEnough(of population: Int) -> Bool {
    suspects.count >= min(Limits.witnesses, population) || failures >= Inquiry.most
  }

  /// Whether the failure of this witness would say more than is known.
  func isNew(_ slot: Int32) -> Bool { suspects.count < Limits.witnesses && !suspects.contains(slot) }

  mutating func begins(at instant: Instant) { since = instant }

  mutating func add(_ slot: Int32, isWitness: Bool, since instant: Instant, now: Instant) {
    failures += 1
    since = min(since, instant)
    guard isWitness, isNew(slot), suspects.isEmpty || now - suspectedAt >= Limits.moment else { return }
    suspects.append(slot)
    suspectedAt = now
  }

  /// From the beginning of one question to the next.
  ///
  /// - Parameter chance: 64 random bits
  func pause(after verdict: RegistrarPath.Verdict, chance: UInt64, now: Instant) -> Duration {
    let part = (now - since) / Limits.patience * Int(75 + chance % 51) / 100
    return min(max(part, verdict == .unlocated ? Limits.shortestLookup : Limits.shortest), Limits.longest)
  }
}
