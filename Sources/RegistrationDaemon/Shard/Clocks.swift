import Glibc
import RegistrationControl
import SIPMessage

/// The time that registrars count in: CLOCK_BOOTTIME goes on while the machine sleeps, and no operator can set it.
package enum BootClock {
  package static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }
}

/// The time of day: for display and for what is stored, never for planning.
package struct WallClock: Sendable {
  /// A moment of both clocks.
  private let instant: Instant
  private let milliseconds: Int64

  /// Pairs the clocks as they are now: a correction of the time of day is in it.
  package init() {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    instant = BootClock.now
    milliseconds = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  package static var now: Timestamp { Timestamp(milliseconds: WallClock().milliseconds) }

  package func timestamp(of instant: Instant) -> Timestamp {
    Timestamp(milliseconds: milliseconds + (instant - self.instant).wholeNanoseconds / 1_000_000)
  }
}
