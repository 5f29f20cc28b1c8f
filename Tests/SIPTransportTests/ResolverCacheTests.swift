import SIPLocation
import SIPMessage
import SIPTransport
import Testing

@Suite struct ResolverCacheTests {
  private let address = IPAddress.v4(0xC000_0201)
  private let start = ContinuousClock.now
  private let policy = ResolverPolicy()
  private let a = RecordKey("a")
  private let services = RecordKey("_sip._udp.a", .services)

  private func addresses(timeToLive: Duration) -> Finding {
    Finding(.success(.addresses([address])), timeToLive: timeToLive)
  }

  private func cache(timeToLive: Duration) -> ResolverCache {
    var cache = ResolverCache(policy: policy)
    _ = cache.store(addresses(timeToLive: timeToLive), for: a, now: start)
    return cache
  }

  private func failure(_ kind: ResolutionFailure.Kind) -> ResolutionFailure { ResolutionFailure(name: "a", kind: kind) }

  private func finding(_ kind: ResolutionFailure.Kind, timeToLive: Duration? = nil) -> Finding {
    Finding(.failure(failure(kind)), timeToLive: timeToLive)
  }

  @Test func timeToLiveIsCountedDownAndThenTheNameIsAskedForAgain() {
    let cache = cache(timeToLive: .seconds(60))
    let answer = cache.answer(for: a, now: start + .seconds(59))
    #expect(answer == .success(Resolution(addresses: [address], expiry: .seconds(1))))
    #expect(cache.answer(for: a, now: start + .seconds(60)) == nil)
    #expect(cache.answer(for: RecordKey("b"), now: start) == nil)
    #expect(cache.answer(for: RecordKey("a", .services), now: start) == nil)
  }

  @Test func timeToLiveHasAFloorAndACeiling() throws {
    #expect(try cache(timeToLive: .zero).answer(for: a, now: start)?.get().expiry == .seconds(5))
    #expect(try cache(timeToLive: .seconds(86_400)).answer(for: a, now: start)?.get().expiry == .seconds(3_600))
  }

  @Test func troubleBringsBackTheLastAnswerUntilItIsTooOld() {
    var cache = cache(timeToLive: .seconds(60))
    let later = start + .seconds(60) + policy.staleLifetime
    let stale = cache.store(finding(.timedOut), for: a, now: later - policy.failureLifetime / 2)
    #expect(stale == .success(Resolution(addresses: [address], expiry: policy.failureLifetime, isStale: true)))
    #expect(cache.answer(for: a, now: later - .milliseconds(1)) != nil)
    #expect(cache.answer(for: a, now: later) == .failure(failure(.timedOut)))
  }

  @Test func silenceIsRememberedUntilSomebodyAnswers() {
    var cache = cache(timeToLive: .zero)
    #expect(!cache.wasSilent(about: a))
    for (kind, isSilent) in [
      (.timedOut, true), (.serverFailure, false), (.timedOut, true), (.unreachable, false), (.timedOut, true),
      (.noRecord, false),
    ] as [(ResolutionFailure.Kind, Bool)] {
      _ = cache.store(finding(kind), for: a, now: start)
      #expect(cache.wasSilent(about: a) == isSilent, "\(kind)")
    }
    _ = cache.store(finding(.timedOut), for: a, now: start)
    _ = cache.store(addresses(timeToLive: .zero), for: a, now: start)
    #expect(!cache.wasSilent(about: a))
  }

  /// Ten minutes: each time that the answer has ended somebody asks, waits in vain, and gets what was known.
  @Test func aNameServerThatIsSilentForTenMinutesCostsNoAnswer() throws {
    var cache = cache(timeToLive: .seconds(60))
    var questions = 0
    for second in 0..<600 {
      let now = start + .seconds(61 + second)
      if cache.answer(for: a, now: now) == nil {
        questions += 1
        _ = cache.store(finding(.timedOut), for: a, now: now)
      }
      let answer = try #require(cache.answer(for: a, now: now)).get()
      #expect(answer.addresses == [address])
      #expect(answer.isStale)
    }
    #expect(questions == 60)
    let now = start + .seconds(700)
    _ = cache.store(addresses(timeToLive: .seconds(60)), for: a, now: now)
    #expect(try cache.answer(for: a, now: now)?.get().isStale == false)
  }

