import SIPTransport

/// Tells when the memory that a burst took is nobody's any more: not while messages come, or it would be taken again,
/// page by page, and not before the records of a burst have been written, a few seconds after its last message.
struct BurstWatch {
  /// Between two looks.
  static let interval: Duration = .seconds(2)
  /// Messages between two looks that make a burst.
  static let burst: UInt64 = 500
  /// Looks after it.
  static let rest = 4
  /// Looks until it is time anyhow; what an operator asks for takes memory, too.
  static let longest = 60

  private var last: UInt64 = 0
  private var peak: UInt64 = 0
  private var quiet = 0
  // What was read at the start is a burst.
  private var looks = Self.longest - Self.rest

  init() {}

  /// - Parameter messages: how many there have been, in both directions
  mutating func isOver(messages: UInt64) -> Bool {
    let fresh = messages - last
    last = messages
    peak = max(peak, fresh)
    quiet = fresh <= peak / 4 ? quiet + 1 : 0
    looks += 1
    guard looks >= Self.longest || peak >= Self.burst && quiet >= Self.rest else { return false }
    (peak, quiet, looks) = (0, 0, 0)
    return true
  }
}

extension TransportCounters {
  /// In both directions.
  var messages: UInt64 { datagramsIn + datagramsOut + streamMessagesIn + streamMessagesOut }
}
