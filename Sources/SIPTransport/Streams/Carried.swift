import NIOCore

/// The tokens of the requests that a connection carried lately: when it ends, those among them that have no answer get
/// none. Nobody tells when an answer comes, so each stays for the time that a transaction takes.
struct Carried {
  /// Beyond it the oldest are forgotten, and end by Timer F: some 500 requests a second are kept in full.
  static let limit = 16_384
  /// Room that an idle connection keeps.
  private static let usualRoom = 64

  private var requests = CircularBuffer<(token: UInt64, at: NIODeadline)>()

  init() {}

  mutating func note(_ token: UInt64, now: NIODeadline, patience: TimeAmount) {
    forget(before: now - patience)
    if requests.count >= Self.limit { requests.removeFirst() }
    requests.append((token, now))
  }

  /// In the order in which they were sent.
  var tokens: [UInt64] { requests.map(\.token) }

  private mutating func forget(before deadline: NIODeadline) {
    while let first = requests.first, first.at < deadline { requests.removeFirst() }
    if requests.isEmpty, requests.capacity > Self.usualRoom { requests = CircularBuffer() }
  }
}
