import Dispatch
import SIPMessage
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
    let neighbours = each(seeds) { seed in
      Neighbourhood.life(seed, hours: hours).complaints.first.map { "neighbourhood \(seed): \($0)" }
    }
    print(
      "\(seeds.count) neighbourhoods of \(hours) h: in \(neighbours.count) an account suffered for another's trouble")
    let recoveries = recoveries()
    let crowds = crowds()
    let found = complaints + lapses + neighbours + recoveries + crowds
    for complaint in found { print("FAILED  \(complaint)") }
    return found.isEmpty
  }

  /// One life, told event by event.
  package static func tell(seed: UInt64, hours: Int) {
    let world = Life.troubled(seed, accounts: accounts, for: .seconds(hours * 3600), tracing: true)
    for line in world.trace { print(line) }
    for complaint in world.complaints { print("FAILED  seed \(seed): \(complaint)") }
  }

  /// One neighbourhood, as far as it went well and a step further.
  package static func tell(neighbourhood seed: UInt64, hours: Int) {
    let world = Neighbourhood.life(seed, hours: hours, tracing: true)
    for line in world.trace { print(line) }
    for complaint in world.complaints { print("FAILED  neighbourhood \(seed): \(complaint)") }
  }

  private static func each<Seed: Sendable>(_ seeds: [Seed], _ live: @Sendable (Seed) -> String?) -> [String] {
    let found = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
      guard let complaint = live(seeds[index]) else { return }
      found.withLock { $0.append(complaint) }
    }
    return found.withLock { $0.sorted() }
  }

  /// Outages of a registrar at which all are bound for a minute: how soon all are back, and what lapses needlessly.
  private static func recoveries() -> [String] {
    let kinds: [Treatment] = [
      .silent, .refused, .answers(503), .answers(503, retryAfter: 5), .answers(500), .answers(408),
    ]
    let cells = kinds.flatMap { kind in
      [(5, 5), (20, 6), (100, 10)].flatMap { outage in [1, 5, 100].map { (kind, outage, $0) } }
    }
    let late = each(cells) { kind, outage, accounts -> String? in
      let recoveries = (1...30).map { Recovery(kind, outage: .seconds(outage.0), accounts: accounts, seed: $0) }
      let times = recoveries.map { $0.back ?? .seconds(999) }.sorted()
      let isFine =
        times[times.count / 2] <= .seconds(5) && times.allSatisfy { $0 <= .seconds(outage.1) }
        && recoveries.allSatisfy { $0.lapses <= $0.lost && $0.complaints.isEmpty }
      return isFine ? nil : "\(kind) for \(outage.0) s, \(accounts) accounts: back after \(times)"
    }
    print("\(cells.count) outages, 30 seeds: \(late.count) with accounts that were late, or lapsed needlessly")
    return late
  }

  private static func crowds() -> [String] {
    guard let crowdReturn = try? CrowdReturn(of: 100_000) else { return ["no crowd"] }
    print(crowdReturn.words)
    return crowdReturn.complaints
  }
}
