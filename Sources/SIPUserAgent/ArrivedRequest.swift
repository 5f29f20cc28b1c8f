import SIPMessage

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
