import Foundation
import SIPMessage
import SIPUserAgent
import Testing

@testable import Simulation

/// Whole worlds in virtual time, one for each seed. `SIPREGD_SEEDS` says how many, `SIPREGD_SEED` names one.
@Suite struct SimulationTests {
  static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let one = environment["SIPREGD_SEED"].flatMap({ UInt64($0) }) { return [one] }
    let count = environment["SIPREGD_SEEDS"].flatMap { UInt64($0) } ?? 40
    return Life.remembered + (1...max(count, 1)).filter { !Life.remembered.contains($0) }
  }()

  @Test(arguments: seeds) func nothingIsLostInAWorldOfFaults(seed: UInt64) {
    Self.expectNoComplaint(seed) { Life.troubled(seed, for: .seconds(3600), tracing: $0) }
  }

  @Test(arguments: seeds.prefix(12)) func noBindingLapsesUnderLoss(seed: UInt64) {
    Self.expectNoComplaint(seed) {
      Life.lossy(seed, loss: Double(1 + seed % 3) * 0.1, for: .seconds(2 * 3600), tracing: $0)
    }
  }

  // MARK: The checks themselves

  @Test func aStoreThatLiesIsFound() {
    var plan = Plan()
    plan.fault = .storeLies
    var world = World(seed: 1, plan: plan)
    world.run(until: world.now + .seconds(600))
    #expect(world.watch.violations.contains { $0.contains("is not below what is stored") })
  }

  @Test func aRequestThatIsSentAgainAfterItsAnswerIsFound() {
    var plan = Plan()
    plan.fault = .duplicatesAsNew
    var world = World(seed: 1, plan: plan)
    world.run(until: world.now + .seconds(3600))
    #expect(world.watch.violations.contains { $0.contains(" after ") || $0.contains("unanswered") })
  }

  @Test func aCoreThatIsAcknowledgedBeforeTheWriteIsFound() {
    let found = (1...10 as ClosedRange<UInt64>).count { seed in
      var plan = Plan()
      (plan.crashRate, plan.canWriteAtTheStart, plan.fault) = (0.01, 0.5, .acknowledgesBeforeTheWrite)
      var world = World(seed: seed, plan: plan)
      world.storeDelay = 1_000...40_000
      world.run(until: world.now + .seconds(3600))
      return world.watch.violations.contains { $0.contains("is not below what is stored") }
    }
    #expect(found >= 5, "in \(found) of 10 worlds")
  }

  @Test func aStartThatTrustsWhatWasNotWrittenIsFound() {
    let found = (1...10 as ClosedRange<UInt64>).count { seed in
      var plan = Plan()
      (plan.crashRate, plan.canWriteAtTheStart, plan.fault) = (0.01, 0.5, .trustsWhatWasNotWritten)
      var world = World(seed: seed, plan: plan)
      world.run(until: world.now + .seconds(3600))
      return world.watch.violations.contains { $0.contains("is not below what is stored") }
    }
    #expect(found >= 5, "in \(found) of 10 worlds")
  }

  @Test func aCoreThatForgetsWhoLeavesIsFound() {
    let found = (1...10 as ClosedRange<UInt64>).count { seed in
      var plan = Plan()
      (plan.hasOperator, plan.fault) = (true, .forgetsWhoLeaves)
      var world = World(seed: seed, plan: plan)
      world.run(until: world.now + .seconds(3600))
      return world.watch.violations.contains { $0.contains("a second Call-ID") }
    }
    #expect(found >= 5, "in \(found) of 10 worlds")
  }

  @Test func everyKindOfEventComesToTheCore() {
    var events: [String: Int] = [:]
    for seed in 1...20 as ClosedRange<UInt64> {
      events.merge(Life.troubled(seed, accounts: 6, for: .seconds(3 * 3600)).events, uniquingKeysWith: +)
    }
    for kind in World.kinds + ["receivedOverAStream"] { #expect(events[kind, default: 0] > 0, "\(kind)") }
  }

  @Test func aRegistrarThatDiesForGoodIsFound() {
    var world = World(seed: 1, plan: Plan())
    for site in world.sites.indices { world.sites[site].health = .silent }
    world.run(until: world.now + .seconds(3600))
    #expect(world.unbound.count == world.accounts.count)
  }

  @Test func theWorldDoesSomething() {
    var world = World(seed: 1, plan: Plan())
    world.run(until: world.now + .seconds(3600))
    #expect(world.watch.registers > 200)
    #expect(world.unbound.isEmpty)
    #expect(world.watch.violations.isEmpty)
  }

  // MARK: Reporting

  /// - Parameter live: lives once more when something went wrong, this time written down
  static func expectNoComplaint(_ seed: UInt64, _ live: (_ tracing: Bool) -> World) {
    guard !live(false).complaints.isEmpty else { return }
    let world = live(true)
    Issue.record(
      """
      seed \(seed): \(world.complaints.joined(separator: "; "))
      run it alone: SIPREGD_SEED=\(seed) swift test --filter SimulationTests
      \(world.trace.suffix(40).map { String($0.prefix(400)) }.joined(separator: "\n"))
      """)
  }
}
