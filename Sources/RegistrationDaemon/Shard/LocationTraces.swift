import SIPLocation
import SIPMessage
import SIPUserAgent
import Synchronization

/// How the newest search for each next hop went, for whoever wants an account explained.
final class LocationTraces: Sendable {
  /// Next hops that are remembered. Beyond it all are forgotten, and known again with the next search.
  private static let limit = 1_024

  struct Entry: Sendable {
    let at: Instant
    let trace: LocationTrace
  }

  private let kept = Mutex<[HopURI: Entry]>([:])

  init() {}

  func keep(_ trace: LocationTrace, of hop: HopURI, at instant: Instant) {
    kept.withLock { kept in
      if kept.count >= Self.limit, kept[hop] == nil { kept = [:] }
      kept[hop] = Entry(at: instant, trace: trace)
    }
  }

  subscript(hop: HopURI) -> Entry? { kept.withLock { $0[hop] } }
}
