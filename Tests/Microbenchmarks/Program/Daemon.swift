import Dispatch
import Glibc
import RegistrationRecords
import SIPMessage
import SIPUserAgent
import ShardCore

extension Benchmark {
  /// Set and fired again among a hundred thousand others.
  @Sendable static func timer(_ count: Int) throws -> () throws -> Void {
    var heap = DeadlineHeap()
    var state: UInt64 = 1
    func chance() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 24
    }
    func timer(_ number: Int) -> TimerID { TimerID(kind: .registration, slot: Int32(number), generation: 1) }
    for number in 0..<100_000 { heap.insert(timer(number), at: Instant(nanoseconds: chance())) }
    return {
      for number in 0..<count {
        heap.insert(timer(number), at: Instant(nanoseconds: chance()))
        precondition(heap.popDue(now: .distantFuture) != nil)
      }
    }
  }

  /// The records of accounts that have just been bound, written 1,000 in a batch.
  @Sendable static func store(_ count: Int) throws -> () throws -> Void {
    var template = Array("/tmp/sipregd-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let store = try StateStore.open(directory: path, observer: StoreObserver(notice: { _ in }, healthChanged: { _ in }))
    let batches = try stride(from: 0, to: count, by: 1_000).map { start in
      try (start..<min(start + 1_000, count)).map(Self.firstRecord)
    }
    return {
      for batch in batches {
        let isWritten = DispatchSemaphore(value: 0)
        store.save(batch) { isWritten.signal() }
        isWritten.wait()
      }
      store.close()
      for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] { unlink("\(path)/\(name)") }
      rmdir(path)
    }
  }

  private static func firstRecord(of number: Int) throws -> StateChange {
    let user = "user\(1_000_000 + number)"
    let account = Account(
      name: user, addressOfRecord: try URI("sip:\(user)@bench.invalid"), registrar: try URI("sip:127.0.0.1:5070"))
    var record = origin.record(of: account, key: user.utf8.span)
    let peer = Target(transport: .udp, endpoint: Endpoint(address: .v4(0x7F00_0001), port: 5070))
    record.binding = Binding(
      registeredAt: .origin + .seconds(1), expiresAt: .origin + .seconds(3_601),
      contact: Array("sip:\(user)@127.0.0.1:5060;x-reg=a1b2c3d4".utf8), routeIndex: 0, target: peer,
      local: Endpoint(address: .v4(0x7F00_0001), port: 5060))
    record.nonces = [
      CachedNonce(
        source: .server, realm: Array("bench.invalid".utf8), nonce: Array("0123456789abcdef0123456789abcdef".utf8),
        algorithm: DigestAlgorithm(hash: .md5), quality: .auth, count: 1)
    ]
    return .record(name: .account(account), record)
  }

  /// Accounts without a record come into a user agent.
  @Sendable static func arrival(_ count: Int) throws -> () throws -> Void {
    let accounts = try (0..<count).map { number in
      Account(
        name: "user\(number)", addressOfRecord: try URI("sip:user\(number)@bench.invalid"),
        registrar: try URI("sip:127.0.0.1:5070"))
    }
    return {
      var agent = UserAgent(settings: UserAgent.Settings(), random: SystemRandomNumberGenerator())
      var effects: [Effect] = []
      for (number, account) in accounts.enumerated() {
        let record = origin.record(of: account, key: account.name.utf8.span)
        let id = AccountID(index: number)
        agent.restore(
          id, account, record, reserved: IdentityOrigin.reserve, now: .origin + .seconds(1), effects: &effects)
        precondition(!effects.isEmpty)
        effects.removeAll(keepingCapacity: true)
      }
    }
  }

  private static let origin = IdentityOrigin(seed: Array(repeating: 7, count: IdentityOrigin.seedLength), firstCSeq: 1)
}
