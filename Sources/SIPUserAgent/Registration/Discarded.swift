import SIPMessage

/// Answers to one request that could not be used.
package struct Discarded: Sendable, Equatable {
  package var count: UInt32
  /// What was wrong with the last one.
  package var flaw: Flaw

  package init(count: UInt32, flaw: Flaw) {
    self.count = count
    self.flaw = flaw
  }
}

extension Discarded: CustomStringConvertible {
  package var description: String {
    count == 1
      ? "an answer came and could not be used: \(flaw.name)"
      : "\(count) answers came and could not be used: \(flaw.name)"
  }
}
