import SIPTransaction
import SIPUserAgent

extension UserAgent {
  /// Takes out what means nothing any more among the timers from the index on.
  ///
  /// It changes no agent, and is mutating for that the agent is lent to it: whoever owns one copies it for a question.
  mutating func removeStale(from timers: inout [(TimerID, Instant)], behind start: Int) {
    var kept = start
    for index in start..<timers.count where isArmed(timers[index].0) {
      if kept < index { timers[kept] = timers[index] }
      kept += 1
    }
    timers.removeLast(timers.count - kept)
  }
}
