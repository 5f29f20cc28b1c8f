import NIOConcurrencyHelpers
import SIPMessage

/// Where our own requests go: whoever is there is no stranger. Places for connections are kept for their hosts, and
/// what they ask is answered as often as they ask.
final class KnownPeers: Sendable {
  /// Next hops that are remembered. Beyond it all are forgotten, and each is known again with the next request to it.
  private static let limit = 16_384

  private struct State {
    /// And by whose profile the last request went there.
    var endpoints: [Endpoint: ProfileID] = [:]
    /// By their addresses.
    var hosts: Set<IPAddress> = []
    /// Most requests go where the last one went.
    var latest: (endpoint: Endpoint, profile: ProfileID)?
  }

  private let state = NIOLockedValueBox(State())

  init() {}

  func note(_ endpoint: Endpoint, by profile: ProfileID = .standard) {
    state.withLockedValue { state in
      if let latest = state.latest, latest == (endpoint, profile) { return }
      state.latest = (endpoint, profile)
      guard state.endpoints.updateValue(profile, forKey: endpoint) == nil else { return }
      if state.endpoints.count > Self.limit {
        state = State(endpoints: [endpoint: profile], latest: (endpoint, profile))
      }
      state.hosts.insert(endpoint.address)
    }
  }

  /// On whose terms it is answered: as it was asked last.
  func profile(of endpoint: Endpoint) -> ProfileID { state.withLockedValue { $0.endpoints[endpoint] ?? .standard } }

  func contains(_ endpoint: Endpoint) -> Bool { state.withLockedValue { $0.endpoints[endpoint] != nil } }
  func contains(_ host: IPAddress) -> Bool { state.withLockedValue { $0.hosts.contains(host) } }
}
