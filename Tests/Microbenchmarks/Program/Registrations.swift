import SIPMessage
import SIPUserAgent
import ShardCore

/// A user agent, and a registrar that knows just enough to be believed.
struct Exchange {
  struct NoRequest: Error {}

  private static let local = Endpoint(address: .v4(0x7F00_0001), port: 5060)
  private static let peer = Target(transport: .udp, endpoint: Endpoint(address: .v4(0x7F00_0001), port: 5070))

  private static let challenge = Array(
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"0123456789abcdef\", qop=\"auth\"\r\n".utf8)[...]

  private struct Chance: RandomNumberGenerator, Sendable {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state
    }
  }

  private var agent: UserAgent
  /// In the place of the agent, around one of its own.
  private var shard: ShardCore
  private let isInShard: Bool
  private var outputs = Outputs()
  private var now = Instant(nanoseconds: 1_000_000_000_000)
  private var effects: [Effect] = []
  private var request: [UInt8] = []
  private var timer: TimerID?

  init(inShard: Bool = false) {
    var settings = UserAgent.Settings()
    settings.registrationsPerSecond = 0
    agent = UserAgent(settings: settings, random: Chance())
    shard = ShardCore(settings: settings, random: Chance())
    isInShard = inShard
    outputs.leastRead = .progress
  }

  mutating func register(_ number: Int, hasPassword: Bool) throws {
    let id = AccountID(index: number)
    let user = "user\(number)"
    let account = Account(
      name: user, addressOfRecord: try URI("sip:\(user)@bench.invalid"), registrar: try URI("sip:127.0.0.1:5070"),
      credentials: hasPassword ? [Credential(username: user, password: "secret")] : [])
    if isInShard {
      let arrivals = shard.reserve(1).map { Arrival(id: $0, account: account) }
      carryOut { $0.handle(.add(arrivals, from: nil), now: $1, outputs: &$2) }
      now = now + .seconds(1)
    } else {
      handle(.add(id, account, nil), id)
    }
    try begin(id)
    if hasPassword { answer("SIP/2.0 401 Unauthorized\r\n", Self.challenge, id) }
    try accept(id)
  }

  /// One after the other, so that only what belongs to a refresh happens.
  mutating func refresh(_ number: Int) throws {
    let id = AccountID(index: number)
    now = now + .seconds(3300)
    try begin(id)
    try accept(id)
  }

  private mutating func begin(_ id: AccountID) throws {
    guard !isInShard else { return carryOut { $0.handle(.woken, now: $1, outputs: &$2) } }
    guard let timer else { throw NoRequest() }
    handle(.timerFired(timer), id)
  }

  private mutating func accept(_ id: AccountID) throws {
    guard let contact = line("Contact") else { throw NoRequest() }
    var fields = request[contact]
    fields.removeLast(2)
    fields += ";expires=3600\r\n".utf8
    answer("SIP/2.0 200 OK\r\n", fields, id)
  }

  /// The request's own fields come back, which costs this side little.
  private mutating func answer(_ start: StaticString, _ field: ArraySlice<UInt8>, _ id: AccountID) {
    var response: [UInt8] = []
    response.reserveCapacity(1_024)
    start.withUTF8Buffer { response += $0 }
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] as [StaticString] {
      if let line = line(name) { response += request[line] }
    }
    response += field
    response += "Content-Length: 0\r\n\r\n".utf8
    let event = Event.received(response, Flow(target: Self.peer))
    guard !isInShard else {
      return carryOut {
        $0.take(event, now: $1, outputs: &$2)
        $0.finish(now: $1, outputs: &$2)
      }
    }
    handle(event, id)
  }

  /// Where the field of this name stands, with the end of its line.
  private func line(_ name: StaticString) -> Range<Int>? {
    var start = 0
    while let end = request[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let isNamed = name.withUTF8Buffer { request[start...].starts(with: $0) }
      if isNamed, request[start + name.utf8CodeUnitCount] == UInt8(ascii: ":") { return start..<end + 1 }
      start = end + 1
    }
    return nil
  }

  /// As a shard does, on a disk that takes no time.
  private mutating func carryOut(_ step: (inout ShardCore, Instant, inout Outputs) -> Void) {
    step(&shard, now, &outputs)
    while !outputs.lookups.isEmpty {
      let lookups = outputs.lookups
      outputs.lookups = []
      for lookup in lookups {
        let location = Location.ways([Way(target: Self.peer, local: Self.local)])
        shard.handle(.located(lookup.question, location, lasting: lookup.hop), now: now, outputs: &outputs)
      }
    }
    if let last = outputs.sends.last { request = last.bytes }
    let reservations = outputs.reservations
    outputs.removeAll()
    if !reservations.isEmpty {
      carryOut { $0.handle(.stored(reservations, forgotten: []), now: $1, outputs: &$2) }
    }
  }

  private mutating func handle(_ event: Event, _ id: AccountID) {
    var events = [event]
    while let event = events.popLast() {
      effects.removeAll(keepingCapacity: true)
      agent.handle(event, now: now, effects: &effects)
      for effect in effects {
        switch effect {
        case .send(let bytes, _, _): request = bytes
        case .setTimer(let set, _): if set.kind == .registration { timer = set }
        case .locate(_, let question):
          events.append(.located(question, .ways([Way(target: Self.peer, local: Self.local)])))
        case .store(let id, let record): events.append(.stored(id, key: record.key, cSeqCeiling: record.cSeqCeiling))
        // Whatever else is wanted is done by somebody else.
        default: break
        }
      }
    }
  }
}

extension Benchmark {
  /// The core's part of a first registration, with its challenge.
  static func registrations(_ count: Int, hasPassword: Bool) throws -> () throws -> Void {
    {
      var exchange = Exchange()
      for number in 0..<count { try exchange.register(number, hasPassword: hasPassword) }
    }
  }

  /// The core's part of a refresh: one request, one answer.
  static func refreshes(_ count: Int, hasPassword: Bool, inShard: Bool = false) throws -> () throws -> Void {
    var exchange = Exchange(inShard: inShard)
    try exchange.register(0, hasPassword: hasPassword)
    return { for _ in 0..<count { try exchange.refresh(0) } }
  }
}
