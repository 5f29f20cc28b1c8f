import SIPMessage

/// Spreads first registrations: no more of them a second towards one next hop than configured.
struct StartRate: Sendable {
  /// Between two starts; nil: no limit.
  private let interval: Duration?
  /// Hops that are remembered before those whose turn has passed are let go.
  private static let hops = 1024
  private var nextStart: [URI: Instant] = [:]

  init(perSecond: Int) { interval = perSecond > 0 ? .nanoseconds(1_000_000_000 / Int64(perSecond)) : nil }

  /// When the next one towards this hop may start; taken.
  mutating func take(_ hop: URI, now: Instant) -> Instant {
    guard let interval else { return now }
    if nextStart.count >= Self.hops { nextStart = nextStart.filter { $0.value > now } }
    let start = max(nextStart[hop] ?? now, now)
    nextStart[hop] = start + interval
    return start
  }
}
