import SIPMessage

/// How many refreshes are planned for each second: a new one goes where few are, so that accounts that registered
/// together do not refresh together for ever.
///
/// Looks at a few seconds of the window and takes the emptiest. That is as even as looking at all of them is, to one or
/// two refreshes, and costs the same for a window of a minute and of a day.
struct RefreshCalendar: Sendable {
  /// Seconds that are counted, from now on; what is planned for later is spread by chance alone.
  static let horizon = 4096
  /// Seconds looked at for one refresh.
  static let looks = 8

  private var loads = [UInt32](repeating: 0, count: horizon)
  /// The first second that is counted.
  private var first: UInt64 = 0

  /// An instant in the window at which few others are due; counted.
  ///
  /// - Parameter chance: which seconds are looked at follows from it
  mutating func plan(_ window: ClosedRange<Instant>, now: Instant, chance: UInt64) -> Instant {
    var random = Mixer(state: chance)
    advance(to: now)
    let start = window.lowerBound.nanoseconds
    let width = window.upperBound.nanoseconds - start
    guard width > 0 else { return counted(window.lowerBound) }
    var best = window.lowerBound
    var least = UInt32.max
    // One look in each part of the window.
    let part = width / UInt64(Self.looks)
    for look in 0..<UInt64(Self.looks) {
      let instant = Instant(nanoseconds: start + look * part + random.below(part + 1))
      let load = self.load(at: instant)
      // Among equals by chance, lest the first part fill up before the others.
      guard load < least || (load == least && random.below(look + 1) == 0) else { continue }
      (best, least) = (instant, load)
    }
    return counted(best)
  }

  /// A refresh that was planned does not come, or came at another time.
  mutating func cancel(_ instant: Instant, now: Instant) {
    advance(to: now)
    guard let index = index(of: instant), loads[index] > 0 else { return }
    loads[index] -= 1
  }

  private func load(at instant: Instant) -> UInt32 { index(of: instant).map { loads[$0] } ?? 0 }

  private mutating func counted(_ instant: Instant) -> Instant {
    if let index = index(of: instant) { loads[index] += 1 }
    return instant
  }

  private static func second(_ instant: Instant) -> UInt64 { instant.nanoseconds / 1_000_000_000 }

  private func index(of instant: Instant) -> Int? {
    let second = Self.second(instant)
    guard second >= first, second - first < UInt64(Self.horizon) else { return nil }
    return Int(second % UInt64(Self.horizon))
  }

  private mutating func clear(_ range: Range<Int>) {
    var loads = loads.mutableSpan
    for index in range { loads[index] = 0 }
  }

  /// Seconds that are over are free for those that come.
  private mutating func advance(to now: Instant) {
    let second = Self.second(now)
    guard second > first else { return }
    let past = Int(min(second - first, UInt64(Self.horizon)))
    let start = Int(first % UInt64(Self.horizon))
    clear(start..<min(start + past, Self.horizon))
    clear(0..<max(start + past - Self.horizon, 0))
    first = second
  }
}

/// Many numbers from one, as evenly as a calendar needs them (SplitMix64).
private struct Mixer {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// One of 0..<limit; a division takes longer, and what it is fairer by is nothing here.
  mutating func below(_ limit: UInt64) -> UInt64 { next().multipliedFullWidth(by: limit).high }
}
