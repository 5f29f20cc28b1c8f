import Dispatch
import SIPTransaction
import Synchronization

/// What takes longer than a test may: a thousand seeds, virtual days, a hundred thousand accounts.
package enum Campaign {
  /// Days are long: a few accounts have as many troubles as many have in an hour.
  private static let accounts = 4

  /// - Parameters:
  ///   - seeds: how many worlds, besides those that once found a fault
  ///   - hours: of virtual time in each, before everything heals
  /// - Returns: whether nothing was found; what was is printed.
  package static func run(seeds count: UInt64, hours: Int) -> Bool {
    let seeds = Life.remembered + (1...max(count, 1)).filter { !Life.remembered.contains($0) }
    let complaints = each(seeds) { seed in
      Life.troubled(seed, accounts: accounts, for: .seconds(hours * 3600)).complaints.first.map {
        "seed \(seed): \($0)"
      }
    }
    print(
      "\(seeds.count) worlds of \(hours) h with \(accounts) accounts, all sorts of trouble: \(complaints.count) went wrong"
    )
    let lapses = each(Array(1...4)) { seed in
      Life.lossy(seed, loss: 0.3, accounts: 1000, for: .seconds(1800)).complaints.first.map { "seed \(seed): \($0)" }
    }
    print("1,000 accounts, expires 300, 30 % loss both ways, 30 min, 4 seeds: \(lapses.count) with a lapse")
    let crowds = crowds()
    for complaint in complaints + lapses + crowds { print("FAILED  \(complaint)") }
    return complaints.isEmpty && lapses.isEmpty && crowds.isEmpty
  }

  /// One life, told event by event.
  package static func tell(seed: UInt64, hours: Int) {
    let world = Life.troubled(seed, accounts: accounts, for: .seconds(hours * 3600), tracing: true)
    for line in world.trace { print(line) }
    for complaint in world.complaints { print("FAILED  seed \(seed): \(complaint)") }
  }

  private static func each(_ seeds: [UInt64], _ live: @Sendable (UInt64) -> String?) -> [String] {
    let found = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
      guard let complaint = live(seeds[index]) else { return }
      found.withLock { $0.append(complaint) }
    }
    return found.withLock { $0.sorted() }
  }

  private static func crowds() -> [String] {
    guard let crowdReturn = try? CrowdReturn(of: 100_000) else { return ["no crowd"] }
    print(crowdReturn.words)
    return crowdReturn.complaints
  }
}
