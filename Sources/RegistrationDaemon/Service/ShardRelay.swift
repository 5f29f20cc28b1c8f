import SIPTransport
import Synchronization

/// Ties the knot between a transport, which is made first, and the shard that it feeds.
final class ShardRelay: Sendable {
  private let shard = Mutex<Shard?>(nil)

  func connect(_ shard: Shard) { self.shard.withLock { $0 = shard } }

  func deliver(_ events: [TransportEvent]) { shard.withLock { $0 }?.receive(events) }
}
