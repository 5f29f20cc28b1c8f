import SIPMessage
import SIPTransaction

/// Transactions of INVITE and others, of both sides, with whatever is said to them and in any order. Nothing may trap, and
/// once everybody has lost interest and time has passed, nothing may be left.
///
/// The input is steps, with a NUL byte between two. The first byte of a step says what happens; every step without such a
/// byte is a message as it came, in which the byte 1 stands for the branch of the newest request.
struct InviteProbe {
  private static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
  private static let peer = Endpoint(address: .v4(0xC000_0202), port: 5060)
  /// Rounds of the end: a timer of each transaction may be followed by another.
  private static let mostRounds = 10_000

  private var layer = TransactionLayer()
  private var actions: [TransactionAction] = []
  private var now = Instant(nanoseconds: 1_000_000_000)
  private var timers: [(timer: TransactionTimer, at: Instant)] = []
  private var clients: [Branch] = []
  private var servers: [ServerTransactionID] = []
  private var isReliable = false

  static func run(_ bytes: [UInt8]) {
    var probe = InviteProbe()
    for step in bytes.split(separator: 0) { probe.take(step) }
    probe.finish()
  }

  private var flow: Flow { Flow(target: target, connection: isReliable ? 1 : 0) }
  private var target: Target { Target(transport: isReliable ? .tcp : .udp, endpoint: Self.peer) }

  private mutating func take(_ step: ArraySlice<UInt8>) {
    guard let first = step.first else { return }
    switch first {
    case UInt8(ascii: "i"): start(.invite)
    case UInt8(ascii: "r"): start(.register)
    case UInt8(ascii: "T"): isReliable.toggle()
    case UInt8(ascii: "c"): clients.forEach { layer.cancel($0.transaction, now: now, actions: &actions) }
    case UInt8(ascii: "a"): if let client = clients.last { layer.abandon(client.transaction) }
    case UInt8(ascii: "f"): fail()
    case UInt8(ascii: "t"): pass(.milliseconds(step.dropFirst().reduce(0) { $0 + Int($1) * 100 }))
    case 2...9: respond(Int(first) * 100 % 700)
    default: receive(step)
    }
    settle()
  }

  private mutating func start(_ method: Method) {
    let branch = layer.reserve(chance: UInt64(clients.count))
    clients.append(branch)
    layer.start(
      branch, Self.request(method, branch), user: TransactionUser(tag: 1, number: Int32(clients.count)),
      method: method, to: .target(target), local: Self.local, now: now, actions: &actions)
  }

  private static func request(_ method: Method, _ branch: Branch) -> [UInt8] {
    Array(
      """
      \(method.text) sip:b@192.0.2.2 SIP/2.0\r
      Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=\(branch)\r
      Max-Forwards: 70\r
      From: <sip:a@example.test>;tag=1\r
      To: <sip:b@example.test>\r
      Call-ID: c\r
      CSeq: 1 \(method.text)\r
      Content-Length: 0\r
      \r\n
      """.utf8)
  }

  private mutating func receive(_ step: ArraySlice<UInt8>) {
    let branch = Array((clients.last?.description ?? "z9hG4bKx").utf8)
    let bytes = step.flatMap { $0 == 1 ? branch : [$0] }
    guard let message = try? Message(parsing: bytes) else {
      return layer.received(unreadable: bytes.span, .foreignMethod, actions: &actions)
    }
    if let status = message.status {
      layer.received(response: message, status: status, now: now, actions: &actions)
    } else {
      layer.received(request: message, over: flow, now: now, actions: &actions)
    }
  }

  private mutating func respond(_ status: Int) {
    for server in servers {
      layer.respond(Array("\(status)".utf8), status: status, in: server, now: now, actions: &actions)
    }
  }

  private mutating func fail() {
    if let client = clients.last { layer.transportFailed(client: client.transaction, reason: "", actions: &actions) }
    if let server = servers.last { layer.transportFailed(server: server, reason: "", actions: &actions) }
  }

  /// Carries out what the layer wants.
  private mutating func settle() {
    while !actions.isEmpty {
      let wanted = actions
      actions = []
      for action in wanted {
        switch action {
        case .setTimer(let timer, let instant): timers.append((timer, instant))
        case .request(let request, let flow):
          let user = TransactionUser(tag: 2, number: Int32(servers.count))
          let server = layer.serve(request, over: flow, from: Self.peer, for: user, now: now, actions: &actions)
          if let server { servers.append(server) }
        case .send(let bytes, _, let client?):
          precondition((try? Message(parsing: bytes))?.isRequest == true, "\(client) sends what is no request")
        case .send, .received, .timedOut, .failed, .lost, .discarded, .acknowledged, .cancelled: break
        }
      }
    }
    timers.removeAll { !layer.isArmed($0.timer) }
  }

  private mutating func pass(_ duration: Duration) {
    let end = now + duration
    while let due = timers.filter({ $0.at <= end }).min(by: { $0.at < $1.at }) {
      now = max(now, due.at)
      layer.timerFired(due.timer, now: now, actions: &actions)
      settle()
    }
    now = end
  }

  private mutating func finish() {
    for client in clients { layer.cancel(client.transaction, now: now, actions: &actions) }
    respond(486)
    settle()
    for _ in 0..<Self.mostRounds {
      guard let last = timers.map(\.at).max() else { break }
      pass(last - now)
      // Those that heard nothing but a provisional answer before their CANCEL.
      for client in clients { layer.cancel(client.transaction, now: now, actions: &actions) }
      settle()
    }
    precondition(layer.clientCount == 0, "\(layer.clientCount) clients are left")
    precondition(layer.serverCount == 0, "\(layer.serverCount) servers are left")
  }
}
