import SIPMessage
import SIPUserAgent

/// Whole lives of worlds, each told by its seed.
enum Life {
  /// Seeds that once found a fault of the user agent: they stay.
  static let remembered: [UInt64] = [1, 2, 3, 4, 7, 9, 11, 12, 28, 31, 60]

  /// After the last fault: the longest back-off (30 min), and one attempt over every address.
  static let bound: Duration = .seconds(1800 + 300)

  /// Anything goes wrong for a while; then everything heals, and within the bound all is as the operator wants it.
  static func troubled(
    _ seed: UInt64, accounts: Int = 20, for duration: Duration, tracing: Bool = false
  ) -> World {
    var random = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 1)
    var plan = Plan.troubled(using: &random)
    plan.accounts = accounts
    var world = World(seed: seed, plan: plan, tracing: tracing)
    world.run(until: world.now + duration)
    guard world.complaints.isEmpty else { return world }
    world.heal()
    world.run(until: world.now + bound)
    for words in world.unwanted { world.watch.complain("after everything healed: \(words)") }
    return world
  }

  /// RFC 3261 §10.2: with 300 s and up to 30 % loss both ways there is always time for another REGISTER.
  static func lossy(
    _ seed: UInt64, loss: Double, accounts: Int = 20, for duration: Duration, tracing: Bool = false
  ) -> World {
    var plan = Plan()
    plan.accounts = accounts
    plan.expires = [300]
    plan.loss = loss
    plan.reordering = 0.1
    plan.duplication = 0.05
    plan.isDirect = seed % 2 == 0
    plan.registrar.nonceLifetime = .seconds(400)
    var world = World(seed: seed, plan: plan, tracing: tracing)
    world.run(until: world.now + duration)
    if world.lapses > 0 { world.watch.complain("\(world.lapses) bindings lapsed") }
    return world
  }
}

extension World {
  var complaints: [String] { watch.violations + registrar.complaints }
}
