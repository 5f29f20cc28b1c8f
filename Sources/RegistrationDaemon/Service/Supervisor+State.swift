import SIPUserAgent

/// The state was lost while the daemon runs: memory has all of it.
extension Supervisor {
  /// Writes everything that has to survive, a part at a time, and lets each part reach the disk before the next.
  func writeStateAnew(after loss: Int) async {
    store.rememberPorts(localPorts)
    for shard in shards {
      for start in stride(from: 0, to: await shard.slots.count, by: Self.accountsPerQuestion) {
        await withCheckedContinuation { continuation in
          let queue = shard.executor.queue
          queue.async {
            shard.assumeIsolated {
              $0.saveWhole(among: start..<start + Self.accountsPerQuestion) { continuation.resume() }
            }
          }
        }
      }
    }
    store.complete(loss)
  }
}
