import NIOConcurrencyHelpers
import SIPMessage

/// The ports that the shards of this daemon listen on: a name that leads to one of them leads nowhere.
package final class OwnPorts: Sendable {
  package typealias Opened = @Sendable (Endpoint) -> Bool

  private struct Known {
    var ports: [UInt16] = []
    /// Of each shard: whether it has this UDP port open for those whose configuration says one.
    var opened: [Opened] = []
  }

  private let known = NIOLockedValueBox(Known())

  package init() {}

  package func insert(_ port: UInt16) { known.withLockedValue { $0.ports.append(port) } }
  package func insert(_ opened: @escaping Opened) { known.withLockedValue { $0.opened.append(opened) } }

  package func contains(_ endpoint: Endpoint, over transport: TransportProtocol) -> Bool {
    let (isOwn, opened) = known.withLockedValue { ($0.ports.contains(endpoint.port), $0.opened) }
    return isOwn || transport == .udp && opened.contains { $0(endpoint) }
  }
}
