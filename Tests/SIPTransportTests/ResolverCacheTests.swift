import SIPMessage
import SIPTransport
import Testing

@Suite struct ResolverCacheTests {
  private let address = IPAddress.v4(0xC000_0201)
  private let start = ContinuousClock.now
  private let policy = ResolverPolicy()

  private func cache(timeToLive: Duration) -> ResolverCache {
    var cache = ResolverCache(policy: policy)
    _ = cache.store(.success(([address], timeToLive)), for: "a", now: start)
    return cache
  }

  private func failure(_ kind: ResolutionFailure.Kind) -> ResolutionFailure { ResolutionFailure(name: "a", kind: kind) }

  @Test func timeToLiveIsCountedDownAndThenTheNameIsAskedForAgain() {
    let cache = cache(timeToLive: .seconds(60))
    let answer = cache.answer(for: "a", now: start + .seconds(59))
    #expect(answer == .success(Resolution(addresses: [address], expiry: .seconds(1))))
    #expect(cache.answer(for: "a", now: start + .seconds(60)) == nil)
    #expect(cache.answer(for: "b", now: start) == nil)
  }

  @Test func timeToLiveHasAFloorAndACeiling() throws {
    #expect(try cache(timeToLive: .zero).answer(for: "a", now: start)?.get().expiry == .seconds(5))
    #expect(try cache(timeToLive: .seconds(1_000_000)).answer(for: "a", now: start)?.get().expiry == .seconds(3_600))
  }

  @Test func troubleBringsBackTheLastAnswerUntilItIsTooOld() {
    var cache = cache(timeToLive: .seconds(60))
    let later = start + .seconds(60) + policy.staleLifetime
    let stale = cache.store(.failure(failure(.timedOut)), for: "a", now: later - policy.failureLifetime / 2)
    #expect(stale == .success(Resolution(addresses: [address], expiry: policy.failureLifetime, isStale: true)))
    #expect(cache.answer(for: "a", now: later - .milliseconds(1)) != nil)
    #expect(cache.answer(for: "a", now: later) == .failure(failure(.timedOut)))
  }

  @Test func failureIsForgottenAfterItsTime() {
    for (kind, lifetime) in [
      (ResolutionFailure.Kind.noSuchName, policy.negativeLifetime), (.serverFailure, policy.failureLifetime),
    ] {
      var cache = ResolverCache(policy: policy)
      #expect(cache.store(.failure(failure(kind)), for: "a", now: start) == .failure(failure(kind)))
      #expect(cache.answer(for: "a", now: start + lifetime - .seconds(1)) == .failure(failure(kind)))
      #expect(cache.answer(for: "a", now: start + lifetime) == nil)
    }
  }

  @Test func goodAnswerEndsTheTrouble() throws {
    var cache = cache(timeToLive: .seconds(60))
    _ = cache.store(.failure(failure(.timedOut)), for: "a", now: start + .seconds(60))
    _ = cache.store(.success(([address], .seconds(60))), for: "a", now: start + .seconds(90))
    #expect(try cache.answer(for: "a", now: start + .seconds(91))?.get().isStale == false)
  }

  @Test func fullCacheLosesWhatEndsFirst() {
    var policy = ResolverPolicy()
    policy.capacity = 2
    var cache = ResolverCache(policy: policy)
    for (name, seconds) in [("a", 100), ("b", 50), ("c", 75)] {
      _ = cache.store(.success(([address], .seconds(seconds))), for: name, now: start)
    }
    #expect(cache.count == 2)
    #expect(cache.answer(for: "b", now: start) == nil)
    #expect(cache.answer(for: "a", now: start) != nil)
    #expect(cache.answer(for: "c", now: start) != nil)
  }
}
