import SIPMessage
import SIPTransaction
import SIPUserAgent
import Synchronization

/// A script for an account or several, and what has to come of it. A line is a comment (`#`), a command (`>`) or part of the
/// trace that the command above it leads to:
///
///     > account bob                              whom the commands that follow are for; alice until then
///     > host p1.test 192.0.2.10 192.0.2.11      the addresses of a name; without any, a lookup fails
///     > set expires=300 probe=never registrar=sip:example.test     before `add`, or for `change`
///     > route sip:p1.test;lr sip:p2.test;lr      a route of the account, each line another one
///     > add | change | refresh | pause | resume | remove | stop
///     > advance 30s                              timers fire, nobody answers
///     > wait                                     until a REGISTER of its own leaves, a day at most
///     > local 192.0.2.9                          what the system sends from now on; then: moved
///     > seen 198.51.100.1 40001                  where peers see requests come from
///     > respond 401 WWW-Authenticate: Digest realm="r", nonce="n" | Server: x
///     > sendfails                                the last request could not be sent
///     > crash                                    the process is gone, and starts again with its records
///
/// Copies of a request are counted, not shown. The store and the resolver answer at once. A 200 without header fields
/// lists the Contact that was asked for. Once there are several accounts, a line of the trace names whose it is.
///
/// Chance is one number for all who ask at one moment, and follows from the moment alone: how often one asks changes
/// nothing of what comes later.
struct Scenario {
  struct Unreadable: Error { var line: String }

  private final class Chance: RandomNumberGenerator, Sendable {
    private let number = Atomic<UInt64>(0)

    func next() -> UInt64 { number.load(ordering: .relaxed) }

    /// - Parameter number: of a newcomer, whose identity is of chance and no other's
    func set(_ now: Instant, number newcomer: Int = 0) {
      var mixer = Bench.Chance(state: now.nanoseconds &+ UInt64(newcomer))
      number.store(mixer.next() ^ mixer.next() >> 32, ordering: .relaxed)
    }
  }

  private struct Person {
    let id: AccountID
    var account: Account
    var routes: [RouteSet] = []
    var record: RegistrationRecord?
    var isAdded = false
    var lastSent: [UInt8] = []
    /// Of that, since anything else was noted of the account.
    var copies = 0
  }

  private var bench: Bench
  private let chance = Chance()
  private var people: [String: Person]
  private var name = "alice"
  private var start: Instant
  private var hosts: [String: [IPAddress]] = [:]
  private var trace: [String] = []
  /// Whose copies the last lines of the trace count.
  private var repeating: [String] = []

  init() throws {
    bench = try Bench()
    start = bench.now
    people = ["alice": Person(id: Bench.id, account: bench.account)]
    chance.set(start)
    bench.agent = UserAgent(random: chance)
  }

  private var person: Person {
    get {
      guard let person = people[name] else { preconditionFailure("there is no \(name)") }
      return person
    }
    set { people[name] = newValue }
  }

  private var id: AccountID { person.id }

