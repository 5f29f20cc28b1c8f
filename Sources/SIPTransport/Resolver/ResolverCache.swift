import SIPLocation
import SIPMessage

/// What the DNS said about each name, and until when it holds. A plain value: the time is an argument.
package struct ResolverCache: Sendable {
  package typealias Instant = ContinuousClock.Instant

  private struct Entry {
    /// What the DNS said last, of records or of their absence; nil: nothing so far.
    var word: Result<Resolution.Records, ResolutionFailure>?
    /// So long it may stand in for a newer one.
    var staleUntil: Instant
    /// What came instead of a newer one.
    var trouble: ResolutionFailure?
    var expires: Instant
  }

  private let policy: ResolverPolicy
  private var entries: [RecordKey: Entry] = [:]

  package init(policy: ResolverPolicy) { self.policy = policy }

  package var count: Int { entries.count }

  /// What is known and still holds; nil: ask.
  package func answer(for key: RecordKey, now: Instant) -> NameAnswer? {
    guard let entry = entries[key], entry.expires > now else { return nil }
    if let trouble = entry.trouble { return staleAnswer(for: key, now: now) ?? .failure(trouble) }
    return entry.word?.map { Resolution($0, expiry: entry.expires - now) }
  }

  /// What the DNS said last, for want of something better.
  package func staleAnswer(for key: RecordKey, now: Instant) -> NameAnswer? {
    guard let entry = entries[key], let word = entry.word, entry.staleUntil > now else { return nil }
    let expiry = max(entry.expires - now, policy.shortestLifetime)
    return word.map { Resolution($0, expiry: expiry, isStale: true) }
  }

  /// Whether nobody answered when it was asked for last: who has an answer from before need not wait for the next silence.
  package func wasSilent(about key: RecordKey) -> Bool { entries[key]?.trouble?.kind == .timedOut }

  /// Takes what a lookup found; answers with what to tell those who asked.
  package mutating func store(_ finding: Finding, for key: RecordKey, now: Instant) -> NameAnswer {
    makeRoom(for: key, now: now)
    let lifetime = lifetime(finding, key)
    switch finding.result {
    case .success(let records):
      let expires = now + lifetime
      entries[key] = Entry(word: finding.result, staleUntil: expires + policy.staleLifetime, expires: expires)
      return .success(Resolution(records, expiry: lifetime))
    case .failure(let failure) where failure.kind.isFinal:
      // That a name has no address is no help while the DNS is down; that it has no other records is.
      let staleUntil = key.kind.isOftenAbsent ? now + lifetime + policy.staleLifetime : now
      entries[key] = Entry(word: .failure(failure), staleUntil: staleUntil, expires: now + lifetime)
      return .failure(failure)
    case .failure(let failure):
      entries[key, default: Entry(staleUntil: now, expires: now)].trouble = failure
      entries[key]?.expires = now + lifetime
      return staleAnswer(for: key, now: now) ?? .failure(failure)
    }
  }

  private func lifetime(_ finding: Finding, _ key: RecordKey) -> Duration {
    switch finding.result {
    case .success: min(max(finding.timeToLive ?? .zero, policy.shortestLifetime), policy.longestLifetime)
    case .failure(let failure) where failure.kind.isFinal:
      key.kind.isOftenAbsent
        ? min(max(finding.timeToLive ?? .zero, policy.negativeLifetime), policy.longestAbsence)
        : policy.negativeLifetime
    case .failure: key.kind.isOftenAbsent ? policy.serviceFailureLifetime : policy.failureLifetime
    }
  }

  /// What is not there is missed: that is soon asked for again.
  package mutating func doubt(_ key: RecordKey, now: Instant) {
    guard let entry = entries[key] else { return }
    let limit: Duration
    switch (entry.trouble, entry.word) {
    case (.some, _): limit = policy.failureLifetime
    case (nil, .failure): limit = policy.negativeLifetime
    case (nil, .success), (nil, nil): return
    }
    entries[key]?.expires = min(entry.expires, now + limit)
  }

  /// A full cache loses the answers that nobody may use any more, or else the one that ends first.
  private mutating func makeRoom(for key: RecordKey, now: Instant) {
    guard entries.count >= policy.capacity, entries[key] == nil else { return }
    entries = entries.filter { $0.value.expires > now || $0.value.staleUntil > now }
    guard entries.count >= policy.capacity, let first = entries.min(by: { $0.value.expires < $1.value.expires })
    else { return }
    entries[first.key] = nil
  }
}
