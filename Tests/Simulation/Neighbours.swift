import SIPMessage
import SIPUserAgent

extension Neighbourhood {
  /// In which somebody once suffered for another's trouble.
  static let remembered: [UInt64] = [995, 2068, 2323]

  /// A few domains and proxies, and accounts of which every third is in trouble of its own.
  static func mixed(_ seed: UInt64, fault: Fault? = nil) -> Neighbourhood {
    var random = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 7)
    let (domains, proxies) = (1 + random.below(3), random.below(3))
    var world = Neighbourhood(seed: seed, domains: domains, proxies: proxies)
    world.fault = fault
    for _ in 0..<6 + random.below(10) {
      let domain = random.below(domains)
      let hop = random.below(proxies + 1)
      let treatment = random.happens(0.3) ? Treatment.own[random.below(Treatment.own.count)] : .good
      world.add(
        domain: domain, hop: hop == 0 ? domain : domains + hop - 1, expires: [300, 600, 1800, 3600][random.below(4)],
        random.happens(0.1) ? .slow : treatment)
    }
    return world
  }

  /// A life of so many hours in which things go wrong and are mended.
  static func life(_ seed: UInt64, hours: Int, fault: Fault? = nil, tracing: Bool = false) -> Neighbourhood {
    var world = mixed(seed, fault: fault)
    world.isTracing = tracing
    world.beginTrouble()
    world.run(until: world.now + .seconds(hours * 3600))
    return world
  }
}
