import Dispatch
import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// The UDP sockets of a transport layer, one for each address family and more for profiles with ports of their own, and the
/// soundings of those who do not answer.
final class DatagramSockets: Sendable {
  /// Sockets beside the layer's own; each is a thread.
  private static let mostOthers = 64

  private struct Place: Hashable {
    var port: UInt16
    var isV6: Bool
  }

  private struct State {
    /// Of profiles, opened when they are needed and open as long as a profile names them.
    var others: [Place: DatagramPort] = [:]
    var unused = UnusedPorts<Place>()
    /// Of ports that are closed.
    var formerOverflow: UInt64 = 0
    var portV4: DatagramPort?
    var portV6: DatagramPort?
    var isShutDown = false

    subscript(ofV6 isV6: Bool) -> DatagramPort? {
      get { isV6 ? portV6 : portV4 }
      set { if isV6 { portV6 = newValue } else { portV4 = newValue } }
    }

    /// That of a profile, which may be the layer's own.
    func port(_ number: UInt16, isV6: Bool) -> DatagramPort? {
      others[Place(port: number, isV6: isV6)] ?? (self[ofV6: isV6]?.endpoint.port == number ? self[ofV6: isV6] : nil)
    }
  }

  private let settings: TransportSettings
  private let permit: SendingPermit
  private let eventLoop: any EventLoop
  private let counters: CounterStore
  private let deliver: @Sendable ([TransportEvent]) -> Void
  private let soundings: Soundings
  private let knownPeers: KnownPeers
  private let localTerms: LocalTerms
  private let budget = NIOLockedValueBox(AnswerBudget(seed: .random(in: 0 ... .max)))
  private let state = NIOLockedValueBox(State())

  init(
    settings: TransportSettings, permit: SendingPermit, eventLoop: any EventLoop, counters: CounterStore,
    knownPeers: KnownPeers, localTerms: LocalTerms,
    deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.permit = permit
    self.eventLoop = eventLoop
    self.counters = counters
    self.deliver = deliver
    self.knownPeers = knownPeers
    self.localTerms = localTerms
    soundings = Soundings(
      settings: settings, permit: permit, localTerms: localTerms, eventLoop: eventLoop, deliver: deliver)
  }

  /// Binds one socket; answers with the port it got.
  func bind(_ endpoint: Endpoint) throws(TransportFailure) -> UInt16 {
    let port = try port(at: endpoint)
    state.withLockedValue { $0[ofV6: endpoint.address.isV6] = port }
    return port.endpoint.port
  }

  private func port(at endpoint: Endpoint) throws(TransportFailure) -> DatagramPort {
    try DatagramPort(
      endpoint, settings: settings, permit: permit, eventLoop: eventLoop, counters: counters
    ) { [soundings, deliver] events in
      soundings.heard(events)
      deliver(events)
    }
  }

  /// Binds a port of a profile, unless it is open. From any thread.
  func open(_ port: UInt16, isV6: Bool) throws(TransportFailure) {
    let place = Place(port: port, isV6: isV6)
    try state.withLockedValue { state -> Result<Void, TransportFailure> in
      guard state.others[place] == nil, state[ofV6: isV6]?.endpoint.port != port else { return .success(()) }
      guard !state.isShutDown, let address = settings.address(ofV6: isV6) else { return .failure(.init(.closed)) }
      guard state.others.count < Self.mostOthers else {
        return .failure(TransportFailure(.noBuffers, detail: "\(Self.mostOthers) ports are open"))
      }
      do throws(TransportFailure) {
        state.others[place] = try self.port(at: Endpoint(address: address, port: port))
        return .success(())
      } catch {
        return .failure(error)
      }
    }.get()
  }

  /// Whether this is a port of a profile, and open. From any thread.
  func hasOpened(_ port: UInt16, isV6: Bool) -> Bool {
    state.withLockedValue { $0.others[Place(port: port, isV6: isV6)] != nil }
  }

