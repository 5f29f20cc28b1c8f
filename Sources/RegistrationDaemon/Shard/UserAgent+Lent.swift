import SIPMessage
import SIPUserAgent

/// Questions that are mutating though they change no agent: it is lent to them, and whoever owns one would copy it for
/// any other.
extension UserAgent {
  /// Takes out what means nothing any more among the timers from this index on.
  mutating func keepArmed(in timers: inout [(TimerID, Instant)], from start: Int) {
    var kept = start
    for index in start..<timers.count where isArmed(timers[index].0) {
      if kept < index { timers[kept] = timers[index] }
      kept += 1
    }
    timers.removeLast(timers.count - kept)
  }

  mutating func lentAccount(of id: AccountID) -> SIPUserAgent.Account? { account(of: id) }
}
