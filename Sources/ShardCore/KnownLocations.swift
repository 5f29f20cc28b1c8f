import SIPMessage
import SIPUserAgent

/// Where URIs lead that are addresses themselves, for a few seconds: nothing has to be looked up for them (RFC 3263 §4.2),
/// and the local end of the way changes with the network only.
struct KnownLocations: Sendable {
  /// Next hops that are kept. Beyond it all are forgotten, and asked for once more.
  static let limit = 256
  /// A change of the network that nobody told of is noticed as soon.
  static let lifetime: Duration = .seconds(5)

  private struct Known: Sendable {
    var location: Location
    var until: Instant
  }

  private var known: [HopURI: Known] = [:]
  /// Most go where the one before went.
  private var latest: (hop: HopURI, known: Known)?

  mutating func keep(_ location: Location, of hop: HopURI, now: Instant) {
    // What leads nowhere may lead somewhere at any time.
    guard case .ways = location else { return }
    if known.count >= Self.limit { known = [:] }
    let new = Known(location: location, until: now + Self.lifetime)
    known[hop] = new
    latest = (hop, new)
  }

  /// nil: it has to be looked up.
  mutating func location(of hop: HopURI, now: Instant) -> Location? {
    if latest?.hop != hop { latest = known[hop].map { (hop, $0) } }
    guard let known = latest?.known, now < known.until else { return nil }
    return known.location
  }

  mutating func removeAll() { (known, latest) = ([:], nil) }
}
