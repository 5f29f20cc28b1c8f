import SIPMessage
import Synchronization

/// Where our own requests go: whoever is there is no stranger. Places for connections are kept for their hosts, and
/// what they ask is answered as often as they ask.
final class KnownPeers: Sendable {
  /// Next hops that are remembered. Beyond it all are forgotten, and each is known again with the next request to it.
  private static let limit = 16_384

  private struct State {
    var endpoints: Set<Endpoint> = []
    /// By their addresses.
    var hosts: Set<IPAddress> = []
    /// Most requests go where the last one went.
    var latest: Endpoint?
  }

  private let state = Mutex(State())

  init() {}

  func note(_ endpoint: Endpoint) {
    state.withLock { state in
      guard state.latest != endpoint else { return }
      state.latest = endpoint
      guard state.endpoints.insert(endpoint).inserted else { return }
      if state.endpoints.count > Self.limit { state = State(endpoints: [endpoint], latest: endpoint) }
      state.hosts.insert(endpoint.address)
    }
  }

  func contains(_ endpoint: Endpoint) -> Bool { state.withLock { $0.endpoints.contains(endpoint) } }
  func contains(_ host: IPAddress) -> Bool { state.withLock { $0.hosts.contains(host) } }
}
