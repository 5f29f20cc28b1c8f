import Datagrams
import NIOConcurrencyHelpers
import NIOCore
import SIPMessage

/// Finds out that nobody is at a UDP endpoint that does not answer: what ICMP reports is a failure of the transport (RFC
/// 3261 §18.4), and known long before Timer F.
///
/// The port's own socket, which is connected to nobody, does not hear of it, and is not to: a forged report would fail
/// what others send. So a socket of its own, connected to the endpoint, sends a keep-alive (RFC 5626 §3.5.1) there, and
/// is asked for its error from then on.
///
/// It hears of requests and answers on the threads they travel on, and looks on an event loop.
final class Soundings: Sendable {
  fileprivate struct State {
    var silences: [Target: Silence] = [:]
    var isLooking = false
  }

  fileprivate struct Silence {
    /// The first request that nothing came after.
    var since: NIODeadline
    var lastRequest: NIODeadline
    var nextSounding: NIODeadline
    var socket: ConnectedSocket?
  }

  private enum Limits {
    /// Silent endpoints that are looked after at a time; each costs a file descriptor.
    static let endpoints = 64
    static let betweenLooks = TimeAmount.milliseconds(200)
    /// T2: as often as a request itself is repeated.
    static let betweenSoundings = TimeAmount.seconds(4)
    /// Whom nothing has been sent to for longer is of no interest any more: above T2.
    static let interest = TimeAmount.seconds(5)
  }

  private static let keepAlive: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]

  private let settings: TransportSettings
  private let permit: SendingPermit
  private let localTerms: LocalTerms
  private let eventLoop: any EventLoop
  private let deliver: @Sendable ([TransportEvent]) -> Void
  private let state = NIOLockedValueBox(State())

  /// `deliver` is called on the event loop.
  init(
    settings: TransportSettings, permit: SendingPermit, localTerms: LocalTerms, eventLoop: any EventLoop,
    deliver: @escaping @Sendable ([TransportEvent]) -> Void
  ) {
    self.settings = settings
    self.permit = permit
    self.localTerms = localTerms
    self.eventLoop = eventLoop
    self.deliver = deliver
  }

  // MARK: What goes on

  /// Messages are about to leave. Answers do not count: nobody answers those.
  func sent(_ batch: [Outbound]) {
    let now = NIODeadline.now()
    state.withLockedValue { state in
      var latest: Target?
      for outbound in batch {
        guard case .target(let target) = outbound.destination, outbound.token != Outbound.answer, target != latest
        else {
          continue
        }
        latest = target
        request(to: target, now: now, &state)
      }
    }
  }

  private func request(to target: Target, now: NIODeadline, _ state: inout State) {
    guard state.silences[target] == nil else {
      state.silences[target]?.lastRequest = now
      return
    }
    guard state.silences.count < Limits.endpoints else { return }
    let patience = TimeAmount(settings.silencePatience)
    state.silences[target] = Silence(since: now, lastRequest: now, nextSounding: now + patience)
    lookLater(&state)
  }

  /// Somebody is there.
  func heard(_ events: [TransportEvent]) {
    state.withLockedValue { state in
      guard !state.silences.isEmpty else { return }
      var latest: Endpoint?
      for case .received(_, let flow) in events where flow.target.endpoint != latest {
        latest = flow.target.endpoint
        state.forget(flow.target.endpoint)
      }
    }
  }

  func stop() {
    state.withLockedValue { state in
      state.silences = [:]
    }
  }

  // MARK: Looking

  private func lookLater(_ state: inout State) {
    guard !state.isLooking, !state.silences.isEmpty else { return }
    state.isLooking = true
    eventLoop.scheduleTask(in: Limits.betweenLooks) {
      let found = self.state.withLockedValue { state in
        state.isLooking = false
        defer { self.lookLater(&state) }
        return self.look(&state, now: .now())
      }
      if !found.isEmpty { self.deliver(found) }
    }
  }

  private func look(_ state: inout State, now: NIODeadline) -> [TransportEvent] {
    var found: [TransportEvent] = []
    for (target, silence) in state.silences {
      if now - silence.lastRequest > Limits.interest {
        state.silences[target] = nil
      } else if let socket = silence.socket, let error = socket.takeError() {
        state.silences[target]?.socket = nil
        found.append(.unreachable(target, TransportFailure(errno: error.code)))
      } else if now >= silence.nextSounding {
        state.silences[target]?.socket = silence.socket ?? open(toward: target)
        state.silences[target]?.nextSounding = now + Limits.betweenSoundings
        if permit.isGiven { state.silences[target]?.socket?.send(Self.keepAlive) }
      }
    }
    return found
  }

  /// nil: no file descriptor is left, or there is no way, which the request itself will say.
  private func open(toward target: Target) -> ConnectedSocket? {
    let isV6 = target.endpoint.address.isV6
    let origin: DatagramOrigin?
    do {
      origin = try localTerms.origin(of: target.profile, isV6: isV6)
    } catch {
      return nil
    }
    guard let own = origin?.address.map({ Endpoint($0).address }) ?? settings.address(ofV6: isV6),
      let socket = ConnectedSocket(
        boundTo: DatagramAddress(Endpoint(address: own, port: 0)), interface: origin?.interface ?? 0, hearsAll: true),
      socket.connect(to: DatagramAddress(target.endpoint))
    else { return nil }
    return socket
  }
}

extension Soundings.State {
  fileprivate mutating func forget(_ endpoint: Endpoint) {
    for target in silences.keys where target.endpoint == endpoint { silences[target] = nil }
  }
}
