import SIPMessage

/// The one timer of its owner.
struct ArmedTimer: Sendable {
  var generation: UInt32 = 0
  private var instant = Instant.distantFuture

  init() {}

  init(generation: UInt32, deadline: Instant) {
    self.generation = generation
    instant = deadline
  }

  /// - Returns: whether it has to be set: for an instant, and for another than before.
  mutating func settle(_ deadline: Instant?, generation: UInt32) -> Bool {
    let next = deadline ?? .distantFuture
    guard instant.nanoseconds != next.nanoseconds else { return false }
    instant = next
    guard deadline != nil else { return false }
    self.generation = generation
    return true
  }

  /// nil while it is not set.
  var deadline: Instant? {
    get { instant == .distantFuture ? nil : instant }
    set { instant = newValue ?? .distantFuture }
  }

  /// Whether the setting with this generation still means something.
  func isArmed(_ generation: UInt32) -> Bool { self.generation == generation && instant != .distantFuture }
}
