import SIPMessage
import SIPTransaction
import SIPUserAgent

/// A script for one account and what has to come of it. A line is a comment (`#`), a command (`>`) or part of the
/// trace that the command above it leads to:
///
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
/// Copies of a request are counted, not shown. The store and the resolver answer at once. A 200 without header fields lists the Contact that was asked for.
struct Scenario {
  struct Unreadable: Error { var line: String }

  private var bench: Bench
  private var start: Instant
  private var hosts: [String: [IPAddress]] = [:]
  private var routes: [RouteSet] = []
  private var trace: [String] = []
  private var lastSent: [UInt8] = []
  private var copies = 0

  init() throws {
    bench = try Bench()
    start = bench.now
  }

  /// The script with the trace that really comes of it.
  static func run(_ script: String) throws -> String {
    var scenario = try Scenario()
    var lines: [String] = []
    for line in script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix(">") {
        scenario.trace = []
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
    case "host": hosts[rest.first ?? ""] = rest.dropFirst().compactMap { IPAddress($0) }
    case "set": for pair in rest { try set(pair, line) }
    case "route":
      routes.append(RouteSet(proxies: try rest.map { try URI($0) }))
      bench.account.routes = routes
    case "add": handle(.add(Bench.id, bench.account, bench.record))
    case "change": handle(.change(Bench.id, bench.account))
    case "refresh": handle(.refresh(Bench.id))
    case "pause": handle(.pause(Bench.id))
    case "resume": handle(.resume(Bench.id))
    case "remove": handle(.remove(Bench.id))
    case "stop": handle(.stop(Bench.id))
    case "moved": handle(.moved(Bench.id))
    case "local": bench.localAddress = try endpoint(rest + ["5060"], line)
    case "seen": bench.seenAs = try endpoint(rest, line)
    case "advance":
      guard let seconds = rest.first.flatMap({ Int64($0.dropLast()) }) else { throw Unreadable(line: line) }
      advance(.seconds(seconds), untilSending: false)
    case "wait": advance(.seconds(86_400), untilSending: true)
    case "respond": try respond(line.drop { !$0.isNumber }.description)
    case "sendfails":
      let branch = try bench.lastRequest().topmostVia().branch.flatMap(Branch.init)
      guard let branch else { throw Unreadable(line: line) }
      handle(.sendFailed(client: branch.transaction, reason: "connection refused"))
    case "crash":
      bench.agent = UserAgent(random: Bench.Chance(state: 2))
      bench.timers = [:]
      handle(.add(Bench.id, bench.account, bench.record))
    default: throw Unreadable(line: line)
    }
    if !["host", "set", "route", "local", "seen"].contains(words.first) {
      note("= \(bench.state?.rawValue ?? "gone")")
    }
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
    case ("expires", let value?): bench.account.expires = UInt32(value) ?? 0
    case ("registrar", let value?): bench.account.registrar = try URI(value)
    case ("password", let value?): bench.account.credentials = [Credential(username: "alice", password: value)]
    case ("contact", let value?): bench.account.contact.host = Host(value)
    case ("nat", "yes"): bench.account.contact.followsNAT = true
    case ("probe", "never"): bench.account.policy.refusedProbeInterval = nil
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
    try bench.respond(status, fields)
    follow()
  }

  // MARK: Events

  private mutating func handle(_ event: Event) {
    bench.handle(event)
    follow()
  }

  /// Timers one by one, so that each line has its time.
  private mutating func advance(_ duration: Duration, untilSending: Bool) {
    let end = bench.now + duration
    let former = bench.sent.last
    while let (timer, instant) = bench.timers.filter({ bench.agent.isArmed($0.key) }).min(by: {
      ($0.value, $0.key.generation) < ($1.value, $1.key.generation)
    }),
      instant <= end
    {
      bench.timers[timer] = nil
      bench.now = max(bench.now, instant)
      handle(.timerFired(timer))
      if untilSending, bench.sent.last != former { return }
    }
    bench.now = end
  }

