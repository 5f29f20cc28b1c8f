import SIPMessage
import SIPTransaction
import SIPUserAgent
import ShardCore

/// Many accounts behind the same proxies in virtual time, with a network that only knows which proxy is there.
struct Crowd {
  private enum Happening {
    case wake
    case arrives([UInt8], at: Endpoint)
    case returns([UInt8], from: Endpoint)
  }

  static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
  static let trip: Duration = .milliseconds(10)

  private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
  private var shell: PromptShell
  private var agenda = Agenda<Happening>()
  /// By proxy: the last number of its address. Those that are not here are silent.
  var alive: Set<UInt32> = []
  let count: Int
  /// New REGISTERs in each second, without copies.
  var starts: [Int: Int] = [:]
  private(set) var copies = 0
  /// What each account has asked and not been answered, and the most accounts there ever were in it.
  private var open: [Int: (bytes: [UInt8], since: Instant)] = [:]
  var mostOpen = 0
  private(set) var boundAt: [Int: UInt32] = [:]
  private(set) var registrations: [(at: Instant, account: Int)] = []
  private(set) var lapses = 0
  private(set) var hopReports: [HopReport] = []

  init(_ count: Int, proxies: [String], expires: UInt32, rate: Int = 300) throws {
    self.count = count
    var settings = UserAgent.Settings()
    settings.registrationsPerSecond = rate
    shell = PromptShell(settings, seed: 1) { Self.location(of: $0) }
    let routes = try proxies.map { RouteSet(proxies: [try URI("sip:\($0);lr")]) }
    let arrivals = try shell.reserve(count).enumerated().map { index, id in
      Arrival(
        id: id,
        account: Account(
          name: "u\(index)", addressOfRecord: try URI("sip:u\(index)@example.test"),
          registrar: try URI("sip:example.test"), routes: routes, expires: expires))
    }
    carryOut(shell.handle(.add(arrivals, from: nil), now: now))
  }

  static func proxy(_ number: UInt32) -> Endpoint { Endpoint(address: .v4(0x0A00_0000 + number), port: 5060) }

  var registered: Int { shell.core.agent.counts[.registered] + shell.core.agent.counts[.refreshing] }

  mutating func run(for duration: Duration, until isOver: (Crowd) -> Bool = { _ in false }) {
    let end = now + duration
    while let next = agenda.next, next <= end, !isOver(self) {
      guard let (instant, happening) = agenda.pop() else { return }
      now = instant
      switch happening {
      case .wake: if shell.wakesAt == now { carryOut(shell.handle(.woken, now: now)) }
      case .arrives(let bytes, let proxy): answer(bytes, at: proxy)
      case .returns(let bytes, let proxy): returned(bytes, from: proxy)
      }
    }
    if !isOver(self) { now = end }
  }

  private mutating func carryOut(_ outputs: Outputs) {
    for sending in outputs.sends { send(sending.bytes, to: sending.destination.target.endpoint) }
    lapses += outputs.happenings.count { $0.report == .lapsed }
    hopReports += outputs.hopReports.map(\.report)
    if outputs.wakeAt != nil, let instant = shell.wakesAt { agenda.add(.wake, at: instant) }
  }

  /// `sip:p7.test` is at 10.0.0.7.
  private static func location(of uri: URI) -> Location {
    let number = uri.description.drop { !$0.isNumber }.prefix { $0.isNumber }
    let target = Target(transport: .udp, endpoint: proxy(UInt32(number) ?? 0))
    return .ways([Way(target: target, local: local)])
  }

  private mutating func send(_ bytes: [UInt8], to proxy: Endpoint) {
    guard let account = Self.account(bytes) else { return }
    if open[account]?.bytes == bytes {
      copies += 1
    } else {
      // Whatever the account asked before has ended: one at a time.
      open[account] = (bytes, now)
      if open.count > mostOpen { open = open.filter { now < $0.value.since + TimerValues.standard.timerF } }
      starts[second(now), default: 0] += 1
      mostOpen = max(mostOpen, open.count)
    }
    agenda.add(.arrives(bytes, at: proxy), at: now + Self.trip)
  }

  func second(_ instant: Instant) -> Int { Int(instant.nanoseconds / 1_000_000_000) }

  private static func account(_ bytes: [UInt8]) -> Int? {
    guard let user = (try? Message(parsing: bytes)).flatMap({ try? $0.to() })?.uri.user else { return nil }
    return Int(user.text.dropFirst())
  }

  private mutating func answer(_ bytes: [UInt8], at proxy: Endpoint) {
    guard case .v4(let address) = proxy.address, alive.contains(address - 0x0A00_0000),
      let request = try? Message(parsing: bytes), let contact = request.first(.contact)
    else { return }
    let response = request.response(
      status: 200, reason: "OK", toTag: "r", receivedFrom: Self.local, adding: [(.contact, Array(contact))])
    agenda.add(.returns(response, from: proxy), at: now + Self.trip)
    guard let account = Self.account(bytes) else { return }
    open[account] = nil
    boundAt[account] = address - 0x0A00_0000
    registrations.append((now, account))
  }

  private mutating func returned(_ bytes: [UInt8], from proxy: Endpoint) {
    carryOut(shell.take(.received(bytes, Flow(target: Target(transport: .udp, endpoint: proxy))), now: now))
  }

  func isRegistered(since instant: Instant) -> Bool { registrations.last.map { $0.at > instant } ?? false }

  /// The second with the most REGISTERs from `instant` on.
  func busiestSecond(since instant: Instant) -> Int {
    starts.filter { $0.key >= second(instant) }.values.max() ?? 0
  }

  mutating func forgetStarts() { starts = [:] }
}
