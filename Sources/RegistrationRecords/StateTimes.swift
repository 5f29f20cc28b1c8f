import SIPMessage

/// How the times of a binding stand in the file, and what they mean to a later process: never that the binding lives
/// longer than it does. In doubt there is none, and the account registers early.
struct StateTimes: Equatable {
  /// A wall clock that went back by less than this was corrected; by more, it was set and says nothing.
  static let tolerance: Int64 = 5_000
  /// Ten thousand years. What is beyond is no time.
  private static let limit: Int64 = 1 << 48

  /// Milliseconds since 1970.
  var savedAt: Int64
  /// On the core's clock, in milliseconds since its origin.
  var savedInstant: Int64
  var boot: Int64
  /// Milliseconds since 1970.
  var expiresAt: Int64?
  /// Milliseconds.
  var granted: Int64?

  /// The clocks as they stand at the same moment.
  struct Reading {
    let wall: Int64
    let now: Instant
    let boot: Int64

    init(_ clock: StateClock) {
      (wall, now, boot) = (clock.wall(), clock.now(), clock.boot)
    }
  }

  init(savedAt: Int64, savedInstant: Int64, boot: Int64, expiresAt: Int64?, granted: Int64?) {
    self.savedAt = savedAt
    self.savedInstant = savedInstant
    self.boot = boot
    self.expiresAt = expiresAt
    self.granted = granted
  }

  init(registeredAt: Instant?, expiresAt: Instant?, reading: Reading) {
    savedAt = reading.wall
    savedInstant = Int64(clamping: reading.now.nanoseconds / 1_000_000)
    boot = reading.boot
    guard let registeredAt, let expiresAt else { return }
    self.expiresAt = reading.wall + (expiresAt - reading.now).wholeNanoseconds / 1_000_000
    granted = (expiresAt - registeredAt).wholeNanoseconds / 1_000_000
  }

  /// When the binding was registered and when it ends, on the clock of the reading; nil when it has ended or may have.
  func binding(at reading: Reading) -> (registeredAt: Instant, expiresAt: Instant)? {
    guard let expiresAt, let granted, (0...Self.limit).contains(expiresAt), (0...Self.limit).contains(savedAt),
      (1...Self.limit).contains(granted), (0...Self.limit).contains(savedInstant)
    else { return nil }
    let remainingThen = min(expiresAt - savedAt, granted)
    let now = Int64(clamping: reading.now.nanoseconds / 1_000_000)
    let elapsed: Int64
    if boot != 0, boot == reading.boot, savedInstant <= now {
      elapsed = now - savedInstant
    } else {
      guard reading.wall >= savedAt - Self.tolerance else { return nil }
      elapsed = max(0, reading.wall - savedAt)
    }
    let (remaining, overflow) = remainingThen.subtractingReportingOverflow(elapsed)
    guard !overflow, remaining > 0 else { return nil }
    let end = reading.now + .milliseconds(remaining)
    // After a reboot this may be before the origin and stops there: the refresh comes earlier, not later.
    return (end - .milliseconds(granted), end)
  }
}
