import Foundation
import SIPTransaction
import SIPUserAgent
import Testing

/// Whole worlds in virtual time, one for each seed. `SIPREGD_SEEDS` says how many, `SIPREGD_SEED` names one.
@Suite struct SimulationTests {
  /// Seeds that once found a fault of the user agent: they stay.
  static let remembered: [UInt64] = [1, 2, 3, 4, 7, 9, 11, 12]

  static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let one = environment["SIPREGD_SEED"].flatMap({ UInt64($0) }) { return [one] }
    let count = environment["SIPREGD_SEEDS"].flatMap { UInt64($0) } ?? 40
    return remembered + (1...max(count, 1)).filter { !remembered.contains($0) }
  }()

  /// After the last fault: the longest back-off (30 min), and one attempt over every address.
  static let bound: Duration = .seconds(1800 + 300)

  @Test(arguments: seeds) func nothingIsLostInAWorldOfFaults(seed: UInt64) {
    let world = Self.live(seed, tracing: false)
    if !Self.complaints(world).isEmpty {
      // The same story once more, this time written down.
      Self.report(seed, Self.live(seed, tracing: true))
    }
  }

  static func live(_ seed: UInt64, tracing: Bool) -> World {
    var random = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 1)
    var world = World(seed: seed, plan: .troubled(using: &random), tracing: tracing)
    world.run(until: world.now + .seconds(3600))
    guard complaints(world).isEmpty else { return world }
    world.heal()
    world.run(until: world.now + bound)
    for words in world.unwanted { world.watch.complain("after everything healed: \(words)") }
    return world
  }

  /// RFC 3261 §10.2: with 300 s and 30 % loss both ways there is always time for another REGISTER.
  @Test(arguments: seeds.prefix(12)) func noBindingLapsesUnderLoss(seed: UInt64) {
    func live(tracing: Bool) -> World {
      var plan = Plan()
      plan.expires = [300]
      plan.loss = Double(1 + seed % 3) * 0.1
      plan.reordering = 0.1
      plan.duplication = 0.05
      plan.isDirect = seed % 2 == 0
      plan.registrar.nonceLifetime = .seconds(400)
      var world = World(seed: seed, plan: plan, tracing: tracing)
      world.run(until: world.now + .seconds(2 * 3600))
      if world.lapses > 0 { world.watch.complain("\(world.lapses) bindings lapsed") }
      return world
    }
    if !Self.complaints(live(tracing: false)).isEmpty { Self.report(seed, live(tracing: true)) }
  }

  // MARK: The checks themselves

  @Test func aStoreThatLiesIsFound() {
    var plan = Plan()
    plan.storeLies = true
    var world = World(seed: 1, plan: plan)
    world.run(until: world.now + .seconds(600))
    #expect(world.watch.violations.contains { $0.contains("is not below what is stored") })
  }

  @Test func aRequestThatIsSentAgainAfterItsAnswerIsFound() {
    var plan = Plan()
    plan.duplicatesAsNew = true
    var world = World(seed: 1, plan: plan)
    world.run(until: world.now + .seconds(3600))
    #expect(world.watch.violations.contains { $0.contains(" after ") || $0.contains("unanswered") })
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

  static func complaints(_ world: World) -> [String] { world.watch.violations + world.registrar.complaints }

  static func report(_ seed: UInt64, _ world: World) {
    Issue.record(
      """
      seed \(seed): \(complaints(world).joined(separator: "; "))
      run it alone: SIPREGD_SEED=\(seed) swift test --filter SimulationTests
      \(world.trace.suffix(40).map { String($0.prefix(400)) }.joined(separator: "\n"))
      """)
  }
}
