import SIPMessage

/// The first questions to a place that has given nobody a good answer yet: one account asks, and while nothing comes
/// back two, four, eight, since it may be that one only which is not answered. It ends with so many: then it counts as
/// known that nobody is there.
struct Inquiry: Sendable {
  /// Accounts that ask before the place counts as dead.
  static let most = 32
  /// Twice as many may ask after this.
  static let step: Duration = .milliseconds(500)

  private var asked = 0
  private var failed = 0
  private var since = Instant.origin

  /// Everybody has been asked who will be.
  var isOver: Bool { asked >= Self.most }

  func allows(now: Instant) -> Bool {
    guard asked > 0 else { return true }
    let steps = (now - since).wholeNanoseconds / Self.step.wholeNanoseconds
    return asked < min(max(1 << min(max(steps, 0), 5), 2 * failed + 1), Self.most)
  }

  /// When one more may ask; nil: nobody any more.
  var nextStep: Instant? {
    guard !isOver else { return nil }
    return asked <= 2 * failed ? since : since + Self.step * (Int.bitWidth - asked.leadingZeroBitCount)
  }

  mutating func begins(now: Instant) {
    if asked == 0 { since = now }
    asked += 1
  }

  /// A question got no good answer: somebody else is asked at once.
  mutating func fails() { failed += 1 }

  /// It could not be asked.
  mutating func takesBack() { asked = max(asked - 1, 0) }
}
