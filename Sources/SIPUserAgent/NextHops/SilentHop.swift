import SIPMessage

/// A next hop, or a registrar beyond it, that fails whoever sends there.
package struct SilentHop: Sendable, Equatable {
  package var uri: URI
  /// That fails, while others beyond the same hop answer; nil: the hop itself does.
  package var registrar: URI?
  package var since: Instant
  /// Accounts in line.
  package var waiting: Int
  /// The name of the account that asks it at present.
  package var prober: String?
  /// The name of the account that asks it next, unless one does.
  package var nextProber: String?
  /// When the next one asks, unless one does.
  package var nextProbe: Instant
}

extension SilentHop {
  /// Two domains beyond the same hop.
  func joined(by other: Self) -> Self {
    Self(
      uri: uri, registrar: registrar, since: min(since, other.since), waiting: waiting + other.waiting,
      prober: prober ?? other.prober,
      nextProber: nextProber ?? other.nextProber, nextProbe: min(nextProbe, other.nextProbe))
  }
}