  /// The script with the trace that really comes of it.
  static func run(_ script: String) throws -> String {
    var scenario = try Scenario()
    var lines: [String] = []
    for line in script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix(">") {
        (scenario.trace, scenario.repeating) = ([], [])
        try scenario.perform(line.dropFirst().split(separator: " ").map(String.init), line)
        lines.append(line)
        lines += scenario.trace
      } else if line.hasPrefix("#") || line.isEmpty {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Commands

  private mutating func perform(_ words: [String], _ line: String) throws {
    let rest = Array(words.dropFirst())
    switch words.first {
    case "account":
      name = rest.first ?? ""
      if people[name] == nil { people[name] = try newcomer(name) }
    case "host": hosts[rest.first ?? ""] = rest.dropFirst().compactMap { IPAddress($0) }
    case "set": for pair in rest { try set(pair, line) }
    case "route":
      person.routes.append(RouteSet(proxies: try rest.map { try URI($0) }))
      person.account.routes = person.routes
    case "add":
      person.isAdded = true
      handle(.add(id, person.account, person.record))
    case "change": handle(.change(id, person.account))
    case "refresh": handle(.refresh(id))
    case "pause": handle(.pause(id))
    case "resume": handle(.resume(id))
    case "remove": handle(.remove(id))
    case "stop": handle(.stop(id))
    case "moved": handle(.moved(id))
    case "local": bench.localAddress = try endpoint(rest + ["5060"], line)
    case "seen": bench.seenAs = try endpoint(rest, line)
    case "advance":
      guard let seconds = rest.first.flatMap({ Int64($0.dropLast()) }) else { throw Unreadable(line: line) }
      advance(.seconds(seconds), untilSending: false)
    case "wait": advance(.seconds(86_400), untilSending: true)
    case "respond": try respond(line.drop { !$0.isNumber }.description)
    case "sendfails":
      let branch = try lastRequest().topmostVia().branch.flatMap(Branch.init)
      guard let branch else { throw Unreadable(line: line) }
      handle(.sendFailed(client: branch.transaction, reason: "connection refused"))
    case "crash":
      bench.agent = UserAgent(random: chance)
      bench.timers = [:]
      for person in people.values.filter(\.isAdded).sorted(by: { $0.id.index < $1.id.index }) {
        handle(.add(person.id, person.account, person.record))
      }
    default: throw Unreadable(line: line)
    }
    if !["account", "host", "set", "route", "local", "seen"].contains(words.first) {
      note("= \(bench.agent.stateName(of: id)?.rawValue ?? "gone")", of: name)
    }
  }

  private func newcomer(_ name: String) throws -> Person {
    let account = Account(
      name: name, addressOfRecord: try URI("sip:\(name)@example.test"), registrar: try URI("sip:example.test"),
      credentials: [Credential(username: name, password: "sesame")])
    return Person(id: AccountID(index: people.count), account: account)
  }

  /// That of the account which commands are for.
  private func lastRequest() throws -> Message {
    for bytes in bench.sent.reversed() {
      let message = try Message(parsing: bytes)
      if try message.from().uri.user?.text == name { return message }
    }
    throw Bench.NothingSent()
  }

  private func endpoint(_ words: [String], _ line: String) throws -> Endpoint {
    guard words.count == 2, let address = IPAddress(words[0]), let port = UInt16(words[1]) else {
      throw Unreadable(line: line)
    }
    return Endpoint(address: address, port: port)
  }

  private mutating func set(_ pair: String, _ line: String) throws {
    let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
    switch (parts.first, parts.last) {
    case ("expires", let value?): person.account.expires = UInt32(value) ?? 0
    case ("registrar", let value?): person.account.registrar = try URI(value)
    case ("password", let value?): person.account.credentials = [Credential(username: name, password: value)]
    case ("contact", let value?): person.account.contact.host = Host(value)
    case ("nat", "yes"): person.account.contact.followsNAT = true
    case ("probe", "never"): person.account.policy.refusedProbeInterval = nil
    default: throw Unreadable(line: line)
    }
  }

  private mutating func respond(_ text: String) throws {
    let status = Int(text.prefix(3)) ?? 0
    let fields = text.dropFirst(4).split(separator: " | ").compactMap { field -> (HeaderName, String)? in
      guard let colon = field.firstIndex(of: ":"), let name = HeaderName(Bytes(String(field[..<colon]))) else {
        return nil
      }
      return (name, String(field[field.index(after: colon)...].drop { $0 == " " }))
    }
    chance.set(bench.now)
    try bench.respond(status, fields, to: try lastRequest())
    follow()
  }

  // MARK: Events

  private mutating func handle(_ event: Event) {
    if case .add(let id, _, _, _) = event {
      chance.set(bench.now, number: Int(id.index))
    } else {
      chance.set(bench.now)
    }
    bench.handle(event)
    follow()
  }

  /// Timers one by one, so that each line has its time.
  private mutating func advance(_ duration: Duration, untilSending: Bool) {
    let end = bench.now + duration
    let former = person.lastSent
    while let (timer, instant) = bench.timers.filter({ bench.agent.isArmed($0.key) }).min(by: {
      ($0.value, $0.key.generation) < ($1.value, $1.key.generation)
    }),
      instant <= end
    {
      bench.timers[timer] = nil
      bench.now = max(bench.now, instant)
      handle(.timerFired(timer))
      if untilSending, person.lastSent != former { return }
    }
    bench.now = end
  }

  /// Writes down what is wanted, and answers what the store and the resolver answer at once.
  private mutating func follow() {
    let effects = bench.effects
    for effect in effects {
      switch effect {
      case .send(let bytes, let destination, _):
        send(bytes, to: destination.target)
      case .setTimer, .cancelTimer, .keepAlive, .close: break
      case .locate(let hop, let question): note("locate \(hop)", of: question.account)
      case .store(let id, let record):
        change(id) { $0.record = record }
        note(
          "store below \(record.cSeqCeiling)\(record.binding == nil ? "" : ", bound")"
            + "\(record.pause == nil ? "" : ", paused")", of: id)
      case .renew(let id, let renewal):
        change(id) { $0.record?.renew(renewal) }
        note("renew until \(time(renewal.expiresAt)), nc \(renewal.nonceCount)", of: id)
      case .forget(let id), .released(let id, _):
        change(id) { $0.isAdded = false }
        note("forget", of: id)
      case .stopped(let id): note("stopped", of: id)
      case .report(let id, let report): note("report \(words(report))", of: id)
      case .reportHop(let uri, .silent(let failure)): note("\(uri) fails: \(failure)")
      case .reportHop(let uri, .answers(let silence, let waiting)):
        note("\(uri) serves after \(silence.wholeSeconds)s, \(waiting) in line")
      case .reportRequest(let request):
        note("\(request.method) of \(request.from) for \(request.to): \(request.outcome)")
      case .reportHop(let uri, .registrarSilent(let registrar, let failure)):
        note("\(registrar) through \(uri) fails: \(failure)")
      case .reportHop(let uri, .flowFailed(let target, let failure, let accounts)):
        note("the flow to \(target) by \(uri) failed: \(failure), \(accounts) bound over it")
      case .reportHop(let uri, .registrarAnswers(let registrar, let silence, let waiting)):
        note("\(registrar) through \(uri) serves after \(silence.wholeSeconds)s, \(waiting) in line")
      }
    }
    for effect in effects {
      switch effect {
      case .store(let id, let record):
        bench.handle(.stored(id, key: record.key, cSeqCeiling: record.cSeqCeiling))
        follow()
      case .locate(let hop, let question):
        bench.handle(.located(question, location(of: hop.uri)))
        follow()
      case .send, .setTimer, .cancelTimer, .renew, .forget, .released, .stopped, .report, .reportHop, .reportRequest,
        .keepAlive, .close:
        break
      }
    }
  }

  private mutating func change(_ id: AccountID, _ body: (inout Person) -> Void) {
    guard let name = name(of: id), var person = people[name] else { return }
    body(&person)
    people[name] = person
  }

  private func name(of id: AccountID) -> String? { people.first { $0.value.id == id }?.key }

  private func location(of uri: URI) -> Location {
    let addresses = uri.host.flatMap { hosts[$0.description] } ?? []
    guard !addresses.isEmpty else { return .failed("no such host") }
    return .ways(
      addresses.map {
        Way(
          target: Target(transport: .udp, endpoint: Endpoint(address: $0, port: uri.port ?? 5060)),
          local: bench.localAddress)
      })
  }

  // MARK: Words

  private mutating func note(_ text: String, of id: AccountID) { note(text, of: name(of: id)) }

  /// - Parameter name: of the account it is about; nil: of none
  private mutating func note(_ text: String, of name: String? = nil) {
    for each in people.keys where name == nil || each == name { people[each]?.copies = 0 }
    repeating = []
    append(text, of: name)
  }

  private mutating func append(_ text: String, of name: String?) {
    let subject = people.count > 1 ? name.map { "\($0): " } ?? "" : ""
    trace.append("  \(time(bench.now)) \(subject)\(text)")
  }

  private mutating func send(_ bytes: [UInt8], to target: Target) {
    let sender = Self.sender(of: bytes) ?? name
    guard people[sender]?.lastSent == bytes else {
      people[sender]?.lastSent = bytes
      return note("send \(Self.words(bytes)) to \(target)", of: sender)
    }
    if let index = repeating.firstIndex(of: sender) {
      trace.remove(at: trace.count - repeating.count + index)
      repeating.remove(at: index)
    }
    people[sender]?.copies += 1
    repeating.append(sender)
    append("again, copy \(people[sender]?.copies ?? 0)", of: sender)
  }

  private static func sender(of bytes: [UInt8]) -> String? {
    (try? Message(parsing: bytes).from())?.uri.user?.text
  }

  func time(_ instant: Instant) -> String {
    let tenths = (instant - start).wholeNanoseconds / 100_000_000
    return "\(tenths / 10).\(tenths % 10)s"
  }
}
