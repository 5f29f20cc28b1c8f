/// The timers of RFC 3261 §17, Table 4, and those of RFC 6026. Timers A, E and G begin with T1 and double.
package struct TimerValues: Sendable, Hashable {
  /// Round-trip estimate.
  package var t1: Duration = .milliseconds(500)
  /// Longest interval between retransmissions of a non-INVITE request and of a response to INVITE.
  package var t2: Duration = .seconds(4)
  /// Longest a message stays in the network.
  package var t4: Duration = .seconds(5)
  /// A server answers an INVITE with 100 when its user has not answered for so long (§17.2.1).
  package var trying: Duration = .milliseconds(200)

  package init() {}

  package static let standard = TimerValues()

  /// 64 × T1, after which everybody gives up. As a plain product: that of Duration goes through a generic number.
  private var limit: Duration { Duration(attoseconds: t1.attoseconds * 64) }

  /// The client of an INVITE gives up.
  package var timerB: Duration { limit }
  /// The client of an INVITE acknowledges no more repetitions of a final response but 2xx.
  package func timerD(isReliable: Bool) -> Duration { isReliable ? .zero : max(.seconds(32), limit) }
  /// The client of any other request gives up.
  package var timerF: Duration { limit }
  /// The server of an INVITE waits for the ACK.
  package var timerH: Duration { limit }
  /// The server of an INVITE absorbs more copies of the ACK.
  package func timerI(isReliable: Bool) -> Duration { isReliable ? .zero : t4 }
  /// The server of any other request stops repeating its final response.
  package func timerJ(isReliable: Bool) -> Duration { isReliable ? .zero : limit }
  /// The server of an INVITE that was answered with 2xx absorbs repetitions of it (RFC 6026 §8.7).
  package var timerL: Duration { limit }
  /// The client of an INVITE that was answered with 2xx passes more of these on (RFC 6026 §8.4).
  package var timerM: Duration { limit }
}
