import SIPMessage
import SIPTransaction
import SIPUserAgent

@testable import ShardCore

/// The core of a shard on a bench: time stands still until it is moved, store and resolver answer when they are told to,
/// and what came out is kept.
struct CoreBench {
  static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
  static let peer = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0264), port: 5060))
  static let origin = IdentityOrigin(seed: Array(repeating: 7, count: IdentityOrigin.seedLength), firstCSeq: 1_001)

  struct Chance: RandomNumberGenerator, Sendable {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state
    }
  }

  struct NothingSent: Error {}

  var core: ShardCore
  var now = Instant(nanoseconds: 1_000_000_000_000)
  private(set) var wakesAt: Instant?
  // Since they were taken.
  var sent: [[UInt8]] = []
  var lookups: [Lookup] = []
  var changes: [StateChange] = []
  var reservations: [Reservation] = []
  var forgotten: [String] = []
  var happenings: [Happening] = []
  var wantsTurn = false

  init() {
    var settings = UserAgent.Settings()
    settings.registrationsPerSecond = 0
    core = ShardCore(settings: settings, random: Chance())
  }

  static func account(_ name: String = "alice", host: String = "192.0.2.100") throws -> Account {
    var account = Account(
      name: name, addressOfRecord: try URI("sip:\(name)@example.test"), registrar: try URI("sip:\(host)"),
      expires: 600)
    account.policy.minimumInterval = .seconds(1)
    return account
  }

  // MARK: In and out

  mutating func handle(_ input: Input) {
    var outputs = Outputs()
    core.handle(input, now: now, outputs: &outputs)
    take(outputs)
  }

  mutating func take(_ event: Event) {
    var outputs = Outputs()
    core.take(event, now: now, outputs: &outputs)
    core.finish(now: now, outputs: &outputs)
    take(outputs)
  }

  private mutating func take(_ outputs: Outputs) {
    sent += outputs.sends.map(\.bytes)
    lookups += outputs.lookups
    changes += outputs.changes
    reservations += outputs.reservations
    forgotten += outputs.forgotten
    happenings += outputs.happenings
    wantsTurn = wantsTurn || outputs.wantsTurn
    if let instant = outputs.wakeAt { wakesAt = instant }
  }

  /// It is woken when it asked for it.
  mutating func advance(_ duration: Duration) {
    let end = now + duration
    while let instant = wakesAt, instant <= end {
      now = max(now, instant)
      wakesAt = nil
      handle(.woken)
    }
    now = end
  }

  // MARK: The shell

  /// The store has written what it was given.
  mutating func store() {
    let (reservations, forgotten) = (reservations, forgotten)
    (self.changes, self.reservations, self.forgotten) = ([], [], [])
    handle(.stored(reservations, forgotten: forgotten))
  }

  mutating func locate() {
    let questions = lookups
    lookups = []
    for lookup in questions {
      handle(
        .located(
          lookup.question, .ways([Way(target: Self.peer, local: Self.local)]), lasting: lookup.hop))
    }
  }

  mutating func add(_ account: Account, from origin: IdentityOrigin? = CoreBench.origin) -> AccountID {
    let id = core.reserve(1)[0]
    handle(.add([Arrival(id: id, account: account)], from: origin))
    return id
  }

  /// One that is bound, and all of it written.
  mutating func register(_ account: Account) throws -> AccountID {
    let id = add(account)
    advance(.milliseconds(100))
    locate()
    try respond(200)
    advance(.seconds(1))
    store()
    sent = []
    return id
  }

  // MARK: The wire

  func request(_ index: Int? = nil) throws -> Message {
    guard let bytes = index.map({ sent[$0] }) ?? sent.last else { throw NothingSent() }
    return try Message(parsing: bytes)
  }

  /// Answers the last request, or this one.
  mutating func respond(_ status: Int, to index: Int? = nil) throws {
    let request = try request(index)
    var fields: [(HeaderName, [UInt8])] = []
    if status == 200, let contact = request.first(.contact) {
      fields = [(.contact, Array(contact)), (.expires, Array("\(request.expires?.value ?? 0)".utf8))]
    }
    let response = request.response(
      status: status, reason: "Words", toTag: "t", receivedFrom: Self.local, adding: fields)
    take(.received(response, Flow(target: Self.peer)))
  }

  /// The records among what is to be written, with the keys they are kept under.
  var records: [(key: String, record: RegistrationRecord)] {
    changes.flatMap { change -> [(key: String, record: RegistrationRecord)] in
      guard case .records(let records) = change else { return [] }
      return records.map { ($0.key.text, $0.record) }
    }
  }
}
