import Dispatch
import Glibc
import NIOConcurrencyHelpers
import SIPMessage
import SIPUserAgent
import Scratch
import ShardCore
import Testing

@testable import RegistrationRecords

/// Clocks that a test sets.
final class SetClock: Sendable {
  private let state = NIOLockedValueBox((now: Int64(1_000), wall: Int64(1_800_000_000), boot: Int64(7)))

  /// Seconds go by on both clocks.
  func advance(_ seconds: Int64) { state.withLockedValue { ($0.now, $0.wall) = ($0.now + seconds, $0.wall + seconds) } }
  func shiftWall(_ seconds: Int64) { state.withLockedValue { $0.wall += seconds } }

  /// The core's clock begins anew.
  func reboot(taking seconds: Int64) {
    state.withLockedValue { ($0.now, $0.wall, $0.boot) = (10, $0.wall + seconds, $0.boot + 1) }
  }

  var now: Instant { .origin + .seconds(state.withLockedValue { $0.now }) }

  /// As it is: the boot does not change under a process.
  var clock: StateClock {
    StateClock(
      now: { self.now }, wall: { self.state.withLockedValue { $0.wall * 1_000 } },
      boot: state.withLockedValue { $0.boot })
  }
}

/// What a store told.
final class Told: Sendable {
  private let state = NIOLockedValueBox((notices: [String](), health: [StateHealth]()))

  var notices: [String] { state.withLockedValue { $0.notices } }
  var health: [StateHealth] { state.withLockedValue { $0.health } }

  func note(_ health: StateHealth) { state.withLockedValue { $0.health.append(health) } }

  func open(
    _ directory: String, _ clock: SetClock = SetClock(), retryInterval: Duration = .seconds(3_600)
  ) throws(StateInUse) -> StateStore {
    try StateStore.open(
      directory: directory, clock: clock.clock, retryInterval: retryInterval,
      observer: StoreObserver(
        notice: { text in self.state.withLockedValue { $0.notices.append(text) } }, healthChanged: note))
  }
}

extension StateStore {
  var records: [String: RegistrationRecord] {
    var records: [String: RegistrationRecord] = [:]
    load { records[$0] = $1 }
    return records
  }

  /// Returns when it is stored, or is waiting in memory.
  func saved(_ changes: [StateChange]) async {
    await withCheckedContinuation { continuation in save(changes) { continuation.resume() } }
  }
}

@Suite struct StateStoreTests {
  let scratch: ScratchDirectory
  let clock = SetClock()
  let told = Told()

  init() throws { scratch = try ScratchDirectory() }

