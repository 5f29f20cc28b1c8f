/// A moment of wall time, as the control interface carries it: seconds since the Unix epoch, kept to the millisecond.
/// It is for display only; the daemon plans by its own monotonic clock.
package struct Timestamp: Codable, Sendable, Hashable, Comparable {
  /// Milliseconds, so that equality survives the way through JSON.
  package let milliseconds: Int64

  package init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  package init(seconds: Double) {
    milliseconds = Int64(exactly: (seconds * 1000).rounded()) ?? 0
  }

  package var seconds: Double { Double(milliseconds) / 1000 }

  package init(from decoder: any Decoder) throws {
    self.init(seconds: try decoder.singleValueContainer().decode(Double.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(seconds)
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// Seconds from `other` to here, negative when this was earlier.
  package func seconds(since other: Timestamp) -> Double {
    Double(milliseconds - other.milliseconds) / 1000
  }
}
