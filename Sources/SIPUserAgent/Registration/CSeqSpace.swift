import SIPMessage

/// The CSeq numbers of one Call-ID (RFC 3261 §10.2.4): they rise by one, also over a crash. They are
/// reserved ahead, each account's by its ceiling or all of them at once: no number above what is reserved was ever sent,
/// so whoever resumes begins there.
package struct CSeqSpace: Sendable, Equatable {
  /// How many numbers one write to the store is good for.
  package static let reserve: UInt32 = 64
  /// Fewer than these left: ask for more, so that nobody waits for the disk.
  package static let reorder: UInt32 = 16

  /// The next number.
  package private(set) var next: UInt32
  /// Asked for.
  package private(set) var ceiling: UInt32
  /// Safe.
  private var acknowledged: UInt32

  /// - Parameters:
  ///   - ceiling: of the former process; 1 for a new Call-ID
  ///   - reserved: how many numbers from there on are safe already
  package init(from ceiling: UInt32 = 1, reserved: UInt32 = 0) {
    next = max(ceiling, 1)
    self.ceiling = next + reserved
    acknowledged = self.ceiling
  }

  /// The highest that may have been sent: what a registrar knows, or after a crash a little more. 0 before the first.
  package var last: UInt32 { next - 1 }
  /// Whether the next number is below what is safe.
  package var isAvailable: Bool { next < acknowledged }
  package var isRunningLow: Bool { next + Self.reorder >= ceiling }

  /// The ceiling to store next.
  package mutating func extend() { ceiling = next + Self.reserve }

  package mutating func stored(_ ceiling: UInt32) { acknowledged = max(acknowledged, min(ceiling, self.ceiling)) }

  package mutating func take() -> UInt32 {
    precondition(isAvailable, "CSeq \(next) is not below the stored ceiling \(acknowledged)")
    defer { next += 1 }
    return next
  }

  /// Whether a Call-ID with this ceiling still has room below 2³¹ (§8.1.1.5).
  package static func hasRoom(_ ceiling: UInt32) -> Bool { ceiling < CSeq.maximum - 1_000_000 }
}