  func record(_ number: Int = 1, granted: Int64 = 3_600, since: Int64 = 0) throws -> RegistrationRecord {
    let registered = clock.now - .seconds(since)
    return RegistrationRecord(
      callID: "uuid-\(number)@example.com", fromTag: "tag\(number)", cSeqCeiling: UInt32(number) * 100,
      binding: Binding(
        registeredAt: registered, expiresAt: registered + .seconds(granted),
        contact: Array("sip:alice@192.0.2.1:5060".utf8), routeIndex: 1,
        target: Target(transport: .tcp, endpoint: Endpoint(address: .v4(0xC000_0201), port: 5070)),
        local: Endpoint(address: try #require(IPAddress("2001:db8::1")), port: 5060),
        serviceRoute: [try URI("sip:a.example.net;lr"), try URI("sip:b.example.net;lr")]),
      nonces: [
        CachedNonce(
          source: .proxy, realm: Array("example.com".utf8), nonce: [0, 255, 1], opaque: [],
          algorithm: DigestAlgorithm(hash: .sha512_256, isSession: true), quality: .authInt, count: 70_000),
        CachedNonce(
          source: .server, realm: [], nonce: [1], algorithm: DigestAlgorithm(hash: .md5), quality: nil, count: 1),
      ],
      minimumExpires: 1_800, pause: .refused(status: 403))
  }

  @Test func whatARowHasForItselfIsNotTakenForTheNext() async throws {
    let full = try record()
    var elsewhere = try record(2)
    elsewhere.binding?.way = Way(
      target: Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0202), port: 5060)),
      local: Endpoint(address: .v4(0xC000_0203), port: 5062))
    elsewhere.binding?.serviceRoute = []
    elsewhere.seenFrom = Endpoint(address: .v4(0xCB00_7105), port: 40_000)
    var unseen = elsewhere
    unseen.seenFrom = nil
    unseen.granted = Self.granted
    var routed = full
    routed.granted = Self.granted
    elsewhere.pause = .credentialsRejected
    elsewhere.nonces.removeLast()
    elsewhere.nonces[0].opaque = nil
    let bare = RegistrationRecord(callID: "b@example.com", fromTag: "t", cSeqCeiling: 7)
    // Each behind each other one, and behind itself.
    let records = [
      full, full, elsewhere, elsewhere, unseen, elsewhere, full, bare, bare, full, bare, elsewhere, bare, unseen,
      routed, routed, full, routed, unseen, routed, bare, routed, elsewhere,
    ]
    let store = try told.open(scratch.path, clock)
    let kept = records.enumerated().map { KeptRecord(key: .text("account \($0)"), record: $1) }
    await store.saved([.records(kept)])
    #expect(store.records == Dictionary(uniqueKeysWithValues: kept.map { ($0.key.text, $0.record) }))
  }

  private static let granted: Granted = {
    var granted = Granted()
    granted.add(.path, "<sip:edge.example.net;lr;x=\"a b\">")
    granted.add(.path, "<sip:core.example.net;lr>")
    granted.add(.associatedURI, "\"J\u{F6}rg\" <tel:+1555>")
    granted.add(.publicGRUU, "sip:alice@example.com;gr=urn:uuid:1")
    granted.add(.temporaryGRUU, "sip:t1@example.com;gr")
    return granted
  }()

  @Test func aRecordOfItsOwnMakingHasTheSameIdentityAsARequest() async throws {
    let store = try told.open(scratch.path, clock)
    var expected: [String: Identity] = [:]
    var kept: [KeptRecord] = []
    for domain in ["example.com", "EXAMPLE.com", "192.0.2.1", "[2001:DB8::1]", "a.1"] {
      let account = Account(
        name: domain, addressOfRecord: try URI("sip:alice@\(domain)"), registrar: try URI("sip:example.com"))
      let record = IdentityOrigin(seed: [1], firstCSeq: 1).record(of: account, key: account.storeKey.utf8.span)
      expected[account.storeKey] = record.identity
      kept.append(KeptRecord(key: .account(account), record: record))
    }
    await store.saved([.records(kept)])
    #expect(store.records.mapValues(\.identity) == expected)
  }

  @Test func aRecordComesBackAsItWasSaved() async throws {
    let bare = RegistrationRecord(callID: "b@example.com", fromTag: "t", cSeqCeiling: .max, pause: .byOperator)
    let full = try record()
    let store = try told.open(scratch.path, clock)
    await store.saved([
      .record(name: .text("alice"), full), .record(name: .text("bob \u{1F4DE}"), bare),
    ])
    #expect(store.records == ["alice": full, "bob \u{1F4DE}": bare])
    #expect(told.health.isEmpty)
    #expect(told.notices.isEmpty)
  }

  @Test(
    arguments: [
      nil, .byOperator, .refused(status: 403), .credentialsRejected, .noCredentials,
    ] as [PauseReason?])
  func everyPauseComesBack(pause: PauseReason?) async throws {
    let store = try told.open(scratch.path, clock)
    var record = RegistrationRecord(callID: "b@example.com", fromTag: "t", cSeqCeiling: 1)
    record.pause = pause
    await store.saved([.record(name: .text("a"), record)])
    #expect(store.records["a"]?.pause == pause)
  }

  @Test(arguments: [0, 1, 0x1A2B, .max] as [UInt16]) func theFingerprintOfRejectedSecretsComesBack(rejected: UInt16)
    async throws
  {
    let store = try told.open(scratch.path, clock)
    var record = RegistrationRecord(callID: "b@example.com", fromTag: "t", cSeqCeiling: 1)
    // One behind the other: what a row has is not taken for the next.
    let pauses: [PauseReason?] = [nil, .credentialsRejected, .noCredentials, .credentialsRejected, .byOperator]
    for (index, pause) in pauses.enumerated() {
      record.pause = pause
      record.rejected = rejected
      await store.saved([.record(name: .text("\(index)"), record)])
      record.rejected = nil
      await store.saved([.record(name: .text("\(index) without"), record)])
    }
    let records = store.records
    #expect(records["1"]?.pause == .credentialsRejected && records["1"]?.rejected == rejected)
    // Another attempt was on its way when the process ended.
    #expect(records["0"]?.rejected == rejected)
    #expect(records["2"]?.pause == .noCredentials && records["4"]?.pause == .byOperator)
    for index in pauses.indices {
      #expect(records["\(index) without"]?.rejected == nil)
      #expect(records["\(index) without"]?.pause == pauses[index])
    }
  }

  @Test func whatWasAcknowledgedSurvivesAProcessThatNeverClosed() async throws {
    // The files as a crash leaves them: copied while the store is open.
    let store = try told.open(scratch.path, clock)
    await store.saved([.record(name: .text("alice"), try record(1))])
    await store.saved([.record(name: .text("alice"), try record(2))])
    let copy = try ScratchDirectory()
    for name in try scratch.names { try copy.write(scratch.data(name), to: name) }
    let survivor = try told.open(copy.path, clock)
    #expect(survivor.records["alice"]?.cSeqCeiling == 200)
    #expect(told.notices.isEmpty)
    store.close()
  }

  @Test func theLastOfManySavesWins() async throws {
    let store = try told.open(scratch.path, clock)
    for number in 1...50 { store.save([.record(name: .text("alice"), try record(number))]) }
    store.forget(["bob"])
    store.rememberPorts([5060, 5061])
    store.close()
    let later = try told.open(scratch.path, clock)
    #expect(later.records["alice"]?.cSeqCeiling == 5_000)
    #expect(later.lastPorts() == [5060, 5061])
  }

  @Test func aForgottenAccountIsGone() async throws {
    let store = try told.open(scratch.path, clock)
    await store.saved([
      .record(name: .text("alice"), try record()), .record(name: .text("bob"), try record(2)),
    ])
    store.forget(["alice"])
    store.close()
    #expect(try told.open(scratch.path, clock).records.keys.sorted() == ["bob"])
  }

  @Test func aDirectoryServesOneStoreAtATime() throws {
    let first = try told.open(scratch.path)
    #expect(throws: StateInUse(directory: scratch.path)) { try told.open(scratch.path) }
    first.close()
    _ = try told.open(scratch.path)
  }

  /// As a process that has just ended, or a child that has not begun its own program yet.
  @Test func whoHoldsTheDirectoryForAMomentKeepsNobodyOut() throws {
    let descriptor = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(200)) { close(descriptor) }
    try told.open(scratch.path).close()
  }

  @Test func theFileIsForItsOwnerOnly() async throws {
    let store = try told.open(scratch.path)
    await store.saved([.record(name: .text("alice"), try record())])
    #expect(try scratch.names.contains("state.sqlite"))
    for name in try scratch.names { #expect(try scratch.mode(name) == 0o600, "\(name)") }
    store.close()
  }

  // MARK: - Clocks

  struct Passage: CustomTestStringConvertible {
    let testDescription: String
    let happens: @Sendable (SetClock) -> Void
    /// Seconds that the binding of 3600 s still has; nil: it counts as none.
    let remaining: Int64?

    init(_ description: String, _ remaining: Int64?, _ happens: @escaping @Sendable (SetClock) -> Void) {
      testDescription = description
      self.remaining = remaining
      self.happens = happens
    }
  }

  static let passages = [
    Passage("nothing", 3_500) { _ in },
    Passage("ten minutes", 2_900) { $0.advance(600) },
    Passage("too long", nil) { $0.advance(3_500) },
    Passage("the wall clock set forward by 30 days", 3_490) { clock in
      clock.advance(10)
      clock.shiftWall(30 * 86_400)
    },
    Passage("the wall clock set back by 30 days", 3_490) { clock in
      clock.advance(10)
      clock.shiftWall(-30 * 86_400)
    },
    Passage("a reboot of a minute", 3_440) { $0.reboot(taking: 60) },
    Passage("a reboot of two hours", nil) { $0.reboot(taking: 7_200) },
    Passage("a reboot with the clock corrected by three seconds", 3_500) { $0.reboot(taking: -3) },
    Passage("a reboot with the clock set back by 30 days", nil) { $0.reboot(taking: -30 * 86_400) },
    Passage("a reboot with the clock set forward by 30 days", nil) { $0.reboot(taking: 30 * 86_400) },
  ]

  @Test(arguments: passages)
  func aBindingNeverSeemsToLiveLongerThanItDoes(passage: Passage) async throws {
    let store = try told.open(scratch.path, clock)
    await store.saved([.record(name: .text("alice"), try record(granted: 3_600, since: 100))])
    store.close()
    passage.happens(clock)
    let found = try #require(try told.open(scratch.path, clock).records["alice"])
    #expect(found.binding.map { ($0.expiresAt - clock.now).wholeSeconds } == passage.remaining)
    #expect(found.cSeqCeiling == 100)
  }
}
