import SIPMessage
import SIPUserAgent
import ShardCore

/// A NAT between this host and all others, where a world has one: they see it come from an address of the box, and what is
/// sent to a port that it has given up reaches nobody.
struct Middlebox {
  /// Where peers see us; nil: there is no box.
  private(set) var outside: Endpoint?

  init(isThere: Bool) {
    if isThere { outside = Endpoint(address: .v4(0xCB00_7101), port: 20_000) }
  }

  /// What it had in memory is gone: from here on we come from another port.
  mutating func forget() { outside = outside.map { Endpoint(address: $0.address, port: $0.port % 60_000 + 1) } }
}

extension World {
  /// Where peers see us, and what they send has to be sent.
  var outside: Endpoint { middlebox.outside ?? local }

  /// What keeps a flow open, and what comes back for it: half of the sites know what it is.
  mutating func send(_ keepAlive: KeepAliveSending) {
    let target = keepAlive.target
    guard let site = sites.first(where: { $0.endpoint == target.endpoint }), site.health != .refusing else { return }
    let source = outside
    switch keepAlive.probe {
    case .binding(let question):
      guard !chances.flows.happens(loss) else { return }
      let answer = BindingAnswer(transaction: question, mapped: source)
      agenda.add(
        .keepAliveAnswer(site.number, .bindingAnswered(answer, Flow(target: target)), at: source),
        at: now + chances.flows.duration(1...80))
    case .ping:
      guard let number = streams.number(to: target) else { return }
      let flow = Flow(target: target, connection: number)
      agenda.add(.keepAliveAnswer(site.number, .pong(flow), at: source), at: now + chances.flows.duration(1...80))
    case .lineEnds: break
    }
  }

  /// The way back of it.
  mutating func bring(_ event: Event, from number: Int, at destination: Endpoint) {
    let isKnown = number.isMultiple(of: 2)
    guard core != nil, isKnown, destination == outside else { return }
    switch sites[number].health {
    case .silent, .refusing, .unreachable: return
    case .up, .slow, .unavailable, .failing: break
    }
    if case .pong(let flow) = event, !streams.isOpen(flow.connection) { return }
    if case .bindingAnswered = event, chances.flows.happens(loss) { return }
    take(event)
  }

  /// The core gives a connection up.
  mutating func close(_ dead: DeadConnection) {
    note("  close \(dead.flow.connection): \(dead.reason)")
    guard streams.isOpen(dead.flow.connection) else { return }
    agenda.add(.closed(dead.flow.connection, dead.reason), at: now)
  }
}
