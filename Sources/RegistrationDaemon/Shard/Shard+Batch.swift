import SIPMessage
import SIPTransport
import SIPUserAgent

extension Shard {
  /// What a batch comes to, by who it is for.
  struct Batch {
    var effects: [Effect] = []
    var underWay: [Effect] = []
    var outbound: [Outbound] = []
    var timers: [(TimerID, Instant)] = []
    var hasReservation = false
    var happenings: [Happening] = []
    var forgotten: [String] = []
    var stopped = 0
    /// The latest next hop that was an address: in a batch many ask for the same.
    var located: (uri: URI, location: Location)?

    /// The room that it took, if the next one may need as much.
    consuming func emptied() -> Batch {
      guard max(timers.capacity, outbound.capacity, effects.capacity, underWay.capacity) <= Limits.usualBatch else {
        return Batch()
      }
      var empty = Batch()
      swap(&empty.effects, &effects)
      swap(&empty.underWay, &underWay)
      swap(&empty.outbound, &outbound)
      swap(&empty.timers, &timers)
      empty.outbound.removeAll(keepingCapacity: true)
      empty.timers.removeAll(keepingCapacity: true)
      return empty
    }
  }
}
