import SIPMessage

/// How long answers are believed, and how many are kept.
package struct ResolverPolicy: Sendable {
  /// A TTL below this counts as this: a zone with TTL 0, or the hosts file, is not asked for every message.
  package var shortestLifetime: Duration = .seconds(5)
  package var longestLifetime: Duration = .seconds(3_600)
  /// "No such name" and "no address" (RFC 2308 §5, far below its upper bound, because people mend typing errors). Shorter
  /// than the first back-off of a registration, 15 s at the least, so that every attempt finds out anew.
  package var negativeLifetime: Duration = .seconds(10)
  /// Failures of the DNS itself (RFC 2308 §7): until then nobody asks again. For the same reason as short.
  package var failureLifetime: Duration = .seconds(10)
  /// How long after its end an answer may stand in for a new one (RFC 8767 §5: one to three days).
  package var staleLifetime: Duration = .seconds(3 * 86_400)
  /// Whoever waits longer gets the stale answer if there is one, while the lookup goes on (RFC 8767 §5).
  package var staleAfter: Duration = .milliseconds(1_800)
  /// Names that are kept.
  package var capacity = 4_096
  /// Lookups at the same time; further names wait their turn.
  package var maximumLookups = 64

  package init() {}
}

/// What the DNS said about each name, and until when it holds. A plain value: the time is an argument.
package struct ResolverCache: Sendable {
  package typealias Instant = ContinuousClock.Instant

  private struct Entry {
    /// The last good answer; empty: none.
    var addresses: [IPAddress] = []
    var staleUntil: Instant
    /// What came instead of a newer one.
    var failure: ResolutionFailure?
    var expires: Instant
  }

  private let policy: ResolverPolicy
  private var entries: [String: Entry] = [:]

  package init(policy: ResolverPolicy) { self.policy = policy }

  package var count: Int { entries.count }

  /// What is known and still holds; nil: ask.
  package func answer(for name: String, now: Instant) -> Result<Resolution, ResolutionFailure>? {
    guard let entry = entries[name], entry.expires > now else { return nil }
    guard let failure = entry.failure else {
      return .success(Resolution(addresses: entry.addresses, expiry: entry.expires - now))
    }
    return staleAnswer(for: name, now: now).map { .success($0) } ?? .failure(failure)
  }

  /// The last good answer, for want of a better one.
  package func staleAnswer(for name: String, now: Instant) -> Resolution? {
    guard let entry = entries[name], !entry.addresses.isEmpty, entry.staleUntil > now else { return nil }
    let expiry = max(entry.expires - now, policy.shortestLifetime)
    return Resolution(addresses: entry.addresses, expiry: expiry, isStale: true)
  }

  /// Takes what a lookup found; answers with what to tell those who asked.
  package mutating func store(
    _ result: Result<(addresses: [IPAddress], timeToLive: Duration), ResolutionFailure>, for name: String, now: Instant
  ) -> Result<Resolution, ResolutionFailure> {
    makeRoom(for: name, now: now)
    switch result {
    case .success(let found):
      let lifetime = min(max(found.timeToLive, policy.shortestLifetime), policy.longestLifetime)
      let expires = now + lifetime
      entries[name] = Entry(
        addresses: found.addresses, staleUntil: expires + policy.staleLifetime, failure: nil, expires: expires)
      return .success(Resolution(addresses: found.addresses, expiry: lifetime))
    case .failure(let failure) where failure.kind.isFinal:
      entries[name] = Entry(staleUntil: now, failure: failure, expires: now + policy.negativeLifetime)
      return .failure(failure)
    case .failure(let failure):
      entries[name, default: Entry(staleUntil: now, expires: now)].failure = failure
      entries[name]?.expires = now + policy.failureLifetime
      return staleAnswer(for: name, now: now).map { .success($0) } ?? .failure(failure)
    }
  }

  /// A full cache loses the answers that nobody may use any more, or else the one that ends first.
  private mutating func makeRoom(for name: String, now: Instant) {
    guard entries.count >= policy.capacity, entries[name] == nil else { return }
    entries = entries.filter { $0.value.expires > now || $0.value.staleUntil > now }
    guard entries.count >= policy.capacity, let first = entries.min(by: { $0.value.expires < $1.value.expires })
    else { return }
    entries[first.key] = nil
  }
}
