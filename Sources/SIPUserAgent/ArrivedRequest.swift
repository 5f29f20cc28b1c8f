import SIPMessage
import SIPTransaction

/// A request of somebody else's that is worth telling of, and what became of it.
package struct ArrivedRequest: Sendable, Equatable {
  package enum Outcome: Sendable, Equatable {
    case answered(status: Int)
    case dropped(Flaw)
  }

  package var method: String
  /// From and Request-URI as they came, fit for a terminal and shortened.
  package var from: String
  package var to: String
  package var source: Target
  /// What a NOTIFY is about (RFC 6665), and a word of it; nil for other methods.
  package var subject: String?
  package var outcome: Outcome
  /// Whose it is, where that is known.
  package var account: AccountID?
  /// Requests of this kind that were not told of since the last one that was.
  package var untold: Int
}

/// What came from others, by what it was.
package struct RequestTally: Sendable, Equatable {
  package var invites = 0
  package var options = 0
  package var notices = 0
  package var others = 0

  package init() {}

  mutating func count(_ method: Method) {
    switch method {
    case .invite: invites += 1
    case .options: options += 1
    case .notify: notices += 1
    case .ack, .bye, .cancel, .info, .message, .other, .prack, .publish, .refer, .register, .subscribe, .update:
      others += 1
    }
  }
}

/// Lets a few reports through at once, and then one at a time: what strangers send must not fill a journal.
struct ReportGate: Sendable {
  /// At once.
  private static let burst = 10
  /// Between two in the long run: 600 an hour.
  private static let interval: Duration = .seconds(6)

  private var passed = 0
  private var since = Instant.origin
  private var untold = 0

  /// - Returns: how many did not get through since the last one that did; nil: neither does this one.
  mutating func pass(now: Instant) -> Int? {
    while passed > 0, since + Self.interval <= now {
      passed -= 1
      since = passed == 0 ? now : since + Self.interval
    }
    guard passed < Self.burst else {
      untold += 1
      return nil
    }
    if passed == 0 { since = now }
    passed += 1
    defer { untold = 0 }
    return untold
  }
}

/// One for each kind, so that none is silenced by another.
struct ReportGates: Sendable {
  var invites = ReportGate()
  var notices = ReportGate()
  var dropped = ReportGate()
  /// Answers that could not be used.
  var discarded = ReportGate()
}

extension ArraySlice<UInt8> {
  /// For people: control characters (C0, DEL, C1) become spaces, and so many characters are enough.
  func shown(_ limit: Int = 96) -> String {
    // A character has 4 bytes at most.
    let scalars = prefix(4 * limit).text.unicodeScalars
    let text = String(
      scalars.prefix(limit).map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0) })
    return scalars.count > limit ? text + "…" : text
  }
}