  /// Other profiles have come: the ports that none of them names are closed, when what is under way from there has had its
  /// time. From any thread.
  func closeUnused() {
    let now = NIODeadline.now()
    let isAnyUnused = state.withLockedValue { state in
      state.unused.note(unused(among: state), now: now)
      return !state.unused.isEmpty
    }
    guard isAnyUnused else { return }
    let delay = DispatchTimeInterval.milliseconds(Int(settings.unusedPortDelay.milliseconds))
    DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + delay) { [weak self] in self?.closeUnusedNow() }
  }

  private func unused(among state: State) -> Set<Place> {
    let wanted = localTerms.ports
    return Set(state.others.keys.filter { !wanted.contains($0.port) })
  }

  private func closeUnusedNow() {
    let ports = state.withLockedValue { state in
      // Whoever brought other profiles a moment ago has not said so here yet.
      let unused = unused(among: state)
      let places = state.unused.take(unusedFor: TimeAmount(settings.unusedPortDelay), now: .now())
      let ports = places.filter(unused.contains).compactMap { state.others.removeValue(forKey: $0) }
      state.formerOverflow += ports.reduce(0) { $0 + UInt64($1.overflow) }
      return ports
    }
    for port in ports { port.close() }
  }

  /// Why the port of a profile is not there, in words; nil: it is, or there is none.
  func obstacle(of profile: ProfileID) -> String? {
    for isV6 in [false, true] where settings.address(ofV6: isV6) != nil {
      guard let departure = try? localTerms.departure(of: profile, isV6: isV6), departure.port != 0 else { continue }
      do throws(TransportFailure) {
        try open(departure.port, isV6: isV6)
      } catch {
        // A host without this family is no matter of the port.
        if error.kind != .unsupported, error.kind != .addressUnavailable { return "port \(departure.port): \(error)" }
      }
    }
    return nil
  }

  /// Of one address family, in order. From any thread; whatever does not leave comes back on the event loop.
  func send(_ all: [Outbound], isV6: Bool) {
    let (batch, lost) = directed(withinBudget(all), isV6: isV6)
    var failures = lost
    if localTerms.areInUse {
      for port in Set(batch.map(\.departure.port)) {
        failures += send(batch.filter { $0.departure.port == port }, from: port, isV6: isV6)
      }
    } else {
      failures += send(batch, from: 0, isV6: isV6)
    }
    guard !failures.isEmpty else { return }
    counters.update { $0.sendFailures += UInt64(failures.count) }
    eventLoop.execute { [deliver, failures] in deliver(failures) }
  }

  /// - Parameter number: of the port; 0: that of the layer
  private func send(_ batch: [Outbound], from number: UInt16, isV6: Bool) -> [TransportEvent] {
    let (port, isShutDown) = state.withLockedValue { state in
      (number == 0 ? state[ofV6: isV6] : state.port(number, isV6: isV6), state.isShutDown)
    }
    guard let port else {
      let failure = TransportFailure(
        isShutDown ? .closed : .unreachable, detail: "no socket for \(isV6 ? "IPv6" : "IPv4")")
      return batch.map { .sendFailed(token: $0.token, failure) }
    }
    soundings.sent(batch)
    return port.send(batch)
  }

  /// With where each leaves from; and what does not, since that is not there. An answer leaves from where requests go there.
  private func directed(_ batch: [Outbound], isV6: Bool) -> (batch: [Outbound], failures: [TransportEvent]) {
    guard localTerms.areInUse else { return (batch, []) }
    var failures: [TransportEvent] = []
    let directed = batch.compactMap { outbound -> Outbound? in
      var (outbound, profile) = (outbound, outbound.destination.target.profile)
      if outbound.token == Outbound.answer { profile = knownPeers.profile(of: outbound.destination.target.endpoint) }
      do throws(TransportFailure) {
        outbound.departure = try localTerms.departure(of: profile, isV6: isV6)
        if outbound.departure.port != 0 { try open(outbound.departure.port, isV6: isV6) }
        return outbound
      } catch {
        failures.append(.sendFailed(token: outbound.token, error))
        return nil
      }
    }
    return (directed, failures)
  }

  /// Requests go to whom we know from then on, and strangers get as many answers as they may.
  private func withinBudget(_ batch: [Outbound]) -> [Outbound] {
    var isAnswering = false
    var latest: Target?
    for outbound in batch {
      if outbound.token == Outbound.answer {
        isAnswering = true
      } else if case .target(let target) = outbound.destination, target != latest {
        latest = target
        knownPeers.note(target.endpoint, by: target.profile)
      }
    }
    guard isAnswering else { return batch }
    let now = NIODeadline.now().uptimeNanoseconds
    let kept = budget.withLockedValue { budget in
      batch.filter { outbound in
        let peer = outbound.destination.target.endpoint
        guard outbound.token == Outbound.answer, !knownPeers.contains(peer) else { return true }
        return budget.take(
          for: peer.address, knownPeers.contains(peer.address) ? .neighbour : .stranger, now: now)
      }
    }
    if kept.count < batch.count { counters.update { $0.answersWithheld += UInt64(batch.count - kept.count) } }
    return kept
  }

  /// Datagrams that the system dropped since the sockets were bound.
  var overflow: UInt64 {
    let (ports, former) = state.withLockedValue { state in
      ([state.portV4, state.portV6].compactMap(\.self) + state.others.values, state.formerOverflow)
    }
    return ports.reduce(former) { $0 + UInt64($1.overflow) }
  }

  /// What goes there fails from now on with a reason. Blocks until the port is free.
  func close(ofV6 isV6: Bool) {
    let port = state.withLockedValue { state in
      defer { state[ofV6: isV6] = nil }
      return state[ofV6: isV6]
    }
    port?.close()
  }

  /// Blocks; not for the threads that deliver.
  func shutdown() {
    let others = state.withLockedValue { state in
      state.isShutDown = true
      defer { state.others = [:] }
      return Array(state.others.values)
    }
    for port in others { port.close() }
    for isV6 in [false, true] { close(ofV6: isV6) }
    // Last: what was sent a moment ago may have begun another.
    soundings.stop()
  }
}
