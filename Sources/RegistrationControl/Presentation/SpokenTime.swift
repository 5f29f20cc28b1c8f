/// Times as a person says them.
package enum SpokenTime {
  /// "12 s", "41 min", "2 h 3 min", "5 d 1 h": the two largest units that say something, rounded down.
  package static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "for ever" }
    let whole = Int(max(0, seconds))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3_600: return "\(whole / 60) min"
    case ..<86_400: return both(whole / 3_600, "h", whole % 3_600 / 60, "min")
    default: return both(whole / 86_400, "d", whole % 86_400 / 3_600, "h")
    }
  }

  package static func words(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    return Self.duration(seconds: Double(seconds) + Double(attoseconds) / 1e18)
  }

  /// "in 41 min", "12 s ago", "now".
  package static func relative(_ moment: Timestamp, to now: Timestamp) -> String {
    let distance = moment.seconds(since: now)
    if abs(distance) < 1 { return "now" }
    return distance > 0 ? "in \(duration(seconds: distance))" : "\(duration(seconds: -distance)) ago"
  }

  private static func both(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
    small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
  }
}

/// Numbers as a person reads them.
package enum SpokenNumber {
  /// "100,000".
  package static func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var end = digits.count
    while end > 3 {
      end -= 3
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: end))
    }
    return number < 0 ? "-" + digits : digits
  }

  /// "1 account", "2,000 accounts".
  package static func counted(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// "98.5 %", rounded down so that only all of them are 100 %.
  package static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "0 %" }
    let perMille = part * 1_000 / whole
    return perMille % 10 == 0 ? "\(perMille / 10) %" : "\(perMille / 10).\(perMille % 10) %"
  }
}
