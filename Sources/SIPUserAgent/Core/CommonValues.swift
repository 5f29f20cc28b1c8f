import SIPMessage

/// The few values that the state of many accounts has in common, so that each is held once.
struct CommonValues: Sendable {
  /// Values that are remembered; more take turns.
  private static let limit = 16
  private var realms: [[UInt8]] = []
  private var ways: [Way] = []

  /// A realm, held once for all that have it.
  mutating func shared(_ realm: [UInt8]) -> [UInt8] { Self.shared(realm, in: &realms) }

  /// The realm of a challenge: the same as somebody else's, if anybody has it.
  func realm(of challenge: Challenge) -> [UInt8] {
    for realm in realms where challenge.isFor(realm) { return realm }
    return challenge.realm
  }

  /// A way, held once for all that have it.
  mutating func shared(_ way: Way) -> Way { Self.shared(way, in: &ways) }

  private static func shared<Value: Equatable>(_ value: Value, in known: inout [Value]) -> Value {
    for other in known where other == value { return other }
    if known.count >= limit { known.removeFirst() }
    known.append(value)
    return value
  }
}
