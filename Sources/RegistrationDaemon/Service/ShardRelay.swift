import NIOConcurrencyHelpers
import SIPTransport

/// Ties the knot between a transport, which is made first, and the shard that it feeds.
final class ShardRelay: Sendable {
  private let shard = NIOLockedValueBox<Shard?>(nil)

  func connect(_ shard: Shard) { self.shard.withLockedValue { $0 = shard } }

  /// Unties the knot: what comes now is nobody's.
  func disconnect() { shard.withLockedValue { $0 = nil } }

  func deliver(_ events: [TransportEvent]) { shard.withLockedValue { $0 }?.receive(events) }
}
