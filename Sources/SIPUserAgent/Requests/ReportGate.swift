import SIPMessage

/// Lets a few reports through at once, and then one at a time: what strangers send must not fill a journal.
struct ReportGate: Sendable {
  /// At once.
  private static let burst = 10
  /// Between two in the long run: 600 an hour.
  private static let interval: Duration = .seconds(6)

  private var passed = 0
  private var since = Instant.origin
  private var untold = 0

  /// - Returns: how many did not get through since the last one that did; nil: neither does this one.
  mutating func pass(now: Instant) -> Int? {
    while passed > 0, since + Self.interval <= now {
      passed -= 1
      since = passed == 0 ? now : since + Self.interval
    }
    guard passed < Self.burst else {
      untold += 1
      return nil
    }
    if passed == 0 { since = now }
    passed += 1
    defer { untold = 0 }
    return untold
  }
}

/// One for each kind, so that none is silenced by another.
struct ReportGates: Sendable {
  var invites = ReportGate()
  var notices = ReportGate()
  var dropped = ReportGate()
}
