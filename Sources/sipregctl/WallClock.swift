import Glibc
import RegistrationControl

/// The time that the reader's clock shows.
enum WallClock {
  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// "09:12:31.123" in local time.
  static func timeOfDay(_ moment: Timestamp) -> String {
    let (seconds, milliseconds) = moment.milliseconds.quotientAndRemainder(dividingBy: 1_000)
    var time = time_t(seconds)
    var local = tm()
    localtime_r(&time, &local)
    let parts = [local.tm_hour, local.tm_min, local.tm_sec].map { padded(Int($0), to: 2) }
    return parts.joined(separator: ":") + "." + padded(Int(milliseconds.magnitude), to: 3)
  }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
