import SIPMessage
import SIPUserAgent

/// One outage of a registrar at which a number of accounts are bound for a minute: how long after its return all are bound
/// again, and which bindings lapsed.
struct Recovery {
  static let expires = 60
  /// What the crowd before it, and the answer, take.
  static let moment: Duration = .seconds(2)

  /// nil: not within a minute and a half.
  let back: Duration?
  /// Of all accounts, over the outage and the minute behind it.
  let lapses: Int
  /// What had less left than the outage lasted, and a moment: nobody could have kept these.
  let lost: Int
  let complaints: [String]

  init(_ treatment: Treatment, outage: Duration, accounts: Int, seed: UInt64) {
    var world = Neighbourhood(seed: seed, domains: 1, proxies: 0)
    for _ in 0..<accounts { world.add(domain: 0, hop: 0, expires: UInt32(Self.expires)) }
    world.run(until: world.now + .milliseconds(300_000 + Int64(seed % 61) * 997))
    let place = treatment == .refused ? Neighbourhood.Place.hop(0) : .domain(0)
    world.turn(place, to: treatment)
    let end = world.now + outage
    lost = world.residents.count { $0.boundUntil.map { $0 <= end + Self.moment } ?? true }
    world.run(until: end)
    world.turn(place, to: .good)
    world.run(until: end + .seconds(90)) { $0.isEverybodyBound }
    back = world.isEverybodyBound ? world.now - end : nil
    world.run(until: end + .seconds(Self.expires))
    (lapses, complaints) = (world.lapses, world.complaints)
  }
}
