/// A few routes of one account, of `Account.maximumRoutes`.
struct RouteFlags: Sendable {
  private var bits: UInt32 = 0

  var isEmpty: Bool { bits == 0 }
  func contains(_ route: Int) -> Bool { bits & (1 << UInt32(route)) != 0 }
  mutating func insert(_ route: Int) { bits |= 1 << UInt32(route) }
  mutating func remove(_ route: Int) { bits &= ~(1 << UInt32(route)) }
}
