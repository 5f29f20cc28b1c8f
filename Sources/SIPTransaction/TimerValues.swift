/// The timers of RFC 3261 §17, Table 4, as far as non-INVITE transactions have them.
package struct TimerValues: Sendable, Hashable {
  /// Round-trip estimate.
  package var t1: Duration = .milliseconds(500)
  /// Longest interval between retransmissions of a non-INVITE request.
  package var t2: Duration = .seconds(4)
  /// Longest a message stays in the network.
  package var t4: Duration = .seconds(5)

  package init() {}

  package static let standard = TimerValues()

  /// A client gives up: 64 × T1. As a plain product: that of Duration goes through a generic number.
  package var timerF: Duration { Duration(attoseconds: t1.attoseconds * 64) }
  /// A server stops repeating its final response: 64 × T1, 0 on a reliable transport.
  package func timerJ(isReliable: Bool) -> Duration { isReliable ? .zero : t1 * 64 }
}