  /// Writes down what is wanted, and answers what the store and the resolver answer at once.
  private mutating func follow() {
    let effects = bench.effects
    for effect in effects {
      switch effect {
      case .send(let bytes, let destination, _):
        if bytes == lastSent { repeated() } else { note("send \(Self.words(bytes)) to \(destination.target)") }
        lastSent = bytes
      case .setTimer, .cancelTimer: break
      case .locate(let uri, _): note("locate \(uri)")
      case .store(_, let record):
        note(
          "store below \(record.cSeqCeiling)\(record.binding == nil ? "" : ", bound")"
            + "\(record.pause == nil ? "" : ", paused")")
      case .renew(_, let renewal): note("renew until \(time(renewal.expiresAt)), nc \(renewal.nonceCount)")
      case .forget, .released: note("forget")
      case .stopped: note("stopped")
      case .report(_, let report): note("report \(words(report))")
      case .reportHop(let uri, .silent(let failure)): note("\(uri) fails: \(failure)")
      case .reportHop(let uri, .answers(let silence, let waiting)):
        note("\(uri) serves after \(silence.wholeSeconds)s, \(waiting) in line")
      case .reportRequest(let request):
        note("\(request.method) of \(request.from) for \(request.to): \(request.outcome)")
      case .reportHop(let uri, .registrarSilent(let registrar, let failure)):
        note("\(registrar) through \(uri) fails: \(failure)")
      case .reportHop(let uri, .registrarAnswers(let registrar, let silence, let waiting)):
        note("\(registrar) through \(uri) serves after \(silence.wholeSeconds)s, \(waiting) in line")
      }
    }
    for effect in effects {
      switch effect {
      case .store(let id, let record):
        bench.handle(.stored(id, key: record.key, cSeqCeiling: record.cSeqCeiling))
        follow()
      case .locate(let uri, let question):
        bench.handle(.located(question, location(of: uri)))
        follow()
      case .send, .setTimer, .cancelTimer, .renew, .forget, .released, .stopped, .report, .reportHop, .reportRequest:
        break
      }
    }
  }

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

  private mutating func note(_ text: String) {
    copies = 0
    trace.append("  \(time(bench.now)) \(text)")
  }

  private mutating func repeated() {
    if copies > 0 { trace.removeLast() }
    let count = copies + 1
    note("again, copy \(count)")
    copies = count
  }

  private func time(_ instant: Instant) -> String {
    let tenths = (instant - start).wholeNanoseconds / 100_000_000
    return "\(tenths / 10).\(tenths % 10)s"
  }

  private static func words(_ bytes: [UInt8]) -> String {
    guard let message = try? Message(parsing: bytes), case .request(let method, let uri) = message.startLine else {
      return String(decoding: bytes.prefix { $0 != 0x0D }, as: UTF8.self)
    }
    var text = "\(method.text) \(uri.text) CSeq \((try? message.cSeq())?.number ?? 0)"
    text += " Expires \(message.expires?.value ?? 0)"
    let routes = message.values(.route).map(\.text)
    if !routes.isEmpty { text += " Route \(routes.joined(separator: ", "))" }
    for name in [HeaderName.authorization, .proxyAuthorization] {
      guard let value = message.first(name), let credentials = try? DigestCredentials(parsing: value) else { continue }
      text += " \(name.text) nonce \(String(decoding: credentials.nonce, as: UTF8.self))"
      text += credentials.nonceCount.map { " nc \($0)" } ?? ""
    }
    if message.first(.supported) == nil { text += " without Path" }
    let contacts = message.values(.contact).map(\.text)
    if let own = contacts.first, !own.contains("@\(Bench.local.address)") { text += " Contact \(own)" }
    let former = contacts.dropFirst()
    if !former.isEmpty { text += " and Contact \(former.joined(separator: ", "))" }
    return text
  }

  private func words(_ report: Report) -> String {
    switch report {
    case .registered(let binding): "registered until \(time(binding.expiresAt))"
    case .refreshed(let binding): "refreshed until \(time(binding.expiresAt))"
    case .noticed(let notice): "\(notice)"
    case .step(.challenged(let status)): "challenged with \(status)"
    case .step(.longerInterval(let seconds)): "asks for \(seconds)s from now on"
    case .step(.extensions(let status, let offersPath)): "\(status), Path \(offersPath ? "offered" : "left out")"
    case .step(.redirected(let status, let uri)): "redirected with \(status) to \(uri)"
    case .discarded(let flaw): "discarded: \(flaw.name)"
    case .lapsed: "lapsed"
    case .failed(let failure, let next): "failed: \(failure), next at \(time(next))"
    case .paused(let reason, let failure, let probe):
      "paused: \(reason)\(failure.map { ", \($0)" } ?? "")\(probe.map { ", next at \(time($0))" } ?? "")"
    case .resumed: "resumed"
    case .unregistered: "unregistered"
    case .unregisterFailed(let failure): "not unregistered: \(failure)"
    }
  }
}
