import Glibc
import SIPMessage

/// The two clocks that meet in the state file: the core's, which starts with the machine and never steps, and the
/// wall's, which goes on over a reboot and may be set.
package struct StateClock: Sendable {
  package var now: @Sendable () -> Instant
  /// Milliseconds since 1970.
  package var wall: @Sendable () -> Int64
  /// Tells the boots of the machine apart: instants of the same boot compare, whatever became of the wall clock.
  package var boot: Int64

  package init(now: @escaping @Sendable () -> Instant, wall: @escaping @Sendable () -> Int64, boot: Int64) {
    self.now = now
    self.wall = wall
    self.boot = boot
  }

  /// CLOCK_BOOTTIME and CLOCK_REALTIME.
  package static func system() -> StateClock {
    StateClock(
      now: { Instant(nanoseconds: UInt64(clamping: nanoseconds(CLOCK_BOOTTIME))) },
      wall: { nanoseconds(CLOCK_REALTIME) / 1_000_000 },
      boot: currentBoot())
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // Fails only for a clock that the kernel does not have.
    guard clock_gettime(clock, &time) == 0 else { preconditionFailure("no clock \(clock)") }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The first half of the kernel's random boot id; 0, which equals no boot, when it cannot be read.
  private static func currentBoot() -> Int64 {
    let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 64)
    let count = read(file, &text, text.count)
    let digits = text.prefix(max(count, 0)).filter { $0 != UInt8(ascii: "-") }.prefix(16)
    return UInt64(String(decoding: digits, as: UTF8.self), radix: 16).map { Int64(bitPattern: $0) } ?? 0
  }
}
