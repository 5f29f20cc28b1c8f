import SIPMessage
import SIPUserAgent
import Testing

@testable import Simulation

/// No account suffers for another's trouble: accounts that registrars and proxies treat differently, in virtual time.
@Suite struct NeighbourhoodTests {
  @Test(arguments: SimulationTests.seeds.prefix(16)) func whoseOwnPathIsGoodIsBoundAndStaysSo(seed: UInt64) {
    let world = Neighbourhood.life(seed, hours: 6)
    #expect(world.complaints == [], "seed \(seed)")
  }

  @Test(arguments: Neighbourhood.remembered) func whoOnceSufferedDoesNotAgain(seed: UInt64) {
    #expect(Neighbourhood.life(seed, hours: 8).complaints == [])
  }

  // MARK: The checks themselves

  @Test(arguments: [Neighbourhood.Fault.firstComeLine, .sharedRetryAfter]) func whatHoldsUpOthersIsFound(
    fault: Neighbourhood.Fault
  ) {
    let found = (1...10 as ClosedRange<UInt64>).count {
      !Neighbourhood.life($0, hours: 6, fault: fault).complaints.isEmpty
    }
    #expect(found >= 5, "in \(found) of 10 worlds")
  }

  @Test func theNeighbourhoodDoesSomething() {
    let worlds = (1...5 as ClosedRange<UInt64>).map { Neighbourhood.life($0, hours: 6) }
    #expect(worlds.reduce(0) { $0 + $1.registers } > 5_000)
    #expect(worlds.reduce(0) { $0 + $1.lapses } > 10)
  }

  // MARK: Kinds

  static let bad: [Treatment] = [
    .silent, .answers(500), .answers(503), .answers(503, retryAfter: 1800), .answers(480), .answers(403),
  ]

  /// However many are treated badly, and wherever they stand in the file.
  @Test(arguments: bad, [(10, 5), (91, 1), (200, 20), (30, 25)] as [(Int, Int)])
  func theGoodOnesAreBoundWithinSecondsWhoeverComesFirst(treatment: Treatment, crowd: (Int, Int)) {
    for isFirst in [true, false] {
      var world = Neighbourhood(seed: 3, domains: 1, proxies: 0)
      for index in 0..<crowd.0 {
        let isBad = isFirst ? index < crowd.1 : index >= crowd.0 - crowd.1
        world.add(domain: 0, hop: 0, expires: 60, isBad ? treatment : .good)
      }
      world.run(until: world.now + .seconds(10))
      #expect(world.residents.count { $0.boundUntil != nil } == crowd.0 - crowd.1, "bad ones first: \(isFirst)")
      world.run(until: world.now + .seconds(600))
      #expect(world.complaints == [])
      #expect(world.lapses == 0)
    }
  }

  /// The good ones are answered meanwhile: that opens nothing for the bad ones to storm through.
  @Test(arguments: [.answers(500), .answers(408), .answers(503), .answers(504), .silent] as [Treatment])
  func whoseRefreshesAreRefusedFromSomeMomentOnAskLessAndLess(treatment: Treatment) {
    for seed in 1...4 as ClosedRange<UInt64> {
      var world = Neighbourhood(seed: seed, domains: 1, proxies: 0)
      for _ in 0..<10 { world.add(domain: 0, hop: 0, expires: 60) }
      world.run(until: world.now + .seconds(20))
      for index in 0..<4 { world.turn(.resident(index), to: treatment) }
      world.run(until: world.now + .seconds(120))
      let former = world.residents.map(\.requests)
      world.run(until: world.now + .seconds(600))
      // 30 s doubled each time, half of it at least: 15, 30, 60, 120 …
      for index in 0..<4 { #expect(world.residents[index].requests - former[index] <= 8, "u\(index), seed \(seed)") }
      #expect(world.lapses == 4)
      #expect(world.complaints == [])
    }
  }

  @Test(arguments: Treatment.ofDomain) func aDeadDomainBehindALivingProxyHoldsUpNobodyElse(treatment: Treatment) {
    var world = Neighbourhood(seed: 5, domains: 3, proxies: 1)
    for index in 0..<30 { world.add(domain: index % 3, hop: 3, expires: 120) }
    world.turn(.domain(0), to: treatment)
    world.run(until: world.now + .seconds(10))
    #expect(world.residents.count { $0.boundUntil != nil } == 20)
    world.run(until: world.now + .seconds(3600))
    #expect(world.complaints == [])
    #expect(world.lapses == 0)
  }

  @Test func aThousandDomainsBehindADeadProxyAreAskedOneAtATime() {
    var world = Neighbourhood(seed: 6, domains: 1000, proxies: 1)
    for index in 0..<1000 { world.add(domain: index, hop: 1000, expires: 600) }
    world.run(until: world.now + .seconds(60))
    #expect(world.isEverybodyBound)
    world.turn(.hop(1000), to: .silent)
    world.run(until: world.now + .seconds(1800))
    let former = world.registers
    world.run(until: world.now + .seconds(640))
    // A transaction of 11 datagrams each Timer F.
    #expect(world.registers - former <= (640 / 32 + 1) * 11)
    world.turn(.hop(1000), to: .good)
    let healed = world.now
    world.run(until: healed + .seconds(60)) { $0.isEverybodyBound }
    #expect(world.isEverybodyBound, "\(world.residents.count { $0.boundUntil == nil }) are not")
  }

  @Test func aProxyThatWasNeverThereIsAskedForItsDomainsOneAtATime() {
    var world = Neighbourhood(seed: 7, domains: 200, proxies: 1)
    world.turn(.hop(200), to: .silent)
    for index in 0..<1000 { world.add(domain: index % 200, hop: 200, expires: 600) }
    world.run(until: world.now + .seconds(70))
    #expect(world.registers <= 34 * 11)
    let former = world.registers
    world.run(until: world.now + .seconds(640))
    #expect(world.registers - former <= (640 / 32 + 1) * 11)
  }
}
