import SIPMessage
import SIPUserAgent
import ShardCore

/// What leaves this host, what becomes of it on its way, and what comes back.
extension World {
  mutating func send(_ sending: Sending) {
    let (bytes, target) = (sending.bytes, sending.destination.target)
    note("  send \(Story.words(bytes)) to \(target)")
    let (store, accounts, plan) = (store, accounts, plan)
    watch.sent(
      bytes, to: target,
      ceiling: { address in
        Plan.index(address).flatMap { index in
          (accounts[index] ?? plan.known(index)).flatMap { store.nextBeginning(of: $0) }
        }
      }, now: now)
    guard let site = sites.first(where: { $0.endpoint == target.endpoint }) else { return }
    if plan.fault == .duplicatesAsNew, !lastRegister.isEmpty, chances.network.happens(0.05) {
      watch.sent(lastRegister, to: target, ceiling: { _ in .max }, now: now)
    }
    lastRegister = bytes
    if site.health == .refusing, let client = sending.client {
      watch.lost(bytes)
      agenda.add(.sendFailed(client), at: now)
      return
    }
    if target.transport.isReliable {
      let connection = streams.connection(to: target, for: sending.client, bytes)
      agenda.add(
        .toSite(site.number, bytes, from: outside, over: connection), at: now + chances.network.duration(2...60))
      return
    }
    if site.health == .unreachable, chances.network.happens(0.7) {
      agenda.add(.unreachable(target), at: now + chances.network.duration(1...200))
    }
    transmit(.toSite(site.number, bytes, from: outside, over: 0))
  }

  /// An address is known at once; a name is asked for.
  mutating func locate(_ lookup: Lookup, _ outputs: inout Outputs) {
    let (hop, uri, question) = (lookup.hop, lookup.hop.uri, lookup.question)
    let found = Location.ways(
      Site.numbers(of: uri).map {
        Way(
          target: Target(transport: uri.transport ?? .udp, endpoint: sites[$0].endpoint), local: local)
      })
    if case .address? = uri.host {
      note("  \(uri) is known")
      count(.located(question, found, lasting: hop))
      core?.handle(.located(question, found, lasting: hop), now: now, outputs: &outputs)
      return
    }
    note("  look up \(uri)")
    switch lookups {
    case .working: agenda.add(.located(question, found), at: now + chances.network.duration(0...30))
    case .slow: agenda.add(.located(question, found), at: now + chances.network.duration(1_000...40_000))
    case .failing: agenda.add(.located(question, .failed("SERVFAIL")), at: now + chances.network.duration(0...5_000))
    case .silent: break
    }
  }

  // MARK: The way there and back

  /// Lost, doubled, late, or as it should be.
  private mutating func transmit(_ message: Occurrence, after delay: Duration = .zero) {
    let copies = chances.network.happens(plan.duplication) ? 2 : 1
    for _ in 0..<copies where !chances.network.happens(loss) {
      let transit =
        chances.network.happens(plan.reordering)
        ? chances.network.duration(10...3_000) : chances.network.duration(1...40)
      agenda.add(message, at: now + delay + transit)
    }
  }

  mutating func arrive(_ bytes: [UInt8], at number: Int, from source: Endpoint, over connection: UInt32) {
    let site = sites[number]
    if connection != 0, !streams.isOpen(connection) { return }
    switch site.health {
    case .silent, .refusing, .unreachable: break
    case .up, .slow:
      let delay = site.health == .slow ? chances.network.duration(5_000...20_000) : .zero
      guard let answer = registrar.answer(bytes, from: source, site: number, now: now) else { return }
      if chances.network.happens(0.1) { reply(100, "Trying", to: bytes, from: site, source, connection) }
      reply(answer, from: site, to: source, connection, after: delay)
    case .unavailable(let retryAfter):
      let fields = retryAfter.map { [(HeaderName.retryAfter, Array($0.utf8))] } ?? []
      reply(503, "Service Unavailable", to: bytes, from: site, source, connection, fields)
    case .failing(let status): reply(status, "Failing", to: bytes, from: site, source, connection)
    }
  }

  private mutating func reply(
    _ status: Int, _ reason: String, to request: [UInt8], from site: Site, _ source: Endpoint, _ connection: UInt32,
    _ fields: [(HeaderName, [UInt8])] = []
  ) {
    guard let answer = Site.response(status, reason, to: request, source, fields) else { return }
    reply(answer, from: site, to: source, connection)
  }

  private mutating func reply(
    _ answer: [UInt8], from site: Site, to source: Endpoint, _ connection: UInt32, after delay: Duration = .zero
  ) {
    let target = Target(transport: connection == 0 ? .udp : .tcp, endpoint: site.endpoint)
    let message = Occurrence.toCore(answer, Flow(target: target, connection: connection), at: source)
    guard connection != 0 else { return transmit(message, after: delay) }
    agenda.add(message, at: now + delay + chances.network.duration(2...60))
  }
}
