import NIOConcurrencyHelpers
import NIOCore
import SIPMessage
import SIPTransport

/// An element on a transport layer, and the faults of the wire between them.
///
/// Messages are answered on the threads they come on, a batch at a time; whoever else wants the element takes the same
/// lock, which nobody holds for longer than a batch.
final class Station<Served: Element>: Sendable {
  fileprivate struct State {
    var element: Served?
    var chance: SplitMix
  }

  private let eventLoop: any EventLoop
  private let state: NIOLockedValueBox<State>
  private let transport = NIOLockedValueBox<TransportLayer?>(nil)

  init(on eventLoop: any EventLoop, seed: UInt64) {
    self.eventLoop = eventLoop
    state = NIOLockedValueBox(State(chance: SplitMix(state: seed)))
  }

  /// Binds, and lets `make` have the port that came of it. Blocks.
  func start(_ settings: TransportSettings, address: IPAddress, _ make: (Endpoint) -> Served) throws(BindError)
    -> Endpoint
  {
    let layer = TransportLayer(settings: settings, eventLoop: eventLoop) { [weak self] in self?.receive($0) }
    try layer.bind()
    let endpoint = Endpoint(address: address, port: layer.localPort)
    let element = make(endpoint)
    transport.withLockedValue { $0 = layer }
    state.withLockedValue { $0.element = element }
    return endpoint
  }

  /// Blocks.
  func stop() {
    transport.withLockedValue { layer in
      defer { layer = nil }
      return layer
    }?.shutdown()
  }

  /// nil before `start`.
  func withElement<Result: Sendable>(_ body: (inout Served) -> Result) -> Result? {
    state.withLockedValue { state in state.element.map { _ in body(&state.element!) } }
  }

  // MARK: Messages

  private func receive(_ events: [TransportEvent]) {
    let now = Instant.now
    let (batch, delay) = state.withLockedValue { $0.answers(to: events, at: now) }
    guard !batch.isEmpty, let layer = transport.withLockedValue({ $0 }) else { return }
    guard delay > .zero else { return layer.send(batch) }
    eventLoop.scheduleTask(in: TimeAmount(delay)) { layer.send(batch) }
  }
}

extension Station.State {
  fileprivate mutating func answers(to events: [TransportEvent], at now: Instant) -> ([Outbound], Duration) {
    guard element != nil, let faults = element?.faults, !faults.isSilent else { return ([], .zero) }
    var batch: [Outbound] = []
    batch.reserveCapacity(events.count)
    for case .received(let bytes, let flow) in events {
      if isLost(flow.target.transport, faults) { continue }
      guard let outbound = element?.receive(bytes, over: flow, at: now) else { continue }
      if isLost(outbound.transport, faults) { continue }
      batch.append(outbound)
    }
    return (batch, faults.delay)
  }

  private mutating func isLost(_ transport: TransportProtocol, _ faults: Faults) -> Bool {
    faults.lossPercent > 0 && !transport.isReliable && chance.next() % 100 < UInt64(faults.lossPercent)
  }
}

extension Instant {
  static var now: Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }
}

extension Outbound {
  fileprivate var transport: TransportProtocol {
    switch destination {
    case .target(let target): target.transport
    case .flow(let flow): flow.target.transport
    }
  }
}