  @Test func failureIsForgottenAfterItsTime() {
    for (kind, lifetime) in [
      (ResolutionFailure.Kind.noSuchName, policy.negativeLifetime), (.serverFailure, policy.failureLifetime),
    ] {
      var cache = ResolverCache(policy: policy)
      #expect(cache.store(finding(kind), for: a, now: start) == .failure(failure(kind)))
      #expect(cache.answer(for: a, now: start + lifetime - .seconds(1)) == .failure(failure(kind)))
      #expect(cache.answer(for: a, now: start + lifetime) == nil)
    }
  }

  @Test(arguments: [(nil, 10), (2, 10), (60, 60), (86_400, 300)] as [(Int?, Int)])
  func absenceOfServicesHoldsAsTheZoneSaysWithinBounds(_ seconds: Int?, _ expected: Int) {
    var cache = ResolverCache(policy: policy)
    _ = cache.store(finding(.noRecord, timeToLive: seconds.map { .seconds($0) }), for: services, now: start)
    #expect(cache.answer(for: services, now: start + .seconds(expected - 1)) == .failure(failure(.noRecord)))
    #expect(cache.answer(for: services, now: start + .seconds(expected)) == nil)
  }

  @Test func whatASearchHasMissedIsSoonAskedForAgain() {
    for (kind, lifetime) in [(ResolutionFailure.Kind.noRecord, 300), (.timedOut, 60)] {
      var cache = ResolverCache(policy: policy)
      _ = cache.store(finding(kind, timeToLive: .seconds(86_400)), for: services, now: start)
      #expect(cache.answer(for: services, now: start + .seconds(lifetime - 1)) != nil)
      cache.doubt(services, now: start)
      #expect(cache.answer(for: services, now: start + .seconds(9)) != nil)
      #expect(cache.answer(for: services, now: start + .seconds(10)) == nil)
    }
  }

  @Test func thatThereAreNoServicesIsKnownWhileTheDNSIsDown() {
    var cache = ResolverCache(policy: policy)
    _ = cache.store(finding(.noRecord), for: services, now: start)
    let later = start + .seconds(3_600)
    #expect(cache.store(finding(.timedOut), for: services, now: later) == .failure(failure(.noRecord)))
    // Without addresses nothing is gained by it.
    _ = cache.store(finding(.noRecord), for: a, now: start)
    #expect(cache.store(finding(.timedOut), for: a, now: later) == .failure(failure(.timedOut)))
  }

  @Test func goodAnswerEndsTheTrouble() throws {
    var cache = cache(timeToLive: .seconds(60))
    _ = cache.store(finding(.timedOut), for: a, now: start + .seconds(60))
    _ = cache.store(addresses(timeToLive: .seconds(60)), for: a, now: start + .seconds(90))
    #expect(try cache.answer(for: a, now: start + .seconds(91))?.get().isStale == false)
  }

  @Test func fullCacheLosesWhatEndsFirst() {
    var policy = ResolverPolicy()
    policy.capacity = 2
    var cache = ResolverCache(policy: policy)
    for (name, seconds) in [("a", 100), ("b", 50), ("c", 75)] {
      _ = cache.store(addresses(timeToLive: .seconds(seconds)), for: RecordKey(name), now: start)
    }
    #expect(cache.count == 2)
    #expect(cache.answer(for: RecordKey("b"), now: start) == nil)
    #expect(cache.answer(for: a, now: start) != nil)
    #expect(cache.answer(for: RecordKey("c"), now: start) != nil)
  }
}
