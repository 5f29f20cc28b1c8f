import Synchronization

/// The ports that the shards of this daemon listen on: a name that leads to one of them leads nowhere.
package final class OwnPorts: Sendable {
  private let ports = Mutex<[UInt16]>([])

  package init() {}

  package func insert(_ port: UInt16) { ports.withLock { $0.append(port) } }
  package func contains(_ port: UInt16) -> Bool { ports.withLock { $0.contains(port) } }
}
