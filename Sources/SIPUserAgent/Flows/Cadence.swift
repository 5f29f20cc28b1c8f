/// How often a flow is kept alive: each interval is drawn anew between two bounds, so that what many send does not come
/// in waves (RFC 5626 §4.4).
package struct Cadence: Sendable, Equatable, Comparable {
  package let shortest: Duration
  package let longest: Duration

  /// What binds a NAT most for datagrams (RFC 5626 §4.4.2).
  static let datagrams = Cadence(shortest: .seconds(24), longest: .seconds(29))
  /// RFC 5626 §4.4.1.
  static let streams = Cadence(shortest: .seconds(95), longest: .seconds(120))
  /// Nobody is made to send more often, whatever he asks for.
  private static let least: Duration = .seconds(1)

  private init(shortest: Duration, longest: Duration) {
    self.shortest = shortest
    self.longest = longest
  }

  /// 80 to 100 % of this (RFC 5626 §4.4).
  package init(every interval: Duration) {
    longest = max(interval, Self.least)
    shortest = longest * 4 / 5
  }

  package static func < (left: Self, right: Self) -> Bool { left.longest < right.longest }

  /// - Parameter chance: 64 random bits
  func interval(chance: UInt64) -> Duration {
    let range = (longest - shortest).wholeNanoseconds
    return shortest + .nanoseconds(Int64(chance % UInt64(range + 1)))
  }
}
